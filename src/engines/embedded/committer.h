// Decides on commits, one after another, and makes a group of them durable with one synced write.
//
// A pure step: no thread, no clock, no randomness; the same commits at the same times over the same bytes give the same
// bytes and answers. Each commit is checked against what is durable and what the commits before it in its group did,
// which is kept in a map of the keys that the group has touched: the store itself does not see an unwritten batch.
//
//   committer.begin(now);
//   results.push_back(committer.add(commit));  …
//   committer.finish();   // only now may anybody be told anything, refusals included
//
// Not thread-safe; one at a time stands on a KeyValue.
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engines/embedded/key_value.h"
#include "engines/embedded/prepared_commit.h"
#include "ports/store.h"

namespace orderly::embedded {

// How many messages there are, by the number of their queue. Kept with every group that changes them, since counting
// would be a scan.
struct QueueCounts {
  static constexpr std::size_t kQueues = 16;
  std::array<std::uint64_t, kQueues> live{};
  std::array<std::uint64_t, kQueues> dead{};

  friend bool operator==(const QueueCounts&, const QueueCounts&) = default;
};

class Committer {
 public:
  // Reads where the feed and the counts stand. Throws Error(kBrokenInvariant) for a folder of a newer version.
  explicit Committer(KeyValue& store);

  // A group whose expired records are those of `now`.
  void begin(Time now);

  // The commit must live until the group has ended. Conditions are checked in this order: messages to acknowledge,
  // then the writes as they stand. A commit that is refused leaves nothing in the group, nor does one that throws:
  // Error (kInternal) when it counts in a record that is no counter or beyond 2^63, or repeats another one's token; or
  // what reading throws.
  ports::CommitResult add(const PreparedCommit& commit);

  // Writes the group. When it throws (as KeyValue::write does), no commit of the group has happened, nor may any of the
  // answers be given.
  void finish();

  // Of the group so far.
  std::size_t bytes() const { return batch_->bytes(); }
  // Records that sweeping removed in the group.
  std::size_t swept() const { return swept_; }

  // As of the last group that was finished.
  const QueueCounts& counts() const { return durable_counts_; }
  std::uint64_t last_sequence() const { return durable_sequence_; }

 private:
  // What the group knows of a key: as the store has it, or as an earlier commit left it.
  struct KeyState {
    std::string_view key;
    bool present = false;
    bool is_unwritten_counter = false;  // counters are written once a group, at its end
    std::string_view value;             // in `owned` or in a commit's arena
    std::string owned;
    std::string next;  // a counter's value if the commit under check is applied
  };
  struct Touched {
    Family family = Family::kRecords;
    std::string_view key;
    friend bool operator==(const Touched&, const Touched&) = default;
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  struct TouchedHash {
    std::size_t operator()(const Touched& touched) const {
      return std::hash<std::string_view>{}(touched.key) + static_cast<std::size_t>(touched.family);
    }
  };

  // What the store has under a key of the records.
  bool read_record(std::string_view key, std::string& value) const;
  KeyState& touch(Family family, std::string_view key, bool read);
  bool holds(const PreparedWrite& write, const KeyState& state) const;
  bool count(const PreparedCommit& commit, const PreparedWrite& write, KeyState& state);

  ports::CommitResult check(const PreparedCommit& commit);
  ports::CommitResult check_writes(const PreparedCommit& commit);
  void apply(const PreparedCommit& commit);
  void apply(const PreparedCommit& commit, const PreparedWrite& write, KeyState& state);
  void apply_put(const PreparedCommit& commit, const PreparedWrite& write, KeyState& state);
  void replace_index_entries(const PreparedCommit& commit, const PreparedWrite& write, const RecordView& old);
  void apply_sweep(const PreparedWrite& write, KeyState& state);
  void apply(const RawWrite& write);
  void remove_record(KeyState& state);
  void remove_traces(const KeyState& state);
  void drop_counter(KeyState& state);
  void cache_counters();
  void note_count(const RawWrite& write);

  bool is_repeated(const PreparedCommit& commit) const;
  void remember(const PreparedCommit& commit);
  void forget_group();

  KeyValue& store_;
  std::unique_ptr<Batch> batch_;
  Time now_;

  boost::unordered_flat_map<Touched, std::size_t, TouchedHash> touched_;
  std::deque<KeyState> states_;  // the first used_states_ of them; the others keep their memory for later
  std::size_t used_states_ = 0;
  std::vector<KeyState*> states_of_commit_;
  std::string scratch_;

  // Durable counters that were written lately, as encoded: the stock of what is being sold, which nearly every order
  // needs. Nobody else writes them.
  boost::unordered_flat_map<std::string, std::string, TextHash, std::equal_to<>> counter_cache_;

  std::uint64_t sequence_ = 0;
  std::uint64_t durable_sequence_ = 0;
  QueueCounts counts_;
  QueueCounts durable_counts_;
  std::size_t swept_ = 0;

  // The latest tokens. In memory alone: while this process lives it always says what became of a commit, and when it
  // dies whoever could repeat one dies with it.
  boost::unordered_flat_map<std::uint64_t, std::uint64_t> content_of_token_;
  std::deque<std::uint64_t> tokens_;
  std::size_t tokens_of_group_ = 0;
};

}  // namespace orderly::embedded
