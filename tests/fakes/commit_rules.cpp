#include "tests/fakes/commit_rules.h"

#include <set>

#include "base/error.h"
#include "base/limits.h"

namespace orderly::fakes {

using namespace ports;

namespace {

void require(bool condition, std::string rule) {
  if (!condition) throw Error(ErrorCode::kInternal, "bad-commit", "The commit breaks a rule.", std::move(rule));
}

void check_text(const std::string& text, std::size_t bytes_max) {
  const bool is_printable = std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  require(!text.empty() && text.size() <= bytes_max && is_printable, "a key's part is empty, long or not printable");
}

std::size_t check_key(const std::string& partition, const std::string& sort) {
  check_text(partition, limits::kPartitionKeyBytesMax);
  check_text(sort, limits::kSortKeyBytesMax);
  return partition.size() + sort.size();
}

std::size_t bytes_of(const Put& put) {
  const auto* at = std::get_if<AtVersion>(&put.condition);
  require(put.version > (at == nullptr ? 0 : at->version), "a version does not rise");
  require(put.indexes.size() <= limits::kIndexEntriesMax, "too many index entries");
  std::set<Index> indexes;
  std::size_t bytes = put.document.size();
  for (const IndexEntry& entry : put.indexes) {
    require(indexes.insert(entry.index).second, "two entries in one index");
    bytes += check_key(entry.partition, entry.sort);
  }
  return bytes;
}
std::size_t bytes_of(const Remove&) { return 0; }
std::size_t bytes_of(const Require&) { return 0; }
std::size_t bytes_of(const Count& count) {
  std::set<std::string> names;
  for (const Count::Delta& delta : count.deltas) {
    const bool is_plain = std::ranges::all_of(delta.counter, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
    require(is_plain && !delta.counter.empty(), "a counter's name is not plain");
    require(names.insert(delta.counter).second, "a counter named twice");
  }
  return 0;
}

}  // namespace

const Key& key_of(const Write& write) {
  return std::visit([](const auto& one) -> const Key& { return one.key; }, write);
}

void check_commit_rules(const Commit& commit) {
  // Messages travel inside the first event, or in a record of their own.
  const std::size_t carriers = commit.events.empty() && !commit.messages.empty() ? 1 : 0;
  require(
      commit.writes.size() + commit.events.size() + commit.acknowledged.size() + carriers <= limits::kCommitActionsMax,
      "too many actions");
  std::set<Key> keys;
  std::size_t total = 0;
  const auto add = [&](const Key& key, std::size_t bytes) {
    require(keys.insert(key).second, "a key twice: " + key.partition + "/" + key.sort);
    bytes += check_key(key.partition, key.sort);
    require(bytes <= limits::kRecordBytesMax, "a record too large");
    total += bytes;
  };
  for (const Write& write : commit.writes) {
    add(key_of(write), std::visit([](const auto& one) { return bytes_of(one); }, write));
  }
  for (const EventRecord& event : commit.events) add(event.key, event.document.size());
  for (const OutgoingMessage& message : commit.messages) {
    require(!message.id.empty() && message.body.size() <= limits::kMessageBytesMax,
            "a message without id or too large");
    total += message.body.size();
  }
  require(total <= limits::kCommitBytesMax, "too many bytes");
}

}  // namespace orderly::fakes
