#include "app/sessions.h"

#include "app/keys.h"
#include "base/limits.h"
#include "base/text.h"

namespace orderly::app {

namespace {

constexpr std::size_t kSecretBytes = 20;
constexpr std::string_view kRefreshPrefix = "rt_";
constexpr std::size_t kRefreshTokenSize = kRefreshPrefix.size() + kIdCharacters + 2 * kSecretBytes;
constexpr std::string_view kHeader = R"({"alg":"HS256","kid":"orderly","typ":"JWT"})";
constexpr std::string_view kIssuer = "orderly";

struct AccessClaims {
  std::string iss;
  ClientId sub;
  SessionId sid;
  std::int64_t epoch = 0;
  std::int64_t iat = 0;  // seconds since 1970
  std::int64_t exp = 0;
};
BOOST_DESCRIBE_STRUCT(AccessClaims, (), (iss, sub, sid, epoch, iat, exp))

// "<header>." as it is in every token of ours.
const std::string& encoded_header() {
  static const std::string text = base64url_encode(kHeader) + ".";
  return text;
}

std::int64_t seconds_of(Time time) { return time.ms / 1000; }

std::string signature_of(const App& app, std::string_view signed_part) {
  const ports::Digest key = app.crypto.hmac_sha256(ports::bytes_of(app.master_key), "access-token");
  return base64url_encode(app.crypto.hmac_sha256(ports::bytes_of(key), signed_part));
}

std::string make_access_token(const App& app, const Session& session, Time now) {
  const AccessClaims claims{std::string(kIssuer), session.client_id, session.id,
                            session.epoch,        seconds_of(now),   seconds_of(now + limits::kAccessTokenKept)};
  std::string token = encoded_header() + base64url_encode(json::write(claims));
  const std::string signature = signature_of(app, token);
  return token + "." + signature;
}

std::string make_refresh_token(App& app, const SessionId& id) {
  std::array<std::uint8_t, kSecretBytes> secret;
  app.random.fill(secret);
  std::string text(kRefreshPrefix);
  text += id.encoded();
  return text + to_hex(secret);
}

Caller client_caller(const ClientId& id) { return {Role::kClient, id.text, id.text, "client:" + id.text}; }

std::string hash_of(const App& app, std::string_view text) { return base64url_encode(app.crypto.sha256(text)); }

std::optional<SessionId> session_in(std::string_view token) {
  if (token.size() != kRefreshTokenSize || !token.starts_with(kRefreshPrefix)) return std::nullopt;
  return SessionId::parse(std::string(SessionTag::kPrefix) +
                          std::string(token.substr(kRefreshPrefix.size(), kIdCharacters)));
}

[[noreturn]] void throw_invalid_refresh_token() {
  throw Error(ErrorCode::kUnauthenticated, "invalid-refresh-token", "This refresh token is not valid; sign in again.");
}

[[noreturn]] void throw_invalid_token(std::string detail) {
  throw Error(ErrorCode::kUnauthenticated, "invalid-token", "This token is not valid.", std::move(detail));
}

ports::Put put_of(const Session& session, ports::Condition condition, Time now) {
  ports::Put put;
  put.key = keys::session(session.id);
  put.document = json::write(session);
  put.version = static_cast<std::uint64_t>(session.version);
  put.expires_at = now + limits::kSessionKept;
  put.condition = condition;
  return put;
}

SessionView view_of(const App& app, const Session& session, std::string refresh_token, Time now) {
  return {session.client_id, make_access_token(app, session, now), "Bearer",
          std::chrono::seconds(limits::kAccessTokenKept).count(), std::move(refresh_token)};
}

Task<std::optional<Session>> find_session(App& app, std::string_view token) {
  const auto id = session_in(token);
  if (!id) co_return std::nullopt;
  const auto record = co_await app.store.get(keys::session(*id));
  if (!record) co_return std::nullopt;
  co_return json::read_stored<Session>(record->document);
}

// The epoch of the account whose tokens are good. Throws when there is no such account.
Task<std::int64_t> epoch_of(App& app, const ClientId& client_id) {
  const Time now = app.clock.now();
  if (const auto cached = app.epochs.find(client_id.text, now)) co_return *cached;
  const auto account = co_await find_account(app, client_id.text);
  if (!account) throw_invalid_token("its account is gone");
  keep_epoch(app, client_id.text, account->epoch, now);
  co_return account->epoch;
}

AccessClaims read_claims(const App& app, std::string_view token) {
  const std::size_t dot = token.rfind('.');
  const bool has_three_parts = dot != std::string_view::npos && dot >= encoded_header().size();
  if (!has_three_parts) throw_invalid_token("it has not three parts");
  const std::string_view signed_part = token.substr(0, dot);
  if (!ports::equal_in_constant_time(signature_of(app, signed_part), token.substr(dot + 1))) {
    throw_invalid_token("its signature is not ours");
  }
  const auto claims = base64url_decode(signed_part.substr(encoded_header().size()));
  if (!claims) throw_invalid_token("its claims are not base64url");
  return json::read_stored<AccessClaims>(*claims);
}

}  // namespace

void keep_epoch(App& app, const std::string& client_id, std::int64_t epoch, Time now) {
  app.epochs.keep(client_id, epoch, epoch, now);
}

std::vector<json::Rule> json_rules(const SessionView*) {
  return {
      json::field("access_token").says("Send it as Authorization: Bearer."), json::field("token_type").says("Bearer."),
      json::field("expires_in").says("Seconds for which the access token is good."),
      json::field("refresh_token").says("Good once, for the next two tokens; keep it where no script can read it.")};
}

std::vector<json::Rule> json_rules(const RefreshSession*) {
  return {json::field("refresh_token").text(1, kRefreshTokenSize)};
}

Task<std::optional<Account>> find_account(App& app, std::string client_id) {
  const auto record = co_await app.store.get(keys::account(client_id));
  if (!record) co_return std::nullopt;
  co_return json::read_stored<Account>(record->document);
}

void write_account(Draft& draft, const Account& account, ports::Condition condition) {
  ports::Put put;
  put.key = keys::account(account.client_id.text);
  put.document = json::write(account);
  put.version = static_cast<std::uint64_t>(account.version);
  put.condition = condition;
  draft.write(std::move(put));
}

SessionView begin_session(App& app, Draft& draft, const Account& account) {
  Session session;
  session.id = SessionId::make(draft.now(), make_entropy(app));
  session.client_id = account.client_id;
  session.epoch = account.epoch;
  session.created_at = draft.now();
  std::string refresh_token = make_refresh_token(app, session.id);
  session.hash = hash_of(app, refresh_token);
  draft.write(put_of(session, ports::Absent{}, draft.now()));
  return view_of(app, session, std::move(refresh_token), draft.now());
}

Task<Answer> refresh_session(App& app, RefreshSession command, RepeatKey key) {
  co_return co_await run(app, [&]() -> Task<Answer> {
    auto session = co_await find_session(app, command.refresh_token);
    if (!session) throw_invalid_refresh_token();
    Draft draft(app, client_caller(session->client_id));
    const ports::AtVersion before{static_cast<std::uint64_t>(session->version)};
    if (!ports::equal_in_constant_time(session->hash, hash_of(app, command.refresh_token))) {
      draft.write(ports::Remove{keys::session(session->id), ports::Always{}});
      co_await draft.commit();
      throw_invalid_refresh_token();
    }
    const auto account = co_await find_account(app, session->client_id.text);
    if (!account || account->epoch != session->epoch) throw_invalid_refresh_token();
    std::string refresh_token = make_refresh_token(app, session->id);
    session->hash = hash_of(app, refresh_token);
    ++session->version;
    draft.write(put_of(*session, before, draft.now()));
    Answer result = answer(200, view_of(app, *session, std::move(refresh_token), draft.now()));
    draft.remember(key, result);
    co_await draft.commit();
    co_return result;
  });
}

Task<Answer> end_session(App& app, RefreshSession command, RepeatKey key) {
  const auto session = co_await find_session(app, command.refresh_token);
  const bool is_theirs = session && ports::equal_in_constant_time(session->hash, hash_of(app, command.refresh_token));
  const Answer result = answer(200, NoContentView{});
  if (!is_theirs) co_return result;
  Draft draft(app, client_caller(session->client_id));
  draft.write(ports::Remove{keys::session(session->id), ports::Always{}});
  draft.remember(key, result);
  co_await draft.commit();
  co_return result;
}

Task<Answer> end_all_sessions(App& app, Caller caller, RepeatKey key) {
  co_return co_await run(app, [&]() -> Task<Answer> {
    auto account = co_await find_account(app, caller.client_id);
    if (!account) throw_not_found("account");
    Draft draft(app, caller);
    const ports::AtVersion before{static_cast<std::uint64_t>(account->version)};
    ++account->epoch;
    ++account->version;
    write_account(draft, *account, before);
    Answer result = answer(200, NoContentView{});
    draft.remember(key, result);
    co_await draft.commit();
    keep_epoch(app, caller.client_id, account->epoch, draft.now());
    co_return result;
  });
}

bool looks_like_access_token(std::string_view token) { return token.starts_with(encoded_header()); }

Task<Caller> caller_of_access_token(App& app, std::string token) {
  if (!looks_like_access_token(token)) throw_invalid_token("it has not our header");
  const AccessClaims claims = read_claims(app, token);
  if (claims.iss != kIssuer) throw_invalid_token("it is of another issuer");
  if (seconds_of(app.clock.now()) >= claims.exp) throw_invalid_token("it is over");
  if (co_await epoch_of(app, claims.sub) != claims.epoch) throw_invalid_token("its client signed out everywhere");
  co_return client_caller(claims.sub);
}

}  // namespace orderly::app
