#include "engines/aws/layout.h"

#include <gtest/gtest.h>

#include <set>

namespace orderly::aws::layout {
namespace {

constexpr Time kMoment{1'795'257'005'123};  // 2026-11-21T10:30:05.123Z

// Stored: not to be changed.
TEST(Layout, KeysOfTheEnginesOwnRecords) {
  EXPECT_EQ(done("msg_1"), (ports::Key{"~DONE#msg_1", "META"}));
  EXPECT_EQ(outbox("t"), (ports::Key{"~OUT#t", "META"}));
  EXPECT_EQ(feed_page(42), (ports::Key{"~FEED", "000000000042"}));
  EXPECT_EQ(due_record(kMoment, "msg_1").sort, "2026-11-21T10:30:05.123Z#msg_1");
  EXPECT_EQ(due_partition(3), "~DUE#3");
  EXPECT_EQ(feed_minute(kMoment, 2), "2026-11-21T10:30#2");
  EXPECT_EQ(feed_sort(kMoment, 7), "2026-11-21T10:30:05.123Z#07");
  EXPECT_EQ(feed_sort(kMoment, 99), "2026-11-21T10:30:05.123Z#99");
}

TEST(Layout, EveryDueRecordIsInOneOfTheShards) {
  std::set<std::string> partitions;
  for (unsigned shard = 0; shard < kDueShards; ++shard) partitions.insert(due_partition(shard));
  std::set<std::string> used;
  for (int i = 0; i < 100; ++i) used.insert(due_record(kMoment, "msg_" + std::to_string(i)).partition);
  EXPECT_EQ(used, partitions);
}

TEST(Layout, WhatIsDueBeforeAMomentSortsBelowIt) {
  EXPECT_LT(due_record(kMoment - Duration{1}, "~").sort, due_sort_before(kMoment));
  EXPECT_GT(due_record(kMoment, "A").sort, due_sort_before(kMoment));
}

TEST(Layout, IndexesHaveAttributesOfTheirOwn) {
  EXPECT_EQ(index_name(ports::Index::kByClient), "by-client");
  EXPECT_EQ(index_partition_name(ports::Index::kByDay), "_3p");
  EXPECT_TRUE(is_sharded(ports::Index::kByStatus));
  EXPECT_TRUE(is_sharded(ports::Index::kByDay));
  EXPECT_FALSE(is_sharded(ports::Index::kByClient));
}

// By another implementation of FNV-1a.
TEST(Layout, ShardsAreTheSameInEveryBuild) {
  EXPECT_EQ(shard_of({"ORDER#1", "META"}, 4), 1u);
  EXPECT_EQ(shard_of({"ORDER#2", "META"}, 4), 2u);
  EXPECT_EQ(shard_of({"ORDER#3", "META"}, 4), 3u);
  EXPECT_EQ(shard_of({"ORDER#4", "META"}, 4), 0u);
  EXPECT_EQ(shard_of({"ORDER#5", "META"}, 4), 1u);
  std::set<unsigned> shards;
  for (int i = 0; i < 100; ++i) shards.insert(shard_of({"ORDER#" + std::to_string(i), "META"}, 4));
  EXPECT_EQ(shards, (std::set<unsigned>{0, 1, 2, 3}));
}

}  // namespace
}  // namespace orderly::aws::layout
