#include "engines/embedded/committer.h"

#include <gtest/gtest.h>

#include <deque>

#include "base/error.h"
#include "engines/embedded/memory_key_value.h"

namespace orderly::embedded {
namespace {

using Kind = ports::CommitResult::Kind;

constexpr Time kNow{1'000'000};

ports::Put put(const std::string& partition, ports::Condition condition = ports::Absent{}, std::uint64_t version = 1) {
  return {{partition, "META"}, "{}", version, {}, std::nullopt, condition};
}

ports::Count count(const std::string& partition, std::int64_t by) { return {{partition, "META"}, {{"n", by}}}; }

// One group after another over a store in memory.
class CommitterTest : public ::testing::Test {
 protected:
  void begin(Time now = kNow) {
    prepared_.clear();
    committer_.begin(now);
  }
  ports::CommitResult add(const ports::Commit& commit) { return committer_.add(prepared_.emplace_back(commit)); }
  ports::CommitResult add(ports::Write write) {
    ports::Commit commit;
    commit.writes.push_back(std::move(write));
    return add(commit);
  }
  Kind alone(ports::Write write, Time now = kNow) {
    begin(now);
    const Kind kind = add(std::move(write)).kind;
    committer_.finish();
    return kind;
  }
  std::string stored(const std::string& partition) {
    std::string value;
    if (!store_.get(Family::kRecords, record_key({partition, "META"}), value)) return "none";
    return to_record({}, value).document;
  }

  MemoryKeyValue store_;
  Committer committer_{store_};
  std::deque<PreparedCommit> prepared_;
};

TEST_F(CommitterTest, ACommitSeesWhatEarlierOnesOfItsGroupDid) {
  begin();
  EXPECT_EQ(add(put("A")).kind, Kind::kCommitted);
  EXPECT_EQ(add(put("A")).kind, Kind::kConflict);
  EXPECT_EQ(add(put("A", ports::AtVersion{1}, 2)).kind, Kind::kCommitted);
  EXPECT_EQ(add(put("A", ports::AtVersion{1}, 2)).kind, Kind::kConflict);
  EXPECT_EQ(add(ports::Remove{{"A", "META"}, ports::AtVersion{2}}).kind, Kind::kCommitted);
  EXPECT_EQ(add(ports::Require{{"A", "META"}, ports::Absent{}}).kind, Kind::kCommitted);
  EXPECT_EQ(add(put("A", ports::Absent{}, 9)).kind, Kind::kCommitted);
  committer_.finish();
  EXPECT_EQ(store_.writes, 2u) << "the folder's format, and the group";
  EXPECT_EQ(alone(put("A", ports::AtVersion{9}, 10)), Kind::kCommitted);
}

TEST_F(CommitterTest, CountersOfAGroupAddUpAndAreWrittenOnce) {
  begin();
  EXPECT_EQ(add(count("S", 3)).kind, Kind::kCommitted);
  EXPECT_EQ(add(count("S", -2)).kind, Kind::kCommitted);
  EXPECT_EQ(add(count("S", -2)).kind, Kind::kBelowFloor);
  EXPECT_EQ(add(count("S", -1)).kind, Kind::kCommitted);
  committer_.finish();
  EXPECT_EQ(stored("S"), R"({"n":0})");
}

TEST_F(CommitterTest, ACounterThatBecomesARecordInItsGroupStaysOne) {
  begin();
  add(count("S", 3));
  EXPECT_EQ(add(put("S", ports::Always{})).kind, Kind::kCommitted);
  committer_.finish();
  EXPECT_EQ(stored("S"), "{}");
  EXPECT_EQ(alone(ports::Remove{{"S", "META"}, ports::Always{}}), Kind::kCommitted);
  EXPECT_EQ(stored("S"), "none");
  EXPECT_EQ(alone(count("S", 1)), Kind::kCommitted);
  EXPECT_EQ(stored("S"), R"({"n":1})");
}

// The committer remembers counters between groups.
TEST_F(CommitterTest, ARemovedCounterBeginsAtZeroAgain) {
  EXPECT_EQ(alone(count("S", 5)), Kind::kCommitted);
  EXPECT_EQ(alone(ports::Remove{{"S", "META"}, ports::Always{}}), Kind::kCommitted);
  EXPECT_EQ(alone(count("S", -1)), Kind::kBelowFloor);
  EXPECT_EQ(alone(count("S", 2)), Kind::kCommitted);
  EXPECT_EQ(stored("S"), R"({"n":2})");
}

TEST_F(CommitterTest, AKnownCounterIsNotReadAgain) {
  alone(count("S", 5));
  const std::size_t reads = store_.reads;
  EXPECT_EQ(alone(count("S", -5)), Kind::kCommitted);
  EXPECT_EQ(store_.reads, reads);
}

TEST_F(CommitterTest, ARefusedCommitLeavesNothingInTheGroup) {
  begin();
  ports::Commit commit;
  commit.writes = {put("A"), count("S", 4), count("T", -1)};
  commit.events = {{{"E", "1"}, "{}"}};
  commit.messages = {{ports::QueueName::kPayments, "msg_1", "{}", kNow}};
  EXPECT_EQ(add(commit).kind, Kind::kBelowFloor);
  EXPECT_EQ(add(ports::Require{{"A", "META"}, ports::Absent{}}).kind, Kind::kCommitted);
  EXPECT_EQ(add(count("S", -1)).kind, Kind::kBelowFloor);
  committer_.finish();
  EXPECT_EQ(store_.writes, 1u) << "there was nothing to write";
  EXPECT_EQ(committer_.last_sequence(), 0u);
}

TEST_F(CommitterTest, AFailingWriteFailsTheWholeGroup) {
  alone(count("S", 1));
  ports::Commit commit;
  commit.token = "token";
  commit.writes = {put("A"), count("S", 1)};
  commit.events = {{{"E", "1"}, "{}"}};
  commit.messages = {{ports::QueueName::kPayments, "msg_1", "{}", kNow}};
  store_.before_write = [] { throw Error(ErrorCode::kUnavailable, "store-full", "Full."); };
  begin();
  EXPECT_EQ(add(commit).kind, Kind::kCommitted);
  EXPECT_THROW(committer_.finish(), Error);
  EXPECT_EQ(committer_.last_sequence(), 0u);
  EXPECT_EQ(committer_.counts(), QueueCounts());

  store_.before_write = nullptr;
  begin();
  EXPECT_EQ(add(commit).kind, Kind::kCommitted) << "neither the record nor the token is remembered";
  committer_.finish();
  EXPECT_EQ(stored("S"), R"({"n":2})");
  EXPECT_EQ(committer_.last_sequence(), 1u);
  EXPECT_EQ(committer_.counts().live[1], 1u);
}

TEST_F(CommitterTest, TheFeedHasNoGapsAfterRefusals) {
  for (int i = 0; i < 3; ++i) {
    begin();
    for (int j = 0; j < 3; ++j) {
      ports::Commit commit;
      commit.events = {{{"E", std::to_string(i) + std::to_string(j)}, "{}"}};
      if (j == 1) commit.writes = {count("S", -1)};
      add(commit);
    }
    committer_.finish();
  }
  std::uint64_t expected = 0;
  for (const auto& [key, value] : store_.in(Family::kFeed)) EXPECT_EQ(Reader(key).big_endian(), ++expected);
  EXPECT_EQ(expected, 6u);
  EXPECT_EQ(Committer(store_).last_sequence(), 6u) << "it is found again";
}

TEST_F(CommitterTest, IndexAndExpiryEntriesAreThoseOfTheRecordAsItIs) {
  ports::Put one = put("A");
  one.indexes = {{ports::Index::kByStatus, "pending", "T"}, {ports::Index::kByDay, "day", "T"}};
  one.expires_at = kNow + Duration{50};
  EXPECT_EQ(alone(one), Kind::kCommitted);
  EXPECT_EQ(store_.in(Family::kIndexes).size(), 2u);
  EXPECT_EQ(store_.in(Family::kExpiry).size(), 1u);

  one.indexes[0].partition = "paid";
  one.expires_at = kNow + Duration{90};
  one.condition = ports::AtVersion{1};
  one.version = 2;
  EXPECT_EQ(alone(one), Kind::kCommitted);
  std::vector<std::string> partitions;
  for (const auto& [key, value] : store_.in(Family::kIndexes))
    partitions.push_back(parse_index_key(key).entry.partition);
  EXPECT_EQ(partitions, (std::vector<std::string>{"paid", "day"}));
  EXPECT_EQ(store_.in(Family::kExpiry).size(), 1u);

  // Expired, it counts as absent, and what replaces it takes its entries away.
  EXPECT_EQ(alone(put("A"), kNow + Duration{90}), Kind::kCommitted);
  EXPECT_TRUE(store_.in(Family::kIndexes).empty());
  EXPECT_TRUE(store_.in(Family::kExpiry).empty());
}

TEST_F(CommitterTest, SweepingRemovesARecordOnlyIfItStillExpiresThen) {
  ports::Put one = put("A");
  one.indexes = {{ports::Index::kByDay, "day", "T"}};
  one.expires_at = kNow;
  ports::Put other = put("B");
  other.expires_at = kNow;
  alone(one, kNow - Duration{10});
  alone(other, kNow - Duration{10});
  ports::Put longer = put("B", ports::AtVersion{1}, 2);
  longer.expires_at = kNow + Duration{1000};
  alone(longer, kNow - Duration{10});

  PreparedCommit sweep(100);
  sweep.sweep(record_key({"A", "META"}), kNow);
  sweep.sweep(record_key({"B", "META"}), kNow);
  begin(kNow);
  EXPECT_TRUE(committer_.add(sweep).committed());
  committer_.finish();
  EXPECT_EQ(committer_.swept(), 1u);
  EXPECT_EQ(stored("A"), "none");
  EXPECT_EQ(stored("B"), "{}");
  EXPECT_TRUE(store_.in(Family::kIndexes).empty());
  EXPECT_EQ(store_.in(Family::kExpiry).size(), 1u);
}

TEST_F(CommitterTest, AMessageIsTakenOnceInAGroup) {
  ports::Commit sending;
  sending.messages = {{ports::QueueName::kPayments, "msg_1", "{}", kNow}};
  begin();
  add(sending);
  committer_.finish();
  EXPECT_EQ(committer_.counts().live[1], 1u);

  ports::Commit acknowledging;
  acknowledging.acknowledged = {{ports::QueueName::kPayments, "msg_1", kNow}};
  begin();
  EXPECT_EQ(add(acknowledging).kind, Kind::kCommitted);
  EXPECT_EQ(add(acknowledging).kind, Kind::kAcknowledged);
  committer_.finish();
  EXPECT_TRUE(store_.in(Family::kQueue).empty());
  EXPECT_EQ(Committer(store_).counts().live[1], 0u);
}

TEST_F(CommitterTest, ATokenWithOtherContentIsABug) {
  ports::Commit commit;
  commit.token = "token";
  commit.writes = {count("S", 1)};
  begin();
  EXPECT_EQ(add(commit).kind, Kind::kCommitted);
  EXPECT_EQ(add(commit).kind, Kind::kCommitted);
  commit.writes = {count("S", 2)};
  EXPECT_THROW(add(commit), Error);
  committer_.finish();
  EXPECT_EQ(stored("S"), R"({"n":1})");
}

TEST_F(CommitterTest, TheSameCommitsMakeTheSameBytes) {
  MemoryKeyValue again;
  for (MemoryKeyValue* store : {&store_, &again}) {
    Committer committer(*store);
    std::deque<PreparedCommit> kept;
    committer.begin(kNow);
    for (int i = 0; i < 50; ++i) {
      ports::Commit commit;
      commit.writes = {put("A" + std::to_string(i % 7), ports::Always{}), count("S" + std::to_string(i % 5), i % 3)};
      commit.events = {{{"E", std::to_string(i)}, "{}"}};
      committer.add(kept.emplace_back(commit));
    }
    committer.finish();
  }
  EXPECT_EQ(store_.families, again.families);
}

TEST_F(CommitterTest, AFolderOfANewerVersionIsRefused) {
  MemoryKeyValue newer;
  newer.families[static_cast<std::size_t>(Family::kMeta)]["format"] = "2";
  EXPECT_THROW(Committer committer(newer), Error);
}

}  // namespace
}  // namespace orderly::embedded
