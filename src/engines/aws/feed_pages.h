// The feed in the table: pages ~FEED/<number> with the keys of events in the order in which they were relayed, and with
// how far the stream's shards have been relayed. Pages are only ever appended, one after the other, each on condition
// that nobody else was faster; who was slower reads what the other wrote and leaves that out. So each event stands in
// the feed once, whoever relays it, and a page that is there never gets one before it.
//
//   events   L of L [pk S, sk S]
//   outbox   L of S, partitions of ~OUT records relayed with them: not in the feed, but not missed either
//   at       N, when it was appended
//   reached  N, when the stream had last been read up to `shards`; older than `at` on pages that the sweeper appended
//   shards   M, shard id → S, the last sequence number relayed
//   batch    S, random: whose it is after a lost answer
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "engines/aws/counters.h"
#include "engines/aws/own_records.h"

namespace orderly::aws {

using Checkpoints = std::map<std::string, std::string>;  // shard id → sequence number

// Takes over from `later` what is further. Sequence numbers compare as the numbers that they are.
void advance(Checkpoints& checkpoints, const Checkpoints& later);

struct FeedPage {
  std::uint64_t number = 0;
  std::vector<ports::Key> events;
  std::vector<std::string> outbox;
  Time at;
  Time reached;
  Checkpoints shards;
  std::string batch;
};
Item to_item(const FeedPage& page);
// Throws Error(kBrokenInvariant) for what is none.
FeedPage parse_feed_page(const Item& item);

// What is to be appended.
struct FeedEntries {
  std::vector<ports::Key> events;   // at most layout::kFeedPageEvents
  std::vector<std::string> outbox;  // likewise
  Checkpoints shards;               // empty: as they were
  Time reached;                     // with shards: the stream has been read up to there
  std::set<std::string> gone;       // shards that the stream does not know any more
};

// The keys relayed last, so that what the stream repeats, or the sweeper was first to relay, is known again.
class RelayedKeys {
 public:
  explicit RelayedKeys(std::size_t max) : max_(max) {}

  void add(const ports::Key& key);
  bool contains(const ports::Key& key) const { return keys_.contains(key); }
  // Whether it has all that were added.
  bool is_complete() const { return is_complete_; }

 private:
  const std::size_t max_;
  std::set<ports::Key> keys_;
  std::deque<std::set<ports::Key>::iterator> by_age_;
  bool is_complete_ = true;
};

// Thread-safe. All functions throw Error(kUnavailable) when the table cannot be reached.
class FeedPages {
 public:
  // `remembered`: how far back a new process knows what was relayed.
  FeedPages(OwnRecords& records, RelayCounters& counters, Duration remembered)
      : records_(records), counters_(counters), remembered_(remembered) {}

  // Reads the pages that others have appended; at first, the last ones.
  Task<void> catch_up();
  // catch_up(), if it was never called.
  Task<void> be_ready();
  // As of the last page known.
  Checkpoints checkpoints() const;
  // Whether it was relayed lately, as far as this process knows.
  bool is_relayed(const ports::Key& key) const;
  // What is left of `keys` without those on pages appended at `since` or later.
  Task<std::set<ports::Key>> not_relayed(std::set<ports::Key> keys, Time since);

  // Appends a page with those of `entries` that no page has, if there are any, and with how far it has got.
  Task<void> append(FeedEntries entries);

 private:
  struct Chunk {
    std::vector<FeedPage> pages;
    bool is_end = false;
  };
  Task<void> start();
  Task<void> read_new();
  Task<std::optional<FeedPage>> last_page();
  Task<std::optional<FeedPage>> page(std::uint64_t number);
  Task<std::uint64_t> first_since(Time moment, std::uint64_t last);
  Task<Chunk> read_some(std::uint64_t from);
  void adopt(const FeedPage& page);
  std::optional<FeedPage> next_page(const FeedEntries& entries) const;
  std::uint64_t last() const;
  bool is_started() const;

  OwnRecords& records_;
  RelayCounters& counters_;
  const Duration remembered_;

  mutable std::mutex mutex_;
  bool is_started_ = false;
  std::uint64_t first_known_ = 1;  // the pages from here to last_ are in relayed_
  std::uint64_t last_ = 0;
  Checkpoints shards_;
  Time reached_;
  RelayedKeys relayed_{kRelayedKeysMax};

  static constexpr std::size_t kRelayedKeysMax = 200'000;
};

// The key under which an ~OUT record of that partition is known.
ports::Key outbox_key(std::string partition);

}  // namespace orderly::aws
