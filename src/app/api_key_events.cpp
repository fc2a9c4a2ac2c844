#include "app/api_key_events.h"

#include "base/error.h"
#include "base/json.h"

namespace orderly::app {

namespace {

constexpr std::string_view kCreated = "key.created";
constexpr std::string_view kRotated = "key.rotated";
constexpr std::string_view kRevoked = "key.revoked";

ApiKeyEvent next_event(const ApiKey& key, std::string_view type, Time now) {
  ApiKeyEvent event;
  event.type = type;
  event.object = key.id;
  event.version = key.version + 1;
  event.at = now;
  event.previous = key.last_event;
  return event;
}

[[noreturn]] void throw_unfit(const ApiKeyEvent& event, std::string_view why) {
  throw_broken("event " + event.type + " version " + std::to_string(event.version) + " of key " + event.object.text +
               ": " + std::string(why));
}

void check_follows(const ApiKey& key, const ApiKeyEvent& event) {
  const bool is_first = key.version == 0;
  if (event.version != key.version + 1) throw_unfit(event, "its version does not follow");
  if ((event.type == kCreated) != is_first) throw_unfit(event, "a key is made first, and once");
  if (is_first != event.content.has_value()) throw_unfit(event, "what it is belongs to its first event");
  if ((event.type == kRotated) != event.rotated_until.has_value()) throw_unfit(event, "it is no rotation, or half one");
  if (is_first) return;
  if (event.object != key.id) throw_unfit(event, "it is another key's");
  if (event.type != kRotated && event.type != kRevoked) throw_unfit(event, "there is no such event");
  if (key.revoked_at) throw_unfit(event, "the key was revoked before");
}

}  // namespace

std::vector<json::Rule> json_rules(const ApiKeyContent*) {
  return {json::field("client_id").brief(), json::field("scopes").brief(), json::field("expires_at").brief()};
}

std::vector<json::Rule> json_rules(const ApiKeyEvent*) {
  return {json::field("actor").brief(),   json::field("source").brief(),        json::field("request").brief(),
          json::field("content").brief(), json::field("rotated_until").brief(), json::field("previous").brief(),
          json::field("hash").brief()};
}

ApiKeyEvent create_key(const ApiKeyId& id, ApiKeyContent content, Time now) {
  ApiKey none;
  none.id = id;
  none.version = 0;
  ApiKeyEvent event = next_event(none, kCreated, now);
  event.content = std::move(content);
  return event;
}

ApiKeyEvent rotate_key(const ApiKey& key, Time rotated_until, Time now) {
  if (key.revoked_at) throw Error(ErrorCode::kRefused, "key-revoked", "This key was revoked.");
  ApiKeyEvent event = next_event(key, kRotated, now);
  event.rotated_until = rotated_until;
  return event;
}

std::optional<ApiKeyEvent> revoke_key(const ApiKey& key, Time now) {
  if (key.revoked_at) return std::nullopt;
  return next_event(key, kRevoked, now);
}

ApiKey apply(ApiKey key, const ApiKeyEvent& event) {
  check_follows(key, event);
  if (event.content) {
    key.id = event.object;
    key.name = event.content->name;
    key.role = event.content->role;
    key.client_id = event.content->client_id;
    key.scopes = event.content->scopes;
    key.expires_at = event.content->expires_at;
    key.created_at = event.at;
  }
  if (event.rotated_until) key.rotated_until = event.rotated_until;
  if (event.type == kRevoked) key.revoked_at = event.at;
  key.version = event.version;
  if (!event.hash.empty()) key.last_event = event.hash;
  return key;
}

std::string bytes_for_hash(const ApiKeyEvent& event) {
  ApiKeyEvent content = event;
  content.hash.clear();
  return json::write(content);
}

}  // namespace orderly::app
