// What happens to API keys: made, given another text, ended. A key's record is the fold of its events, but for the
// hashes of its texts, which no event has: events are for ever, and tell nobody what opens the shop.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/api_key.h"

namespace orderly::app {

// What a key is, from the beginning to its end.
struct ApiKeyContent {
  std::string name;
  Role role = Role::kStaff;
  std::optional<std::string> client_id;
  std::vector<std::string> scopes;
  std::optional<Time> expires_at;
};
BOOST_DESCRIBE_STRUCT(ApiKeyContent, (), (name, role, client_id, scopes, expires_at))
std::vector<json::Rule> json_rules(const ApiKeyContent*);

// See domain/event.h.
struct ApiKeyEvent {
  EventId id;
  std::string type;  // key.created, key.rotated, key.revoked
  ApiKeyId object;
  std::int64_t version = 0;
  Time at;
  std::string actor;
  std::string source;
  std::string request;
  std::optional<ApiKeyContent> content;  // created
  std::optional<Time> rotated_until;     // rotated: until when the text before is good
  std::string previous;
  std::string hash;
};
BOOST_DESCRIBE_STRUCT(ApiKeyEvent, (),
                      (id, type, object, version, at, actor, source, request, content, rotated_until, previous, hash))
std::vector<json::Rule> json_rules(const ApiKeyEvent*);

// Legal or not is said here. All three leave id, actor, source, request and hash for the draft to fill in.
ApiKeyEvent create_key(const ApiKeyId& id, ApiKeyContent content, Time now);
// Throws Error(kRefused, "key-revoked").
ApiKeyEvent rotate_key(const ApiKey& key, Time rotated_until, Time now);
// Nothing when it is revoked already.
std::optional<ApiKeyEvent> revoke_key(const ApiKey& key, Time now);

// The key after the event, with the texts that it had; for the first event, from an empty key, without one. Throws
// Error(kBrokenInvariant) when the event does not follow (used for rebuilding, too).
ApiKey apply(ApiKey key, const ApiKeyEvent& event);

// The event for its hash: canonical bytes of everything but `hash` itself.
std::string bytes_for_hash(const ApiKeyEvent& event);

}  // namespace orderly::app
