// The ports of store, queue and files over the embedded engine's own committer and encoding, with a map in memory where
// RocksDB would be. Keeps what each commit wrote, and the messages that it sent.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bench/recorded_writes.h"
#include "engines/embedded/committer.h"
#include "ports/blobs.h"
#include "ports/clock.h"
#include "ports/queue.h"
#include "ports/store.h"

namespace orderly::bench {

// The families as maps; a batch is applied at once and kept.
class RecordingKeyValue final : public embedded::KeyValue {
 public:
  bool get(embedded::Family family, std::string_view key, std::string& value) const override;
  std::vector<std::optional<std::string>> get_many(embedded::Family family,
                                                   std::span<const std::string> keys) const override;
  std::unique_ptr<embedded::Walk> walk(embedded::Family family, std::string from, std::string to,
                                       embedded::Order order) const override;
  std::unique_ptr<embedded::Batch> make_batch() const override;
  void write(embedded::Batch& batch) override;
  // There are no transactions here that a snapshot could be parted from.
  std::unique_ptr<embedded::KeyValueReader> snapshot() const override;

  std::vector<RecordedBatch> take_batches() { return std::exchange(batches_, {}); }

 private:
  std::array<std::map<std::string, std::string, std::less<>>, embedded::kFamilyCount> families_;
  std::vector<RecordedBatch> batches_;
};

// One thread. Each commit is a batch of its own. Queries and the feed are not needed by what is recorded and throw.
class RecordingStore final : public ports::Store, public ports::Queue, public ports::Blobs {
 public:
  // `clock` must outlive it.
  explicit RecordingStore(ports::Clock& clock);

  Task<std::optional<ports::Record>> get(ports::Key key) override;
  Task<std::vector<std::optional<ports::Record>>> get_many(std::vector<ports::Key> keys) override;
  Task<ports::Page> query(ports::Query query) override;
  Task<ports::CommitResult> commit(ports::Commit commit) override;
  Task<std::vector<ports::FeedEvent>> feed(std::uint64_t after, std::size_t limit) override;

  Task<std::vector<ports::Message>> receive(ports::QueueName queue, std::size_t max, Duration wait,
                                            std::stop_token stop) override;
  Task<void> retry_later(const ports::Message& message, Duration delay, std::string reason) override;
  Task<void> bury(const ports::Message& message, std::string reason) override;
  Task<std::vector<ports::DeadLetter>> dead_letters(ports::QueueName queue, std::size_t max) override;
  Task<std::size_t> redrive(ports::QueueName queue, std::optional<std::string> message_id) override;
  Task<ports::QueueDepth> depth(ports::QueueName queue) override;

  Task<bool> put_if_absent(std::string name, ports::Blob blob) override;
  Task<std::optional<ports::Blob>> get(std::string name) override;

  // What was committed since they were last taken, in order.
  std::vector<RecordedBatch> take_commits() { return key_value_.take_batches(); }
  std::vector<ports::Message> take_messages() { return std::exchange(messages_, {}); }

 private:
  ports::CommitResult apply(const embedded::PreparedCommit& commit);

  ports::Clock& clock_;
  RecordingKeyValue key_value_;
  embedded::Committer committer_;
  std::vector<ports::Message> messages_;
};

}  // namespace orderly::bench
