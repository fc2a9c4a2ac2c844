#include "ports/commit_limits.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/error.h"
#include "base/limits.h"

namespace orderly::ports {
namespace {

// What a fixed-size part of a record (version, moments, a counter's value) counts for.
constexpr std::size_t kNumberBytes = 8;
// What one more index entry or message counts for beside its own bytes: names and numbers of DynamoDB's attributes.
constexpr std::size_t kEntryBytes = 20;
constexpr std::size_t kMessageBytes = 64;
constexpr std::size_t kShardBytes = 2;
constexpr std::size_t kMarkBytes = 9;
constexpr char kEnginesOwn = '~';

[[noreturn]] void refuse(std::string detail) {
  throw Error(ErrorCode::kInternal, "bad-commit", "The change is too large or contradicts itself.", std::move(detail));
}

[[noreturn]] void refuse_key(const Key& key, std::string_view what) {
  throw Error(ErrorCode::kInternal, "bad-key", "A key is empty, too long or holds what no key may.",
              std::string(what) + ": partition " + std::to_string(key.partition.size()) + " bytes, sort " +
                  std::to_string(key.sort.size()) + " bytes");
}

std::size_t key_bytes(const Key& key) { return key.partition.size() + key.sort.size(); }

void check_form(const Key& key, std::string_view what) {
  const bool is_good =
      is_key_part(key.partition, limits::kPartitionKeyBytesMax) && is_key_part(key.sort, limits::kSortKeyBytesMax);
  if (!is_good) refuse_key(key, what);
}

// On AWS an index's partition has a shard's number behind it, and its sort key a mark of the record.
void check_index_key(const IndexEntry& entry) {
  check_form({entry.partition, entry.sort}, "an index entry");
  const bool has_room = entry.partition.size() + kShardBytes <= limits::kPartitionKeyBytesMax &&
                        entry.sort.size() + kMarkBytes <= limits::kSortKeyBytesMax;
  if (!has_room) refuse_key({entry.partition, entry.sort}, "an index entry with what an engine adds");
}

// Their bytes.
std::size_t check_indexes(const Put& put) {
  if (put.indexes.size() > limits::kIndexEntriesMax) refuse("a record has too many index entries");
  std::array<bool, 256> seen{};
  std::size_t bytes = 0;
  for (const IndexEntry& entry : put.indexes) {
    if (std::exchange(seen[static_cast<std::uint8_t>(entry.index)], true)) refuse("a record is twice in one index");
    if (entry.sort != put.indexes.front().sort) refuse("a record's index entries differ in their sort");
    check_index_key(entry);
    bytes += entry.partition.size() + entry.sort.size() + kEntryBytes;
  }
  return bytes;
}

std::size_t check(const Put& put) {
  const bool is_fit = put.expires_at && put.indexes.empty();
  if (is_transient(put.key.partition) && !is_fit) refuse("a transient record does not expire or is in an index");
  const auto* at = std::get_if<AtVersion>(&put.condition);
  if (put.version == 0 || (at != nullptr && put.version <= at->version)) refuse("a record's version does not rise");
  return key_bytes(put.key) + put.document.size() + 2 * kNumberBytes + check_indexes(put);
}

std::size_t check(const Remove& remove) { return key_bytes(remove.key); }

std::size_t check(const Require& require) { return key_bytes(require.key); }

// Names become JSON without escaping, and attributes beside those that engines have for themselves.
bool is_counter_name(std::string_view name) {
  constexpr std::array<std::string_view, 3> kTaken{"pk", "sk", "ttl"};
  return !name.empty() && name.size() <= limits::kIdMax && name.front() != '_' &&
         std::ranges::find(kTaken, name) == kTaken.end() && std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
         });
}

std::size_t check(const Count& count) {
  if (is_transient(count.key.partition)) refuse("counters do not expire");
  std::vector<std::string_view> names;
  std::size_t bytes = key_bytes(count.key);
  for (const Count::Delta& delta : count.deltas) {
    if (!is_counter_name(delta.counter)) refuse("a counter has a bad name");
    names.push_back(delta.counter);
    bytes += delta.counter.size() + kNumberBytes;
  }
  std::ranges::sort(names);
  if (std::ranges::adjacent_find(names) != names.end()) refuse("a counter is named twice");
  return bytes;
}

const Key& key_of(const Write& write) {
  return std::visit([](const auto& one) -> const Key& { return one.key; }, write);
}

void check_keys(const Commit& commit) {
  std::vector<const Key*> keys;
  keys.reserve(commit.writes.size() + commit.events.size());
  for (const Write& write : commit.writes) keys.push_back(&key_of(write));
  for (const EventRecord& event : commit.events) keys.push_back(&event.key);
  for (const Key* key : keys) check_key(*key);
  const auto by_value = [](const Key* key) -> const Key& { return *key; };
  std::ranges::sort(keys, {}, by_value);
  if (std::ranges::adjacent_find(keys, {}, by_value) != keys.end()) refuse("a commit names a key twice");
}

void check_receipts(const Commit& commit) {
  std::vector<std::string_view> ids;
  for (const Receipt& receipt : commit.acknowledged) {
    if (!is_key_part(receipt.message_id, limits::kIdMax)) refuse("a receipt has a bad message id");
    ids.push_back(receipt.message_id);
  }
  std::ranges::sort(ids);
  if (std::ranges::adjacent_find(ids) != ids.end()) refuse("a commit acknowledges a message twice");
}

// Messages travel inside the commit's first event on AWS, or inside a record made for them. Their bytes.
std::size_t check_messages(const Commit& commit) {
  std::size_t bytes = 0;
  for (const OutgoingMessage& message : commit.messages) {
    if (!is_key_part(message.id, limits::kIdMax)) refuse("a message has a bad id");
    if (message.body.size() > limits::kMessageBytesMax) refuse("a message is too large");
    bytes += message.id.size() + message.body.size() + kMessageBytes;
  }
  const EventRecord* carrier = commit.events.empty() ? nullptr : &commit.events.front();
  const std::size_t carrier_bytes = carrier == nullptr ? 0 : key_bytes(carrier->key) + carrier->document.size();
  if (carrier_bytes + bytes > limits::kRecordBytesMax) refuse("an event with its messages is too large");
  return bytes;
}

std::size_t count_actions(const Commit& commit) {
  const bool needs_carrier = commit.events.empty() && !commit.messages.empty();
  return commit.writes.size() + commit.events.size() + commit.acknowledged.size() + (needs_carrier ? 1 : 0);
}

}  // namespace

bool is_key_part(std::string_view text, std::size_t bytes_max) {
  return !text.empty() && text.size() <= bytes_max &&
         std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

void check_key(const Key& key) {
  check_form(key, "a record");
  if (key.partition.front() == kEnginesOwn) refuse_key(key, "a record in a partition of the engine's own");
}

void check_query(const Query& query) {
  if (!query.index && is_transient(query.partition)) refuse_key({query.partition, {}}, "a query of transient records");
}

void check_commit(const Commit& commit) {
  if (count_actions(commit) > limits::kCommitActionsMax) refuse("a commit has too many actions");
  check_keys(commit);
  check_receipts(commit);
  std::size_t total = check_messages(commit);
  const auto add = [&total](std::size_t bytes) {
    if (bytes > limits::kRecordBytesMax) refuse("a record is too large");
    total += bytes;
  };
  for (const Write& write : commit.writes) add(std::visit([](const auto& one) { return check(one); }, write));
  for (const EventRecord& event : commit.events) {
    if (is_transient(event.key.partition)) refuse("an event does not expire");
    add(key_bytes(event.key) + event.document.size());
  }
  if (total > limits::kCommitBytesMax) refuse("a commit is too large");
}

}  // namespace orderly::ports
