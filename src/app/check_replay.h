// The events of an object with a version, one after another: each in its place, chained to the one before by its hash,
// legal after it. And the object that they lead to, to be compared with its record. The same for every kind of object,
// for `orderly check` (invariant 6) and for `orderly events rebuild --check`.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "app/api_key_events.h"
#include "app/check_context.h"
#include "app/keys.h"
#include "base/text.h"
#include "domain/client.h"
#include "domain/order.h"

namespace orderly::app::checks {

// --- Kinds of objects
// ---------------------------------------------------------------------------------------------------

// A kind has an Object and its Event; `apply(Object, Event)` and `bytes_for_hash(Event)` are found beside them.
struct Orders {
  using Object = domain::Order;
  using Event = domain::OrderEvent;
  static constexpr std::string_view kName = "order";     // slugs of findings begin with it
  static constexpr std::string_view kPlural = "orders";  // for people

  static bool is_event(const ports::Key& key) { return is_ours(key) && key.sort.starts_with(keys::kEventPrefix); }
  static bool is_record(const ports::Key& key) { return is_ours(key) && key.sort == keys::kMeta; }
  // Of either.
  static std::string id_of(const ports::Key& key) { return key.partition.substr(kPartition.size()); }
  static ports::Key record_of(const std::string& id) { return keys::order(OrderId{id}); }
  // What the record has and no event says.
  static void add_unsaid(Object&, const Object&) {}

 private:
  static constexpr std::string_view kPartition = "ORDER#";
  static bool is_ours(const ports::Key& key) { return key.partition.starts_with(kPartition); }
};

struct Clients {
  using Object = domain::Client;
  using Event = domain::ClientEvent;
  static constexpr std::string_view kName = "client";
  static constexpr std::string_view kPlural = "clients";

  static bool is_event(const ports::Key& key) { return is_ours(key) && key.sort.starts_with(keys::kEventPrefix); }
  static bool is_record(const ports::Key& key) { return is_ours(key) && key.sort == keys::kMeta; }
  static std::string id_of(const ports::Key& key) { return key.partition.substr(kPartition.size()); }
  static ports::Key record_of(const std::string& id) { return keys::client(id); }
  static void add_unsaid(Object&, const Object&) {}

 private:
  static constexpr std::string_view kPartition = "CLIENT#";
  static bool is_ours(const ports::Key& key) { return key.partition.starts_with(kPartition); }
};

struct ApiKeys {
  using Object = ApiKey;
  using Event = ApiKeyEvent;
  static constexpr std::string_view kName = "api-key";
  static constexpr std::string_view kPlural = "API keys";

  static bool is_event(const ports::Key& key) {
    return key.partition.starts_with(keys::kApiKeyEvents) && key.sort.starts_with(keys::kEventPrefix);
  }
  static bool is_record(const ports::Key& key) { return key.partition == keys::kApiKeys; }
  static std::string id_of(const ports::Key& key) {
    return is_record(key) ? key.sort : key.partition.substr(keys::kApiKeyEvents.size());
  }
  static ports::Key record_of(const std::string& id) { return keys::api_key(ApiKeyId{id}); }
  static void add_unsaid(Object& rebuilt, const Object& stored) {
    rebuilt.hash = stored.hash;
    rebuilt.rotated_hash = stored.rotated_hash;
  }
};

// --- One object
// ----------------------------------------------------------------------------------------------------------

// What every event record adds to, of whatever kind.
inline void note_event(Context& context, const ports::Inspection::StoredRecord& stored) {
  ++context.counts.events;
  context.matchings.feed.left(text_of(stored.record.key), fingerprint(stored.record.document));
  expect_indexes(context, stored, {});
}

template <class Kind>
class Replay {
 public:
  using Object = typename Kind::Object;
  using Event = typename Kind::Event;

  explicit Replay(Context& context) : context_(&context) {}

  // The next event record of the object, in key order: the event, or nothing where it does not read. Where it leads
  // on, `then(event, before, after)` is called; an Error in it is as one of the event.
  template <class Then>
  std::optional<Event> add(const ports::Inspection::StoredRecord& stored, const Then& then) {
    const std::string where = text_of(stored.record.key);
    std::optional<Event> event = read_canonical<Event>(*context_, 6, where, stored.record.document);
    ++version_;
    if (!event) {
      is_whole_ = false;
      last_hash_.reset();
      return event;
    }
    check_place(stored.record.key, where, *event);
    check_chain(where, *event);
    if (is_whole_) replay(where, *event, then);
    version_ = event->version;
    last_hash_ = event->hash;
    return event;
  }

  // The object that the events lead to; nothing when one was unreadable, missing or illegal.
  const Object* replayed() const { return is_whole_ ? &object_ : nullptr; }

  // Whether that is what is stored of it, of which `object` was read.
  void compare(const ports::Inspection::StoredRecord& stored, const Object& object) const {
    const std::string where = text_of(stored.record.key);
    const std::string name(Kind::kName);
    if (stored.record.version != static_cast<std::uint64_t>(object.version)) {
      find("record-version", where,
           "version of the record: " +
               expected_found(std::to_string(object.version), std::to_string(stored.record.version)));
    }
    if (last_hash_ && object.last_event != *last_hash_) {
      find("last-event", where,
           "hash of the last event: " + expected_found(shown(*last_hash_), shown(object.last_event)));
    }
    if (!is_whole_) return;  // the events have their own findings
    if (object_.version != object.version) {
      find(name + "-version", where, "version, by its events: " + expected_found(object_.version, object.version));
      return;
    }
    Object expected = object_;
    expected.last_event = object.last_event;
    Kind::add_unsaid(expected, object);
    for (const std::string& difference : differences(expected, object)) {
      find(name + "-differs", where, "by its events, " + difference);
    }
  }

 private:
  void find(std::string_view slug, const std::string& where, std::string_view what) const {
    context_->findings.add(6, slug, where, what);
  }

  void check_place(const ports::Key& key, const std::string& where, const Event& event) {
    const ports::Key expected = keys::event(event.object, event.version);
    if (key != expected) find("event-key", where, "it says that it is " + shown(text_of(expected)));
    if (event.version == version_) return;
    find("version-gap", where, "version: " + expected_found(version_, event.version));
    is_whole_ = false;
    last_hash_.reset();
  }

  void check_chain(const std::string& where, const Event& event) {
    if (last_hash_ && event.previous != *last_hash_) {
      find("event-chain", where,
           "hash of the event before: " + expected_found(shown(*last_hash_), shown(event.previous)));
    }
    const std::string hash = base64url_encode(context_->crypto.sha256(bytes_for_hash(event)));
    if (event.hash != hash) find("event-hash", where, "hash: " + expected_found(hash, shown(event.hash)));
  }

  template <class Then>
  void replay(const std::string& where, const Event& event, const Then& then) {
    try {
      Object after = apply(object_, event);
      then(event, object_, after);
      object_ = std::move(after);
    } catch (const Error& error) {
      is_whole_ = false;
      find("illegal-transition", where, reason_of(error));
    }
  }

  Context* context_;
  Object object_{};  // replayed so far
  bool is_whole_ = true;
  std::int64_t version_ = 0;
  std::optional<std::string> last_hash_ = "";  // of the last event; nothing when it could not be read
};

// --- All objects of a kind
// -----------------------------------------------------------------------------------------------

// Their records and events, in key order. The events of an object come before its record, though not always right
// before it.
template <class Kind>
class Rebuilding {
 public:
  using Object = typename Kind::Object;

  explicit Rebuilding(Context& context) : context_(&context) {}

  void add_event(const ports::Inspection::StoredRecord& stored) {
    ++events_;
    replay_of(Kind::id_of(stored.record.key)).add(stored, [](const auto&...) {});
  }

  // Compares. The object as its events say that it is, where they do.
  std::optional<Object> add_object(const ports::Inspection::StoredRecord& stored, const Object& object) {
    const std::string id = Kind::id_of(stored.record.key);
    const Replay<Kind> replay = replay_of(id);
    replays_.erase(id);
    replay.compare(stored, object);
    if (replay.replayed() == nullptr) return std::nullopt;
    return *replay.replayed();
  }

  std::optional<Object> add_record(const ports::Inspection::StoredRecord& stored) {
    ++objects_;
    const auto object = read_canonical<Object>(*context_, 6, text_of(stored.record.key), stored.record.document);
    if (object) return add_object(stored, *object);
    replays_.erase(Kind::id_of(stored.record.key));
    return std::nullopt;
  }

  // Finds the events of objects that are not there.
  void finish() {
    for (const auto& [id, replay] : replays_) {
      context_->findings.add(6, std::string(Kind::kName) + "-missing", text_of(Kind::record_of(id)),
                             "there are events of it, but no record");
    }
    replays_.clear();
  }

  std::int64_t objects() const { return objects_; }
  std::int64_t events() const { return events_; }

 private:
  Replay<Kind>& replay_of(const std::string& id) { return replays_.try_emplace(id, *context_).first->second; }

  Context* context_;
  std::map<std::string, Replay<Kind>> replays_;  // of those whose record has not come yet
  std::int64_t objects_ = 0;
  std::int64_t events_ = 0;
};

}  // namespace orderly::app::checks
