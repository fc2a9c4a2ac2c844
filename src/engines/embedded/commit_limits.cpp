#include "engines/embedded/commit_limits.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/error.h"
#include "base/limits.h"

namespace orderly::embedded {
namespace {

// What a fixed-size part of a record (version, moments, a counter's value) counts for.
constexpr std::size_t kNumberBytes = 8;

[[noreturn]] void refuse(std::string detail) {
  throw Error(ErrorCode::kInternal, "bad-commit", "The change is too large or contradicts itself.", std::move(detail));
}

std::size_t key_bytes(const ports::Key& key) { return key.partition.size() + key.sort.size(); }

void check_indexes(const std::vector<ports::IndexEntry>& indexes) {
  if (indexes.size() > limits::kIndexEntriesMax) refuse("a record has too many index entries");
  std::array<bool, 256> seen{};
  for (const ports::IndexEntry& entry : indexes) {
    if (std::exchange(seen[static_cast<std::uint8_t>(entry.index)], true)) refuse("a record is twice in one index");
    check_key({entry.partition, entry.sort});
  }
}

std::size_t check(const ports::Put& put) {
  check_indexes(put.indexes);
  const auto* at = std::get_if<ports::AtVersion>(&put.condition);
  if (put.version == 0 || (at != nullptr && put.version <= at->version)) refuse("a record's version does not rise");
  std::size_t bytes = key_bytes(put.key) + put.document.size() + 2 * kNumberBytes;
  for (const ports::IndexEntry& entry : put.indexes) bytes += entry.partition.size() + entry.sort.size();
  return bytes;
}

std::size_t check(const ports::Remove& remove) { return key_bytes(remove.key); }

std::size_t check(const ports::Require& require) { return key_bytes(require.key); }

// Names become JSON without escaping.
bool is_counter_name(std::string_view name) {
  return !name.empty() && name.size() <= limits::kIdMax && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::size_t check(const ports::Count& count) {
  std::vector<std::string_view> names;
  std::size_t bytes = key_bytes(count.key);
  for (const ports::Count::Delta& delta : count.deltas) {
    if (!is_counter_name(delta.counter)) refuse("a counter has a bad name");
    names.push_back(delta.counter);
    bytes += delta.counter.size() + kNumberBytes;
  }
  std::ranges::sort(names);
  if (std::ranges::adjacent_find(names) != names.end()) refuse("a counter is named twice");
  return bytes;
}

const ports::Key& key_of(const ports::Write& write) {
  return std::visit([](const auto& one) -> const ports::Key& { return one.key; }, write);
}

void check_keys(const ports::Commit& commit) {
  std::vector<const ports::Key*> keys;
  keys.reserve(commit.writes.size() + commit.events.size());
  for (const ports::Write& write : commit.writes) keys.push_back(&key_of(write));
  for (const ports::EventRecord& event : commit.events) keys.push_back(&event.key);
  for (const ports::Key* key : keys) check_key(*key);
  const auto by_value = [](const ports::Key* key) -> const ports::Key& { return *key; };
  std::ranges::sort(keys, {}, by_value);
  if (std::ranges::adjacent_find(keys, {}, by_value) != keys.end()) refuse("a commit names a key twice");
}

// On AWS messages travel inside the commit's first event, or inside a record made for them.
std::size_t check_messages(const ports::Commit& commit) {
  std::size_t bytes = 0;
  for (const ports::OutgoingMessage& message : commit.messages) {
    if (!is_key_part(message.id, limits::kIdMax)) refuse("a message has a bad id");
    if (message.body.size() > limits::kMessageBytesMax) refuse("a message is too large");
    bytes += message.id.size() + message.body.size() + kNumberBytes;
  }
  const std::size_t carrier = commit.events.empty() ? 0 : commit.events.front().document.size();
  if (carrier + bytes > limits::kRecordBytesMax) refuse("an event with its messages is too large");
  for (const ports::Receipt& receipt : commit.acknowledged) {
    if (!is_key_part(receipt.message_id, limits::kIdMax)) refuse("a receipt has a bad message id");
  }
  return bytes;
}

std::size_t count_actions(const ports::Commit& commit) {
  const bool needs_carrier = commit.events.empty() && !commit.messages.empty();
  return commit.writes.size() + commit.events.size() + commit.acknowledged.size() + (needs_carrier ? 1 : 0);
}

}  // namespace

bool is_key_part(std::string_view text, std::size_t bytes_max) {
  return !text.empty() && text.size() <= bytes_max &&
         std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

void check_key(const ports::Key& key) {
  if (!is_key_part(key.partition, limits::kPartitionKeyBytesMax) || !is_key_part(key.sort, limits::kSortKeyBytesMax)) {
    throw Error(ErrorCode::kInternal, "bad-key", "A key is empty, too long or holds control characters.",
                "partition " + std::to_string(key.partition.size()) + " bytes, sort " +
                    std::to_string(key.sort.size()) + " bytes");
  }
}

void check_commit(const ports::Commit& commit) {
  if (count_actions(commit) > limits::kCommitActionsMax) refuse("a commit has too many actions");
  check_keys(commit);
  std::size_t total = check_messages(commit);
  const auto add = [&total](std::size_t bytes) {
    if (bytes > limits::kRecordBytesMax) refuse("a record is too large");
    total += bytes;
  };
  for (const ports::Write& write : commit.writes) add(std::visit([](const auto& one) { return check(one); }, write));
  for (const ports::EventRecord& event : commit.events) add(key_bytes(event.key) + event.document.size());
  if (total > limits::kCommitBytesMax) refuse("a commit is too large");
}

}  // namespace orderly::embedded
