// API keys: `ok_live_` or `ok_test_`, the encoded part of the key's id, and 40 hexadecimal digits of chance. Shown
// once, when they are made; what is stored is a hash. A key is never removed, so that a shop that had one asks for one
// for ever.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/api_key.h"
#include "app/catalog.h"
#include "app/views.h"

namespace orderly::app {

// Throws Error(kInvalidRequest): a client's key needs a client_id, and no other has one; an end that is over.
struct CreateApiKey {
  std::string name;
  Role role = Role::kStaff;
  std::optional<std::string> client_id;
  std::vector<std::string> scopes;
  std::optional<Time> expires_at;
};
BOOST_DESCRIBE_STRUCT(CreateApiKey, (), (name, role, client_id, scopes, expires_at))
std::vector<json::Rule> json_rules(const CreateApiKey*);

struct RotateApiKey {
  std::int64_t grace_seconds = 0;  // for how long the old text is good
};
BOOST_DESCRIBE_STRUCT(RotateApiKey, (), (grace_seconds))
std::vector<json::Rule> json_rules(const RotateApiKey*);

enum class ApiKeyStatus { kActive, kExpired, kRevoked };
inline const auto& enum_names(ApiKeyStatus) {
  static constexpr std::array<std::pair<ApiKeyStatus, std::string_view>, 3> kNames{
      {{ApiKeyStatus::kActive, "active"}, {ApiKeyStatus::kExpired, "expired"}, {ApiKeyStatus::kRevoked, "revoked"}}};
  return kNames;
}

struct ApiKeyView {
  ApiKeyId id;
  std::string name;
  Role role = Role::kStaff;
  std::optional<std::string> client_id;
  std::vector<std::string> scopes;
  ApiKeyStatus status = ApiKeyStatus::kActive;
  std::optional<std::string> key;  // its text: only when it was made just now
  Time created_at;
  std::optional<Time> expires_at;
  std::optional<Time> revoked_at;
};
BOOST_DESCRIBE_STRUCT(ApiKeyView, (),
                      (id, name, role, client_id, scopes, status, key, created_at, expires_at, revoked_at))
std::vector<json::Rule> json_rules(const ApiKeyView*);

Task<Answer> create_api_key(App& app, Caller caller, CreateApiKey command, RepeatKey key);  // 201
// In the order they were made.
Task<List<ApiKeyView>> list_api_keys(App& app, PageOf page);
Task<ApiKeyView> get_api_key(App& app, std::string id);
// A new text for the same key. Throws Error(kRefused, "key-revoked").
Task<Answer> rotate_api_key(App& app, Caller caller, std::string id, RotateApiKey command, RepeatKey key);
// For good; again is no error.
Task<Answer> revoke_api_key(App& app, Caller caller, std::string id, RepeatKey key);

// Whose key `text` is. Throws Error(kUnauthenticated, "invalid-api-key"): not a key, unknown, of the other kind (test
// or live), expired or revoked; callers are not told which.
Task<Caller> caller_of_api_key(App& app, std::string text);
// Whether `text` is meant to be a key.
bool looks_like_api_key(std::string_view text);

// Sets app.has_api_keys to what the store says. Call it before anything is served.
Task<void> find_out_about_api_keys(App& app);

}  // namespace orderly::app
