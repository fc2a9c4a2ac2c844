#include "app/accounts.h"

#include "app/client_keys.h"
#include "app/client_records.h"
#include "app/draft.h"
#include "app/keys.h"
#include "app/mails.h"
#include "app/passwords.h"
#include "base/limits.h"
#include "base/text.h"

namespace orderly::app {

namespace {

constexpr std::size_t kTokenBytes = 20;
constexpr std::string_view kTokenPrefix = "ot_";

[[noreturn]] void throw_sign_in_failed() {
  throw Error(ErrorCode::kUnauthenticated, "sign-in-failed", "The e-mail address or the password is wrong.");
}

[[noreturn]] void throw_invalid_one_time_token() {
  throw Error(ErrorCode::kUnauthenticated, "invalid-one-time-token",
              "The code or the password is wrong, or the code was used or is over.");
}

std::string make_token(App& app) {
  std::array<std::uint8_t, kTokenBytes> secret;
  app.random.fill(secret);
  return std::string(kTokenPrefix) + to_hex(secret);
}

ports::Key key_of(const App& app, std::string_view token) {
  return keys::one_time_token(base64url_encode(app.crypto.sha256(token)));
}

Task<std::optional<OneTimeToken>> find_token(App& app, std::string token, OneTimePurpose purpose) {
  const auto record = co_await app.store.get(key_of(app, token));
  if (!record) co_return std::nullopt;
  auto found = json::read_stored<OneTimeToken>(record->document);
  if (found.purpose != purpose) co_return std::nullopt;
  co_return found;
}

void write_token(App& app, Draft& draft, std::string_view token, const OneTimeToken& content, Time ends) {
  ports::Put put;
  put.key = key_of(app, token);
  put.document = json::write(content);
  put.expires_at = ends;
  draft.write(std::move(put));
}

// So that of two who use it at once only one does.
void use_up(App& app, Draft& draft, std::string_view token) {
  draft.write(ports::Remove{key_of(app, token), ports::AtVersion{1}});
}

// Who signs in or up is nobody yet; from here on it is the client.
Caller as_client(Caller caller, const ClientId& id) {
  caller.name = "client:" + id.text;
  return caller;
}

struct Holder {
  std::optional<domain::Client> client;
  std::optional<Account> account;
};

// Who has the e-mail address, if anybody. As many reads where nobody has it, so that time does not tell.
Task<Holder> find_holder(App& app, const domain::EmailAddress& email) {
  const auto found = co_await find_client_by_email(app, email);
  const std::string id = found.value_or(ClientId::make(app.clock.now(), make_entropy(app)).text);
  Holder holder;
  holder.client = co_await find_client(app, id);
  holder.account = co_await find_account(app, id);
  if (!holder.client) holder.account.reset();
  co_return holder;
}

// What a token for a new password is made for: it is over when the e-mail address or the password is another.
std::string binding_of(const App& app, const domain::EmailAddress& email, std::string_view password_hash) {
  std::string whole = hash_of(app, email);
  whole += password_hash;
  return base64url_encode(app.crypto.sha256(whole));
}

Account new_account(const ClientId& client_id, std::string password_hash, Time now) {
  Account account;
  account.client_id = client_id;
  account.password_hash = std::move(password_hash);
  account.password_changed_at = now;
  account.created_at = now;
  return account;
}

// Everybody is signed out, and who changed it is signed in anew.
SessionView replace_password(App& app, Draft& draft, Account account, std::string password_hash) {
  const ports::AtVersion before{static_cast<std::uint64_t>(account.version)};
  account.password_hash = std::move(password_hash);
  account.password_changed_at = draft.now();
  ++account.epoch;
  ++account.version;
  write_account(draft, account, before);
  return begin_session(app, draft, account);
}

Task<void> tell_of_change(App& app, Draft& draft, const domain::Client& client) {
  const auto profile = co_await open_profile(app, client);
  if (app.notifier == nullptr || !profile || !profile->email) co_return;
  const ClientSeal seal = co_await client_seal(app, draft, client.id.text);
  send_letter(draft, seal, client.id.text, MailKind::kPasswordChanged, {profile->email->text, ""});
}

// Under a key that is kept nowhere: for a letter that is written so that nobody can tell, and never read.
ClientSeal nobodys_seal(App& app, std::string client_id) {
  ports::SecretKey key;
  app.random.fill(key);
  return {app, std::move(client_id), key};
}

MailSentView mail_sent() { return {"If the address can have an account here, a mail is on its way to it."}; }

Task<void> sign_up_once(App& app, const Caller& caller, const SignUp& command, const std::string& password_hash) {
  const Holder holder = co_await find_holder(app, command.email);
  Draft draft(app, caller);
  OneTimeToken content;
  content.is_new_client = !holder.client;
  content.client_id = holder.client ? holder.client->id : ClientId::make(draft.now(), make_entropy(app));
  content.password_hash = password_hash;
  const Time ends = draft.now() + limits::kSignUpKept;
  const ClientSeal seal = co_await client_seal(app, draft, content.client_id.text, ends);
  content.sealed = seal.seal(json::write(ClientProfile{command.email, command.name, {}, {}, {}}));
  const std::string token = make_token(app);
  const MailKind kind = holder.account ? MailKind::kAccountExists : MailKind::kVerifyEmail;
  send_letter(draft, seal, content.client_id.text, kind, {command.email.text, token});
  write_token(app, draft, token, content, ends);  // of one that has an account nobody learns it: no mail says it
  if (holder.client) require_unchanged(draft, *holder.client);  // where there is none, a key is written
  co_await draft.commit();
}

// The client of a token that was verified: made now, or there already.
Task<void> settle_client(App& app, Draft& draft, const OneTimeToken& content) {
  const auto profile_text = co_await unseal(app, content.client_id.text, content.sealed);
  if (!profile_text) throw_invalid_one_time_token();
  const auto profile = json::read_stored<ClientProfile>(*profile_text);
  if (!content.is_new_client) {
    const auto client = co_await find_client(app, content.client_id.text);
    const auto holder = co_await find_client_by_email(app, profile.email.value());
    if (!client || client->status == domain::ClientStatus::kErased || holder != client->id.text) {
      throw_invalid_one_time_token();
    }
    require_unchanged(draft, *client);
    co_return;
  }
  if (co_await find_client_by_email(app, profile.email.value())) throw_email_taken();
  if (!co_await keep_client_key(app, draft, content.client_id.text)) throw_invalid_one_time_token();
  write_lookups(draft, content.client_id, {}, lookups_of(app, profile));
  domain::ClientContent client_content;
  client_content.currency = app.settings.currency;
  client_content.sealed = content.sealed;
  domain::ClientChange change = domain::create_client(content.client_id, std::move(client_content), draft.now());
  write_client(draft, nullptr, change);
}

Task<SessionView> verify_once(App& app, const Caller& caller, const VerifyEmail& command, const OneTimeToken& content) {
  if (co_await find_account(app, content.client_id.text)) throw_invalid_one_time_token();
  Draft draft(app, as_client(caller, content.client_id));
  co_await settle_client(app, draft, content);
  const Account account = new_account(content.client_id, content.password_hash, draft.now());
  write_account(draft, account, ports::Absent{});
  use_up(app, draft, command.token);
  SessionView session = begin_session(app, draft, account);
  co_await draft.commit();
  co_return session;
}

json::Rule password_rule(std::string_view name) { return json::field(name).text(1, limits::kPasswordBytesMax); }
json::Rule new_password_rule(std::string_view name) {
  return json::field(name).text(limits::kPasswordCharactersMin, limits::kPasswordCharactersMax);
}
json::Rule token_rule() { return json::field("token").text(1, limits::kIdMax).says("From the mail."); }

}  // namespace

std::vector<json::Rule> json_rules(const SignUp*) {
  return {new_password_rule("password"), json::field("name").text(1, limits::kTextMax).free_text()};
}
std::vector<json::Rule> json_rules(const VerifyEmail*) {
  return {token_rule(), password_rule("password").says("The one that was chosen at sign-up.")};
}
std::vector<json::Rule> json_rules(const SignIn*) { return {password_rule("password")}; }
std::vector<json::Rule> json_rules(const ChangePassword*) {
  return {password_rule("current_password"), new_password_rule("new_password")};
}
std::vector<json::Rule> json_rules(const ResetPassword*) { return {token_rule(), new_password_rule("new_password")}; }
std::vector<json::Rule> json_rules(const OneTimeToken*) {
  return {json::field("is_new_client").brief(), json::field("sealed").brief(), json::field("password_hash").brief(),
          json::field("binding").brief()};
}

Task<MailSentView> sign_up(App& app, Caller caller, SignUp command) {
  require_mail(app);
  require_good_password(command.password, "/password");
  const std::string password_hash = co_await hash_password(app, command.password);
  co_await run(app, [&]() -> Task<bool> {
    co_await sign_up_once(app, caller, command, password_hash);
    co_return true;
  });
  co_return mail_sent();
}

Task<SessionView> verify_email(App& app, Caller caller, VerifyEmail command) {
  const auto content = co_await find_token(app, command.token, OneTimePurpose::kVerifyEmail);
  const auto hash = content ? std::optional(content->password_hash) : std::nullopt;
  const PasswordVerdict verdict = co_await verify_password(app, hash, command.password);
  if (!content || !verdict.is_right) throw_invalid_one_time_token();
  co_return co_await run(app, [&]() -> Task<SessionView> { return verify_once(app, caller, command, *content); });
}

Task<SessionView> sign_in(App& app, Caller caller, SignIn command) {
  const Holder holder = co_await find_holder(app, command.email);
  const auto hash = holder.account ? std::optional(holder.account->password_hash) : std::nullopt;
  const PasswordVerdict verdict = co_await verify_password(app, hash, command.password);
  if (!verdict.is_right) throw_sign_in_failed();
  std::optional<std::string> better_hash;
  if (verdict.is_outdated) better_hash = co_await hash_password(app, command.password);
  co_return co_await run(app, [&]() -> Task<SessionView> {
    auto account = co_await find_account(app, holder.account->client_id.text);
    if (!account || account->password_hash != *hash) throw_sign_in_failed();  // changed meanwhile
    Draft draft(app, as_client(caller, account->client_id));
    if (better_hash) {
      const ports::AtVersion before{static_cast<std::uint64_t>(account->version)};
      account->password_hash = *better_hash;
      ++account->version;
      write_account(draft, *account, before);
    }
    SessionView session = begin_session(app, draft, *account);
    co_await draft.commit();
    co_return session;
  });
}

Task<SessionView> change_password(App& app, Caller caller, ChangePassword command) {
  require_good_password(command.new_password, "/new_password");
  const auto client = co_await find_client(app, caller.client_id);
  const auto known = client ? co_await find_account(app, caller.client_id) : std::nullopt;
  if (!known) throw_not_found("account");
  const PasswordVerdict verdict = co_await verify_password(app, known->password_hash, command.current_password);
  if (!verdict.is_right) throw_sign_in_failed();
  const std::string hash = co_await hash_password(app, command.new_password);
  SessionView session = co_await run(app, [&]() -> Task<SessionView> {
    const auto account = co_await find_account(app, caller.client_id);
    if (!account || account->password_hash != known->password_hash) throw_sign_in_failed();
    Draft draft(app, caller);
    SessionView fresh = replace_password(app, draft, *account, hash);
    co_await tell_of_change(app, draft, *client);
    co_await draft.commit();
    keep_epoch(app, caller.client_id, account->epoch + 1, draft.now());
    co_return fresh;
  });
  co_return session;
}

Task<MailSentView> request_password_reset(App& app, Caller caller, RequestPasswordReset command) {
  require_mail(app);
  co_await run(app, [&]() -> Task<bool> {
    const Holder holder = co_await find_holder(app, command.email);
    Draft draft(app, caller);
    const std::string token = make_token(app);
    const Time ends = draft.now() + limits::kPasswordResetKept;
    OneTimeToken content;
    content.purpose = OneTimePurpose::kResetPassword;
    content.client_id = holder.account ? holder.account->client_id : ClientId::make(draft.now(), make_entropy(app));
    content.binding = binding_of(app, command.email, holder.account ? holder.account->password_hash : token);
    const ClientSeal seal = holder.account ? co_await client_seal(app, draft, content.client_id.text, ends)
                                           : nobodys_seal(app, content.client_id.text);
    send_letter(draft, seal, content.client_id.text, MailKind::kResetPassword, {command.email.text, token});
    write_token(app, draft, token, content, ends);
    co_await draft.commit();
    co_return true;
  });
  co_return mail_sent();
}

Task<SessionView> reset_password(App& app, Caller caller, ResetPassword command) {
  require_good_password(command.new_password, "/new_password");
  if (!co_await find_token(app, command.token, OneTimePurpose::kResetPassword)) throw_invalid_one_time_token();
  const std::string hash = co_await hash_password(app, command.new_password);
  co_return co_await run(app, [&]() -> Task<SessionView> {
    const auto content = co_await find_token(app, command.token, OneTimePurpose::kResetPassword);
    const auto client = content ? co_await find_client(app, content->client_id.text) : std::nullopt;
    const auto account = client ? co_await find_account(app, content->client_id.text) : std::nullopt;
    const auto profile = account ? co_await open_profile(app, *client) : std::nullopt;
    const bool is_good =
        profile && profile->email && content->binding == binding_of(app, *profile->email, account->password_hash);
    if (!is_good) throw_invalid_one_time_token();
    Draft draft(app, as_client(caller, account->client_id));
    SessionView session = replace_password(app, draft, *account, hash);
    use_up(app, draft, command.token);
    co_await tell_of_change(app, draft, *client);
    co_await draft.commit();
    keep_epoch(app, account->client_id.text, account->epoch + 1, draft.now());
    co_return session;
  });
}

}  // namespace orderly::app
