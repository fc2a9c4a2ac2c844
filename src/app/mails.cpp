#include "app/mails.h"

#include "base/error.h"
#include "base/limits.h"

namespace orderly::app {

namespace {

std::string greeting_of(const App& app) { return "\n\n" + app.settings.seller.name + "\n"; }

// Where the shop has pages, a link to the one that takes the token; otherwise the token itself. Behind a '#', which
// browsers neither send nor tell other pages.
std::string how_to_use(const App& app, std::string_view page, const std::string& token) {
  if (app.settings.public_url.empty()) return "Your code:\n\n" + token;
  return app.settings.public_url + "/" + std::string(page) + "#token=" + token;
}

std::string hours(std::chrono::hours time) {
  return std::to_string(time.count()) + (time.count() == 1 ? " hour" : " hours");
}

ports::Mail mail_of(const App& app, MailKind kind, const Letter& letter) {
  const std::string& shop = app.settings.seller.name;
  ports::Mail mail;
  mail.to = letter.to;
  switch (kind) {
    case MailKind::kVerifyEmail:
      mail.subject = "Please confirm your e-mail address";
      mail.text = "Somebody, probably you, opened an account at " + shop +
                  " with this e-mail address.\nTo confirm that it is yours, within " + hours(limits::kSignUpKept) +
                  ":\n\n" + how_to_use(app, "verify", letter.token) +
                  "\n\nYou will be asked for the password that you chose. If it was not you, do nothing.";
      break;
    case MailKind::kAccountExists:
      mail.subject = "You have an account already";
      mail.text = "Somebody, probably you, tried to open an account at " + shop +
                  " with this e-mail address, which has one already.\nSign in, or have your password reset. If it was "
                  "not you, do nothing.";
      break;
    case MailKind::kResetPassword:
      mail.subject = "A new password";
      mail.text = "Somebody, probably you, asked for a new password at " + shop + ".\nTo choose one, within " +
                  hours(limits::kPasswordResetKept) + ":\n\n" + how_to_use(app, "reset", letter.token) +
                  "\n\nIf it was not you, do nothing: your password stays as it is.";
      break;
    case MailKind::kPasswordChanged:
      mail.subject = "Your password was changed";
      mail.text = "The password of your account at " + shop +
                  " was changed just now, and everybody who was signed in there is signed out.\nIf it was not you, "
                  "have it reset at once.";
      break;
  }
  mail.text += greeting_of(app);
  return mail;
}

Task<void> acknowledge(App& app, const ports::Message& message) {
  Draft draft(app, worker("mails"));
  draft.acknowledge(message.receipt);
  try {
    co_await draft.commit();
  } catch (const AlreadyDone&) {
  }
}

// False: it will never be taken.
Task<bool> send(App& app, ports::Mail mail) {
  try {
    co_await app.notifier->send_mail(std::move(mail));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kRefused) throw;
    co_return false;
  }
  co_return true;
}

}  // namespace

std::vector<json::Rule> json_rules(const Letter*) { return {json::field("token").brief()}; }

void require_mail(const App& app) {
  if (app.notifier != nullptr) return;
  throw Error(ErrorCode::kUnavailable, "mail-not-set-up", "This shop cannot send mail yet.",
              "see the settings mail.* in the README");
}

void send_letter(Draft& draft, const ClientSeal& seal, std::string client_id, MailKind kind, const Letter& letter) {
  draft.send(ports::QueueName::kMails, MailTask{std::move(client_id), kind, seal.seal(json::write(letter))});
}

Task<void> handle_mail(App& app, ports::Message message) {
  const auto task = json::read_stored<MailTask>(message.body);
  const auto opened = co_await unseal(app, task.client_id, task.sealed);
  if (opened) {
    require_mail(app);
    const bool is_taken = co_await send(app, mail_of(app, task.kind, json::read_stored<Letter>(*opened)));
    if (!is_taken) app.monitor.alarm("mail-refused", task.client_id, json::name_of(task.kind));
  }
  co_await acknowledge(app, message);
}

}  // namespace orderly::app
