// API keys as they are stored, and those seen lately.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
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

// Keys read in the last few seconds, so that a request needs no read of its own. What another process changed is seen
// when those are over; what this one changed, at once. Thread-safe, bounded.
class ApiKeyCache {
 public:
  static constexpr Duration kKept{5000};

  std::shared_ptr<const ApiKey> find(const ApiKeyId& id, Time now);  // null: it is not known
  // An older version than one that is here changes nothing: its reader was overtaken by the change.
  void keep(const ApiKey& key, Time now);

 private:
  struct Entry {
    std::shared_ptr<const ApiKey> key;
    Time until;
  };
  std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;  // by id
};

}  // namespace orderly::app
