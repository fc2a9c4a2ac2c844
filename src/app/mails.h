// What a client is written. A message of the mails queue says what about; to whom, and what else is personal or secret,
// is sealed in it under the client's key, so that who is erased is not written any more.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "app/client_keys.h"
#include "app/draft.h"
#include "ports/queue.h"

namespace orderly::app {

enum class MailKind { kVerifyEmail, kAccountExists, kResetPassword, kPasswordChanged };
inline const auto& enum_names(MailKind) {
  static constexpr std::array<std::pair<MailKind, std::string_view>, 4> kNames{
      {{MailKind::kVerifyEmail, "verify_email"},
       {MailKind::kAccountExists, "account_exists"},
       {MailKind::kResetPassword, "reset_password"},
       {MailKind::kPasswordChanged, "password_changed"}}};
  return kNames;
}

struct MailTask {
  std::string client_id;
  MailKind kind = MailKind::kVerifyEmail;
  std::string sealed;  // a Letter
};
BOOST_DESCRIBE_STRUCT(MailTask, (), (client_id, kind, sealed))

struct Letter {
  std::string to;     // an e-mail address
  std::string token;  // one-time; empty where the kind needs none
};
BOOST_DESCRIBE_STRUCT(Letter, (), (to, token))
std::vector<json::Rule> json_rules(const Letter*);

// Throws Error(kUnavailable, "mail-not-set-up").
void require_mail(const App& app);

void send_letter(Draft& draft, const ClientSeal& seal, std::string client_id, MailKind kind, const Letter& letter);

// A message of the mails queue. What the notifier refuses for good is given up with an alarm that names the client's
// id.
Task<void> handle_mail(App& app, ports::Message message);

}  // namespace orderly::app
