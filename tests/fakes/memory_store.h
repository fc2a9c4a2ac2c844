// The store and the files in memory, with the whole contract of ports/store.h, and hooks that make it fail. For one
// thread. Every call lets other coroutines run first, so that what may interleave does.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "ports/blobs.h"
#include "ports/inspection.h"
#include "ports/store.h"
#include "tests/fakes/memory_queue.h"

namespace orderly::fakes {

// How a commit fails.
enum class CommitFault {
  kRefused,         // Error(kUnavailable): nothing was done, and the caller knows
  kLostBeforeDone,  // outcome unknown; it was not done
  kLostAfterDone,   // outcome unknown; it was done
};

class MemoryStore final : public ports::Store, public ports::Blobs, public ports::Inspectable {
 public:
  MemoryStore(VirtualClock& clock, MemoryQueue& queue) : clock_(clock), queue_(queue) {}

  Task<std::optional<ports::Record>> get(ports::Key key) override;
  Task<std::vector<std::optional<ports::Record>>> get_many(std::vector<ports::Key> keys) override;
  Task<ports::Page> query(ports::Query query) override;
  Task<ports::CommitResult> commit(ports::Commit commit) override;
  Task<std::vector<ports::FeedEvent>> feed(std::uint64_t after, std::size_t limit) override;

  Task<bool> put_if_absent(std::string name, ports::Blob blob) override;
  Task<std::optional<ports::Blob>> get(std::string name) override;

  std::unique_ptr<ports::Inspection> inspect() override;

  // --- What tests do ---
  // Of the commits to come, the one after `skipped` others fails so. Several may be planned.
  void fail_commit(CommitFault fault, std::size_t skipped = 0);
  // The next commit that writes `key` is told that it lost a race.
  void conflict_once(ports::Key key) { conflicts_.insert(std::move(key)); }
  // Awaited before each commit is decided on, but not before those that it makes itself: a race at any point wanted.
  void before_commit(std::function<Task<void>(const ports::Commit&)> hook) { before_commit_ = std::move(hook); }
  // Called after each commit that was done.
  void after_commit(std::function<void(const ports::Commit&)> hook) { after_commit_ = std::move(hook); }
  // A query looks at no more rows than this for one page, so that pages come short although there is more.
  void set_rows_examined_max(std::size_t rows) { rows_examined_max_ = rows; }
  // From now on others may run between any two records that get_many reads.
  void tear_reads() { tears_reads_ = true; }
  // Awaited before each record is read by its key, but not before those that it reads itself: as before_commit.
  void before_read(std::function<Task<void>()> hook) { before_read_ = std::move(hook); }
  // Changes what is stored behind everybody's back.
  void tamper(const ports::Key& key, const std::function<void(std::string& document)>& change);

  std::size_t commits() const { return commits_; }                 // that were done
  const std::vector<ports::Key>& reads() const { return reads_; }  // records asked for by key, ever

 private:
  friend class MemoryInspection;

  struct Stored {
    std::string document;
    std::uint64_t version = 0;
    std::optional<Time> expires_at;
    std::vector<ports::IndexEntry> indexes;
    std::map<std::string, std::int64_t> counters;
    bool is_counter = false;
  };
  // The record's key makes an entry unique.
  struct IndexRow {
    ports::Index index;
    std::string partition;
    std::string sort;
    ports::Key record;
    friend auto operator<=>(const IndexRow&, const IndexRow&) = default;
  };
  struct Row {
    std::string sort;
    ports::Key record;
    friend auto operator<=>(const Row&, const Row&) = default;
  };

  const Stored* find(const ports::Key& key) const;  // never an expired one
  std::optional<ports::Record> read(const ports::Key& key) const;
  Task<void> begin_read(ports::Key key);
  std::vector<Row> rows_of(const ports::Query& query) const;

  std::optional<ports::CommitResult::Kind> refusal(const ports::Write& write) const;
  ports::CommitResult decide(const ports::Commit& commit);
  ports::CommitResult apply(const ports::Commit& commit);
  void write(const ports::Put& put);
  void write(const ports::Remove& remove);
  void write(const ports::Require&) {}
  void write(const ports::Count& count);
  void forget(const ports::Key& key);
  std::optional<CommitFault> next_fault();

  VirtualClock& clock_;
  MemoryQueue& queue_;
  std::map<ports::Key, Stored> records_;
  std::set<IndexRow> index_rows_;
  std::vector<ports::FeedEvent> feed_;
  std::map<std::string, std::string> tokens_;  // of commits done → what they were
  std::map<std::string, ports::Blob> blobs_;
  std::size_t commits_ = 0;

  std::size_t rows_examined_max_ = 1000;
  std::multimap<std::size_t, CommitFault> faults_;  // by the number of the commit asked for
  std::size_t commits_asked_ = 0;
  std::set<ports::Key> conflicts_;
  std::function<Task<void>(const ports::Commit&)> before_commit_;
  std::function<void(const ports::Commit&)> after_commit_;
  std::function<Task<void>()> before_read_;
  bool in_read_hook_ = false;
  bool in_hook_ = false;
  bool tears_reads_ = false;
  std::vector<ports::Key> reads_;
};

}  // namespace orderly::fakes
