// The store on DynamoDB: one table, laid out as layout.h says.
//
// A commit is one TransactWriteItems under a token of its own, sent again with the same token and content until its
// outcome is known. DynamoDB remembers a token for ten minutes, so does the store: the same commit sent again within
// that time is done once, whoever lost the answer.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "engines/aws/acknowledger.h"
#include "engines/aws/dynamo_commit.h"
#include "engines/aws/dynamo_table.h"
#include "engines/aws/token_moments.h"
#include "ports/store.h"

namespace orderly::aws {

struct StoreCounters {
  std::atomic<std::uint64_t> commits = 0;    // done
  std::atomic<std::uint64_t> conflicts = 0;  // refused: conditions, floors, acknowledged before
  std::atomic<std::uint64_t> retries = 0;    // tries after the first
  std::atomic<std::uint64_t> failures = 0;   // ended with an Error
};

// Thread-safe. What it is given must outlive it.
class DynamoStore final : public ports::Store {
 public:
  DynamoStore(Service& service, std::string table, Acknowledger& acknowledger)
      : table_(service, std::move(table)), acknowledger_(acknowledger) {}

  // Consistent, all three; an index lags by as much as DynamoDB's does.
  Task<std::optional<ports::Record>> get(ports::Key key) override;
  Task<std::vector<std::optional<ports::Record>>> get_many(std::vector<ports::Key> keys) override;
  Task<ports::Page> query(ports::Query query) override;

  // A lost race that eight tries could not win is a conflict at the write where others were, or
  // Error(kContention, "contention") where none of the writes was it. Error(kUnavailable): "throttled",
  // "store-refused", "stopping", or what the HTTP client says of a peer that cannot be reached.
  Task<ports::CommitResult> commit(ports::Commit commit) override;

  // What the relay has written down so far; at most kFeedEventsMax. Sequences are not dense.
  static constexpr std::size_t kFeedEventsMax = 1000;
  Task<std::vector<ports::FeedEvent>> feed(std::uint64_t after, std::size_t limit) override;

  // Commits from now on throw Error(kUnavailable, "stopping"), and those under way are not tried again.
  void stop() { is_stopping_ = true; }

  const StoreCounters& counters() const { return counters_; }

 private:
  Context& context() const { return table_.service().context(); }
  std::string make_token() const;
  Task<CommitTry> try_to_commit(const ports::Commit& commit, const boost::json::object& input) const;
  Task<CommitTry> run(const ports::Commit& commit, const boost::json::object& input);
  Task<void> tell_handled(std::vector<ports::Receipt> receipts);

  DynamoTable table_;
  Acknowledger& acknowledger_;
  TokenMoments moments_;
  StoreCounters counters_;
  std::atomic<bool> is_stopping_ = false;
};

}  // namespace orderly::aws
