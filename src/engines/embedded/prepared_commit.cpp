#include "engines/embedded/prepared_commit.h"

#include "base/error.h"
#include "ports/commit_limits.h"

namespace orderly::embedded {
namespace {

constexpr std::size_t kHeaderBytes = 48;  // more than the varints, moments and separators of one entry take

std::size_t room(const ports::Key& key) { return key.partition.size() + key.sort.size() + kHeaderBytes; }

std::size_t room(const ports::Put& put) {
  std::size_t bytes = 2 * room(put.key) + put.document.size();
  for (const ports::IndexEntry& entry : put.indexes) {
    bytes += 2 * (entry.partition.size() + entry.sort.size() + kHeaderBytes) + room(put.key);
  }
  return bytes;
}
std::size_t room(const ports::Remove& remove) { return room(remove.key); }
std::size_t room(const ports::Require& require) { return room(require.key); }
std::size_t room(const ports::Count& count) {
  std::size_t bytes = room(count.key);
  for (const ports::Count::Delta& delta : count.deltas) bytes += delta.counter.size() + kHeaderBytes;
  return bytes;
}

std::size_t room(const ports::Commit& commit) {
  std::size_t bytes = 0;
  for (const ports::Write& write : commit.writes) bytes += std::visit([](const auto& one) { return room(one); }, write);
  for (const ports::EventRecord& event : commit.events) bytes += room(event.key) + event.document.size() + kHeaderBytes;
  for (const ports::OutgoingMessage& message : commit.messages) {
    bytes += message.id.size() + message.body.size() + 2 * kHeaderBytes;
  }
  for (const ports::Receipt& receipt : commit.acknowledged) bytes += receipt.message_id.size() + kHeaderBytes;
  return bytes;
}

void expect(PreparedWrite& write, const ports::Condition& condition) {
  if (std::holds_alternative<ports::Absent>(condition)) {
    write.expected = PreparedWrite::Expected::kAbsent;
  } else if (const auto* at = std::get_if<ports::AtVersion>(&condition)) {
    write.expected = PreparedWrite::Expected::kVersion;
    write.expected_version = at->version;
  }
}

}  // namespace

PreparedCommit::PreparedCommit(std::size_t arena_bytes) { arena_.reserve(arena_bytes); }

PreparedCommit::PreparedCommit(const ports::Commit& commit) {
  ports::check_commit(commit);
  arena_.reserve(room(commit));
  writes_.reserve(commit.writes.size());
  events_.reserve(commit.events.size());
  raw_writes_.reserve(commit.messages.size() + commit.acknowledged.size());
  for (const ports::Write& write : commit.writes) {
    std::visit([this](const auto& one) { prepare(one); }, write);
  }
  for (const ports::EventRecord& event : commit.events) prepare(event);
  for (const ports::Receipt& receipt : commit.acknowledged) prepare(receipt);
  for (const ports::OutgoingMessage& message : commit.messages) prepare(message);
  if (!commit.token.empty()) {
    token_hash_ = checksum(commit.token);
    content_hash_ = checksum(arena_);
  }
}

template <class Append>
std::string_view PreparedCommit::store(Append append) {
  const std::size_t start = arena_.size();
  const std::size_t capacity = arena_.capacity();
  append(arena_);
  ORDERLY_ASSERT(arena_.capacity() == capacity);
  return std::string_view(arena_).substr(start);
}

std::string_view PreparedCommit::store_bytes(std::string_view bytes) {
  return store([bytes](std::string& out) { out.append(bytes); });
}

void PreparedCommit::prepare(const ports::Put& put) {
  PreparedWrite write{.kind = PreparedWrite::Kind::kPut, .expires_at = put.expires_at};
  expect(write, put.condition);
  write.key = store([&](std::string& out) { append_record_key(out, put.key); });
  write.value = store(
      [&](std::string& out) { append_record_value(out, put.version, put.expires_at, put.indexes, put.document); });
  write.first = index_keys_.size();
  write.count = put.indexes.size();
  for (const ports::IndexEntry& entry : put.indexes) {
    index_keys_.push_back(
        store([&](std::string& out) { append_index_key(out, entry.index, entry.partition, entry.sort, write.key); }));
  }
  writes_.push_back(write);
}

void PreparedCommit::prepare(const ports::Remove& remove) {
  PreparedWrite write{.kind = PreparedWrite::Kind::kRemove};
  expect(write, remove.condition);
  write.key = store([&](std::string& out) { append_record_key(out, remove.key); });
  writes_.push_back(write);
}

void PreparedCommit::prepare(const ports::Require& require) {
  PreparedWrite write{.kind = PreparedWrite::Kind::kRequire};
  expect(write, require.condition);
  write.key = store([&](std::string& out) { append_record_key(out, require.key); });
  writes_.push_back(write);
}

void PreparedCommit::prepare(const ports::Count& count) {
  PreparedWrite write{.kind = PreparedWrite::Kind::kCount};
  write.key = store([&](std::string& out) { append_record_key(out, count.key); });
  write.first = deltas_.size();
  write.count = count.deltas.size();
  for (const ports::Count::Delta& delta : count.deltas) {
    deltas_.push_back({store_bytes(delta.counter), delta.by});
    // Only so that the deltas are part of the content's checksum.
    store([&](std::string& out) { append_big_endian(out, static_cast<std::uint64_t>(delta.by)); });
  }
  writes_.push_back(write);
}

void PreparedCommit::prepare(const ports::EventRecord& event) {
  const std::string_view key = store([&](std::string& out) { append_record_key(out, event.key); });
  const std::string_view value =
      store([&](std::string& out) { append_record_value(out, 1, std::nullopt, {}, event.document); });
  events_.push_back({key, value});
}

void PreparedCommit::prepare(const ports::OutgoingMessage& message) {
  const std::string_view key =
      store([&](std::string& out) { append_message_key(out, message.queue, message.due, message.id); });
  const std::string_view value = store([&](std::string& out) { append_message_value(out, 0, message.body); });
  raw_writes_.push_back({RawWrite::Kind::kPut, Family::kQueue, key, value});
}

void PreparedCommit::prepare(const ports::Receipt& receipt) {
  const std::string_view key =
      store([&](std::string& out) { append_message_key(out, receipt.queue, receipt.due, receipt.message_id); });
  raw_writes_.push_back({RawWrite::Kind::kTake, Family::kQueue, key, {}});
}

void PreparedCommit::put(Family family, std::string_view key, std::string_view value) {
  const std::string_view stored_key = store_bytes(key);
  raw_writes_.push_back({RawWrite::Kind::kPut, family, stored_key, store_bytes(value)});
}

void PreparedCommit::put_if_absent(Family family, std::string_view key, std::string_view value) {
  const std::string_view stored_key = store_bytes(key);
  raw_writes_.push_back({RawWrite::Kind::kPutIfAbsent, family, stored_key, store_bytes(value)});
}

void PreparedCommit::take(Family family, std::string_view key) {
  raw_writes_.push_back({RawWrite::Kind::kTake, family, store_bytes(key), {}});
}

void PreparedCommit::sweep(std::string_view record_key, Time expires_at) {
  PreparedWrite write{.kind = PreparedWrite::Kind::kSweep, .expires_at = expires_at};
  write.key = store_bytes(record_key);
  writes_.push_back(write);
}

}  // namespace orderly::embedded
