#include "bench/recording_store.h"

#include <stdexcept>

#include "engines/embedded/encoding.h"
#include "engines/embedded/prepared_commit.h"

namespace orderly::bench {

namespace {

using embedded::Family;

std::size_t index_of(Family family) { return static_cast<std::size_t>(family); }

[[noreturn]] void refuse(const char* what) { throw std::logic_error(std::string("recording does not need: ") + what); }

class RecordingBatch final : public embedded::Batch {
 public:
  void put(Family family, std::string_view key, std::string_view value) override {
    bytes_ += key.size() + value.size();
    writes.push_back({family, false, std::string(key), std::string(value)});
  }
  void remove(Family family, std::string_view key) override {
    bytes_ += key.size();
    writes.push_back({family, true, std::string(key), {}});
  }
  void clear() override {
    bytes_ = 0;
    writes.clear();
  }
  std::size_t bytes() const override { return bytes_; }
  bool empty() const override { return writes.empty(); }

  RecordedBatch writes;

 private:
  std::size_t bytes_ = 0;
};

class MapWalk final : public embedded::Walk {
 public:
  explicit MapWalk(std::vector<std::pair<std::string, std::string>> entries) : entries_(std::move(entries)) {}
  bool valid() const override { return at_ < entries_.size(); }
  std::string_view key() const override { return entries_[at_].first; }
  std::string_view value() const override { return entries_[at_].second; }
  void next() override { ++at_; }

 private:
  std::vector<std::pair<std::string, std::string>> entries_;
  std::size_t at_ = 0;
};

}  // namespace

// --- The map
// ----------------------------------------------------------------------------------------------------------

bool RecordingKeyValue::get(Family family, std::string_view key, std::string& value) const {
  const auto& entries = families_[index_of(family)];
  const auto found = entries.find(key);
  if (found == entries.end()) return false;
  value = found->second;
  return true;
}

std::vector<std::optional<std::string>> RecordingKeyValue::get_many(Family family,
                                                                    std::span<const std::string> keys) const {
  std::vector<std::optional<std::string>> values;
  for (const std::string& key : keys) {
    std::string value;
    values.push_back(get(family, key, value) ? std::optional(std::move(value)) : std::nullopt);
  }
  return values;
}

std::unique_ptr<embedded::Walk> RecordingKeyValue::walk(Family family, std::string from, std::string to,
                                                        embedded::Order order) const {
  const auto& entries = families_[index_of(family)];
  const auto end = to.empty() ? entries.end() : entries.lower_bound(to);
  std::vector<std::pair<std::string, std::string>> copy(entries.lower_bound(from), end);
  if (order == embedded::Order::kDescending) std::ranges::reverse(copy);
  return std::make_unique<MapWalk>(std::move(copy));
}

std::unique_ptr<embedded::Batch> RecordingKeyValue::make_batch() const { return std::make_unique<RecordingBatch>(); }

void RecordingKeyValue::write(embedded::Batch& batch) {
  RecordedBatch& writes = static_cast<RecordingBatch&>(batch).writes;
  for (const RecordedWrite& write : writes) {
    auto& entries = families_[index_of(write.family)];
    if (write.is_removal) {
      entries.erase(write.key);
    } else {
      entries.insert_or_assign(write.key, write.value);
    }
  }
  batches_.push_back(std::move(writes));
  batch.clear();
}

std::unique_ptr<embedded::KeyValueReader> RecordingKeyValue::snapshot() const { refuse("snapshots"); }

// --- The ports
// --------------------------------------------------------------------------------------------------------

RecordingStore::RecordingStore(ports::Clock& clock) : clock_(clock), committer_(key_value_) {}

Task<std::optional<ports::Record>> RecordingStore::get(ports::Key key) {
  std::string value;
  if (!key_value_.get(Family::kRecords, embedded::record_key(key), value)) co_return std::nullopt;
  co_return embedded::to_record(std::move(key), std::move(value));
}

Task<std::vector<std::optional<ports::Record>>> RecordingStore::get_many(std::vector<ports::Key> keys) {
  std::vector<std::optional<ports::Record>> records;
  for (ports::Key& key : keys) records.push_back(co_await get(std::move(key)));
  co_return records;
}

Task<ports::CommitResult> RecordingStore::commit(ports::Commit commit) {
  const embedded::PreparedCommit prepared(commit);
  const ports::CommitResult result = apply(prepared);
  if (result.committed()) {
    for (ports::OutgoingMessage& message : commit.messages) {
      messages_.push_back({{message.queue, std::move(message.id), message.due}, std::move(message.body), 1});
    }
  }
  co_return result;
}

ports::CommitResult RecordingStore::apply(const embedded::PreparedCommit& commit) {
  committer_.begin(clock_.now());
  const ports::CommitResult result = committer_.add(commit);
  committer_.finish();
  return result;
}

Task<bool> RecordingStore::put_if_absent(std::string name, ports::Blob blob) {
  std::string value;
  embedded::append_blob_value(value, {blob.content_type, embedded::checksum(blob.bytes), false, blob.bytes});
  embedded::PreparedCommit commit(name.size() + value.size());
  commit.put_if_absent(Family::kBlobs, name, value);
  co_return apply(commit).committed();
}

Task<ports::Page> RecordingStore::query(ports::Query) { refuse("queries"); }
Task<std::vector<ports::FeedEvent>> RecordingStore::feed(std::uint64_t, std::size_t) { refuse("the feed"); }
Task<std::vector<ports::Message>> RecordingStore::receive(ports::QueueName, std::size_t, Duration, std::stop_token) {
  refuse("receiving");
}
Task<void> RecordingStore::retry_later(const ports::Message&, Duration, std::string) { refuse("retries"); }
Task<void> RecordingStore::bury(const ports::Message&, std::string) { refuse("dead letters"); }
Task<std::vector<ports::DeadLetter>> RecordingStore::dead_letters(ports::QueueName, std::size_t) {
  refuse("dead letters");
}
Task<std::size_t> RecordingStore::redrive(ports::QueueName, std::optional<std::string>) { refuse("dead letters"); }
Task<ports::QueueDepth> RecordingStore::depth(ports::QueueName) { refuse("depths"); }
Task<std::optional<ports::Blob>> RecordingStore::get(std::string) { refuse("reading files"); }

}  // namespace orderly::bench
