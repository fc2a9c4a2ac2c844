// Sessions of clients who signed in. A session is a record with a refresh token that is good once and for thirty days;
// each use gives the next one and an access token, which is good for minutes and read without the store: a JWT (RFC
// 7519) under a key that follows from the shop's own, in one form only. Who presents a refresh token that was used
// already has stolen it, or it was stolen from them: the session ends.
//
// An account has an epoch, which every token names. Signing out everywhere is the next epoch.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "app/draft.h"
#include "app/views.h"

namespace orderly::app {

struct Account {
  ClientId client_id;
  std::string password_hash;
  std::int64_t epoch = 1;
  Time password_changed_at;
  Time created_at;
  std::int64_t version = 1;
};
BOOST_DESCRIBE_STRUCT(Account, (), (client_id, password_hash, epoch, password_changed_at, created_at, version))

struct Session {
  SessionId id;
  ClientId client_id;
  std::int64_t epoch = 1;
  std::string hash;  // of the refresh token that is good now
  Time created_at;
  std::int64_t version = 1;
};
BOOST_DESCRIBE_STRUCT(Session, (), (id, client_id, epoch, hash, created_at, version))

struct SessionView {
  ClientId client_id;
  std::string access_token;
  std::string token_type;
  std::int64_t expires_in = 0;  // seconds
  std::string refresh_token;
};
BOOST_DESCRIBE_STRUCT(SessionView, (), (client_id, access_token, token_type, expires_in, refresh_token))
std::vector<json::Rule> json_rules(const SessionView*);

Task<std::optional<Account>> find_account(App& app, std::string client_id);
void write_account(Draft& draft, const Account& account, ports::Condition condition);

// Notes that tokens of earlier epochs are good no more, for this process at once.
void keep_epoch(App& app, const std::string& client_id, std::int64_t epoch, Time now);

// A new session of the account, written with the draft.
SessionView begin_session(App& app, Draft& draft, const Account& account);

struct RefreshSession {
  std::string refresh_token;
};
BOOST_DESCRIBE_STRUCT(RefreshSession, (), (refresh_token))
std::vector<json::Rule> json_rules(const RefreshSession*);

// Throws Error(kUnauthenticated, "invalid-refresh-token"): no such token, used before, over, or the client signed out
// everywhere.
Task<Answer> refresh_session(App& app, RefreshSession command, RepeatKey key);
// Signs out of this session. One that is over is no error.
Task<Answer> end_session(App& app, RefreshSession command, RepeatKey key);
// Signs the caller, who is a client with an account, out everywhere.
Task<Answer> end_all_sessions(App& app, Caller caller, RepeatKey key);

// Whether `token` claims to be one of ours: it has our header.
bool looks_like_access_token(std::string_view token);
// Whose it is. Throws Error(kUnauthenticated, "invalid-token").
Task<Caller> caller_of_access_token(App& app, std::string token);

struct NoContentView {};
BOOST_DESCRIBE_STRUCT(NoContentView, (), ())

}  // namespace orderly::app
