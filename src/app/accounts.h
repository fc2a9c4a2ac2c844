// Accounts: how a client comes to sign in. An account is a password beside a client's record; it begins only once its
// e-mail address is verified, by who has both the mail's token and the password that was chosen at sign-up: so nobody
// can open an account for a mailbox that is not theirs, and nobody's click makes another's password good.
//
// No answer tells whether an e-mail address is known: sign-up and reset answer the same and do the same work either
// way, and sign-in fails the same for an unknown address as for a wrong password. One-time tokens are 160 bits of
// chance, stored hashed, used once; those for a new password end with the password or address that they were made for.
#pragma once

#include <optional>
#include <string>

#include "app/clients.h"
#include "app/sessions.h"

namespace orderly::app {

struct SignUp {
  domain::EmailAddress email;
  std::string password;
  std::string name;
};
BOOST_DESCRIBE_STRUCT(SignUp, (), (email, password, name))
std::vector<json::Rule> json_rules(const SignUp*);

struct VerifyEmail {
  std::string token;
  std::string password;
};
BOOST_DESCRIBE_STRUCT(VerifyEmail, (), (token, password))
std::vector<json::Rule> json_rules(const VerifyEmail*);

struct SignIn {
  domain::EmailAddress email;
  std::string password;
};
BOOST_DESCRIBE_STRUCT(SignIn, (), (email, password))
std::vector<json::Rule> json_rules(const SignIn*);

struct ChangePassword {
  std::string current_password;
  std::string new_password;
};
BOOST_DESCRIBE_STRUCT(ChangePassword, (), (current_password, new_password))
std::vector<json::Rule> json_rules(const ChangePassword*);

struct RequestPasswordReset {
  domain::EmailAddress email;
};
BOOST_DESCRIBE_STRUCT(RequestPasswordReset, (), (email))

struct ResetPassword {
  std::string token;
  std::string new_password;
};
BOOST_DESCRIBE_STRUCT(ResetPassword, (), (token, new_password))
std::vector<json::Rule> json_rules(const ResetPassword*);

struct MailSentView {
  std::string message;
};
BOOST_DESCRIBE_STRUCT(MailSentView, (), (message))

// Their answers are not kept: a stored hash of the body would be a hash of the password. 202; throws
// Error(kUnavailable, "mail-not-set-up").
Task<MailSentView> sign_up(App& app, Caller caller, SignUp command);
// Throws Error(kUnauthenticated, "invalid-one-time-token"), Error(kRefused, "email-taken").
Task<SessionView> verify_email(App& app, Caller caller, VerifyEmail command);
// Throws Error(kUnauthenticated, "sign-in-failed").
Task<SessionView> sign_in(App& app, Caller caller, SignIn command);
// Of the caller, who is a client; everybody else who is signed in is signed out. Throws like sign_in.
Task<SessionView> change_password(App& app, Caller caller, ChangePassword command);
Task<MailSentView> request_password_reset(App& app, Caller caller, RequestPasswordReset command);  // 202
// Everybody who is signed in is signed out. Throws Error(kUnauthenticated, "invalid-one-time-token").
Task<SessionView> reset_password(App& app, Caller caller, ResetPassword command);

enum class OneTimePurpose { kVerifyEmail, kResetPassword };
inline const auto& enum_names(OneTimePurpose) {
  static constexpr std::array<std::pair<OneTimePurpose, std::string_view>, 2> kNames{
      {{OneTimePurpose::kVerifyEmail, "verify_email"}, {OneTimePurpose::kResetPassword, "reset_password"}}};
  return kNames;
}

// What a token that was mailed is good for, under the token's hash.
struct OneTimeToken {
  OneTimePurpose purpose = OneTimePurpose::kVerifyEmail;
  ClientId client_id;
  bool is_new_client = false;  // made when the address is verified
  std::string sealed;          // its ClientProfile
  std::string password_hash;   // of verify_email
  std::string binding;         // of reset_password: hash of the e-mail address and the password that it is good for
};
BOOST_DESCRIBE_STRUCT(OneTimeToken, (), (purpose, client_id, is_new_client, sealed, password_hash, binding))
std::vector<json::Rule> json_rules(const OneTimeToken*);

}  // namespace orderly::app
