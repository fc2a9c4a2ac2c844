// API keys as they are stored.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/caller.h"
#include "base/id.h"
#include "base/json_type.h"
#include "base/time.h"

namespace orderly::app {

// Who has the text has the role. Texts are random, so that a plain hash keeps them. Changed by its events alone
// (app/api_key_events.h), but for the hashes.
struct ApiKey {
  ApiKeyId id;
  std::string name;  // what a person calls it
  Role role = Role::kStaff;
  std::optional<std::string> client_id;     // of the role client
  std::vector<std::string> scopes;          // none: all that the role may do
  std::string hash;                         // of the whole text, SHA-256 in base64url
  std::optional<std::string> rotated_hash;  // of the text before, good until `rotated_until`
  std::optional<Time> rotated_until;
  Time created_at;
  std::optional<Time> expires_at;
  std::optional<Time> revoked_at;
  std::int64_t version = 0;  // 0: there is none yet
  std::string last_event;    // hash of its latest event
};
BOOST_DESCRIBE_STRUCT(ApiKey, (),
                      (id, name, role, client_id, scopes, hash, rotated_hash, rotated_until, created_at, expires_at,
                       revoked_at, version, last_event))
std::vector<json::Rule> json_rules(const ApiKey*);

}  // namespace orderly::app
