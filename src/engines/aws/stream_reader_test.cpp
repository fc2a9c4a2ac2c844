// Shards in the order of their lineage, from where the feed stands, whatever expires.
#include "engines/aws/stream_reader.h"

#include <gtest/gtest.h>

#include "engines/aws/test_cloud.h"

namespace orderly::aws {
namespace {

using namespace orderly::aws::testing;  // NOLINT(google-build-using-namespace)
using Names = std::vector<std::string>;

class StreamReaderTest : public ::testing::Test {
 protected:
  void add(const std::string& shard, const std::string& name, const std::string& sequence) {
    cloud_.shards[shard].records.push_back(inserted(event_item("A", name, clock_.now()), sequence, clock_.now()));
  }
  // One reading: the events' sorts.
  Names read() {
    batch_ = run(reader_.read());
    Names sorts;
    for (const RelayedEvent& one : batch_.events) sorts.push_back(one.key.sort);
    return sorts;
  }

  JumpingClock clock_{"2026-11-21T10:30:00Z"};
  CountingRandom random_;
  FakeCloud cloud_;
  Process process_{cloud_, clock_, random_};
  StreamReader reader_{process_.service, process_.table};
  RelayBatch batch_;
};

TEST_F(StreamReaderTest, ReadsFromTheOldestRecordAndGoesOn) {
  add("s1", "1", "001");
  add("s1", "2", "002");
  EXPECT_EQ(read(), (Names{"1", "2"}));
  EXPECT_EQ(batch_.shards, (Checkpoints{{"s1", "002"}}));
  reader_.confirm();
  EXPECT_TRUE(read().empty());
  add("s1", "3", "003");
  EXPECT_EQ(read(), (Names{"3"}));
}

TEST_F(StreamReaderTest, StartsAfterTheCheckpoint) {
  add("s1", "1", "001");
  add("s1", "2", "002");
  reader_.start({{"s1", "001"}, {"long-gone", "9"}});
  EXPECT_EQ(read(), (Names{"2"}));
  EXPECT_EQ(batch_.gone, (std::set<std::string>{"long-gone"}));
}

TEST_F(StreamReaderTest, AShardIsReadAfterItsParentHasBeenReadToItsEnd) {
  add("parent", "1", "001");
  add("child", "2", "002");
  cloud_.shards["child"].parent = "parent";
  EXPECT_EQ(read(), (Names{"1"}));
  EXPECT_TRUE(read().empty());
  cloud_.shards["parent"].is_closed = true;
  EXPECT_TRUE(read().empty());
  EXPECT_EQ(read(), (Names{"2"}));
}

TEST_F(StreamReaderTest, AChildWhoseParentIsNoMoreIsReadAtOnce) {
  add("child", "2", "002");
  cloud_.shards["child"].parent = "trimmed";
  EXPECT_EQ(read(), (Names{"2"}));
}

TEST_F(StreamReaderTest, NewShardsAreFoundWhenOneEnds) {
  add("s1", "1", "001");
  EXPECT_EQ(read(), (Names{"1"}));
  cloud_.shards["s1"].is_closed = true;
  add("s2", "2", "002");
  cloud_.shards["s2"].parent = "s1";
  EXPECT_TRUE(read().empty());
  EXPECT_EQ(read(), (Names{"2"}));
}

TEST_F(StreamReaderTest, WhatIsNotConfirmedIsReadAgain) {
  add("s1", "1", "001");
  EXPECT_EQ(read(), (Names{"1"}));
  reader_.confirm();
  add("s1", "2", "002");
  EXPECT_EQ(read(), (Names{"2"}));
  reader_.rewind();
  EXPECT_EQ(read(), (Names{"2"}));
}

TEST_F(StreamReaderTest, AnExpiredIteratorIsReplacedWhereItStood) {
  add("s1", "1", "001");
  EXPECT_EQ(read(), (Names{"1"}));
  add("s1", "2", "002");
  cloud_.expire_iterators();
  EXPECT_TRUE(read().empty());
  EXPECT_EQ(read(), (Names{"2"}));
}

TEST_F(StreamReaderTest, WhereItStoodIsTrimmedItGoesOnWithTheOldest) {
  for (const char* name : {"1", "2", "3", "4"}) add("s1", name, "00" + std::string(name));
  cloud_.shards["s1"].trimmed = 3;
  reader_.start({{"s1", "001"}});
  EXPECT_EQ(read(), (Names{"4"}));
}

TEST_F(StreamReaderTest, OnlyInsertedEventsAreRelayedButAllRecordsCount) {
  add("s1", "1", "001");
  cloud_.shards["s1"].records.back()["eventName"] = "MODIFY";
  add("s1", "2", "002");
  cloud_.shards["s1"].records.push_back({{"eventName", "REMOVE"}, {"dynamodb", {{"SequenceNumber", "003"}}}});
  EXPECT_EQ(read(), (Names{"2"}));
  EXPECT_EQ(batch_.shards, (Checkpoints{{"s1", "003"}}));
}

TEST_F(StreamReaderTest, ReachedIsTheTimeOfTheLastRecordOfTheShardThatIsFurthestBehind) {
  const Time begin = clock_.now();
  add("s1", "1", "001");
  clock_.advance(std::chrono::minutes(5));
  add("s2", "2", "002");
  clock_.advance(std::chrono::minutes(5));
  read();
  EXPECT_EQ(batch_.reached, begin);
  read();
  EXPECT_EQ(batch_.reached, clock_.now()) << "nothing is left to read";
}

TEST_F(StreamReaderTest, AFailureIsSurvivedByRewinding) {
  add("s1", "1", "001");
  bool is_down = true;
  cloud_.fate_of = [&](const std::string& action) {
    return action == "GetRecords" && is_down ? Fate::kDown : Fate::kDone;
  };
  EXPECT_THROW(read(), Error);
  reader_.rewind();
  is_down = false;
  EXPECT_EQ(read(), (Names{"1"}));
}

}  // namespace
}  // namespace orderly::aws
