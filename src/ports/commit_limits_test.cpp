// To the byte. What every engine must refuse, and what it must take, is in tests/contract; here is what follows from
// where an engine keeps things.
#include "ports/commit_limits.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/limits.h"

namespace orderly::ports {
namespace {

// "good", or the slug of the Error.
std::string verdict(const Commit& commit) {
  try {
    check_commit(commit);
    return "good";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInternal);
    return error.slug();
  }
}

std::string verdict(Write write) {
  Commit commit;
  commit.writes.push_back(std::move(write));
  return verdict(commit);
}

Put put(Key key, std::string document = "{}") { return {std::move(key), std::move(document), 1, {}, {}, Absent{}}; }

OutgoingMessage message(std::string id, std::size_t bytes) {
  return {QueueName::kPayments, std::move(id), std::string(bytes, 'x'), {}};
}

TEST(CommitLimits, ARecordCountsWithItsKeyAndItsNumbers) {
  const std::size_t room = limits::kRecordBytesMax - 2 - 16;
  EXPECT_EQ(verdict(put({"A", "B"}, std::string(room, 'x'))), "good");
  EXPECT_EQ(verdict(put({"A", "B"}, std::string(room + 1, 'x'))), "bad-commit");
}

TEST(CommitLimits, AnIndexSortHasRoomForAMarkOfItsRecord) {
  Put order = put({"A", "B"});
  order.indexes = {{Index::kByDay, "day", std::string(limits::kSortKeyBytesMax - 9, 't')}};
  EXPECT_EQ(verdict(order), "good");
  order.indexes[0].sort += 't';
  EXPECT_EQ(verdict(order), "bad-key");
}

TEST(CommitLimits, AnIndexPartitionHasRoomForItsShard) {
  Put order = put({"A", "B"});
  order.indexes = {{Index::kByStatus, std::string(limits::kPartitionKeyBytesMax - 2, 'p'), "1"}};
  EXPECT_EQ(verdict(order), "good");
  order.indexes[0].partition += 'p';
  EXPECT_EQ(verdict(order), "bad-key");
}

TEST(CommitLimits, ATransientRecordIsOneByItsPartition) {
  EXPECT_EQ(verdict(put({"!A", "B"})), "bad-commit");
  EXPECT_EQ(verdict(put({"A!", "!B"})), "good");
  Put transient = put({"!A", "B"});
  transient.expires_at = Time{1};
  EXPECT_EQ(verdict(transient), "good");
}

TEST(CommitLimits, ARecordHasOneSortInAllIndexes) {
  Put order = put({"A", "B"});
  order.indexes = {{Index::kByDay, "day", "1"}, {Index::kByStatus, "open", "1"}};
  EXPECT_EQ(verdict(order), "good");
  order.indexes[1].sort = "2";
  EXPECT_EQ(verdict(order), "bad-commit");
}

TEST(CommitLimits, MessagesFitIntoTheFirstEventOrIntoARecordOfTheirOwn) {
  Commit commit;
  commit.messages = {message("msg_1", 200'000 - 69), message("msg_2", 200'000 - 69)};
  EXPECT_EQ(verdict(commit), "good");
  commit.events = {{{"A", "B"}, "{}"}};
  EXPECT_EQ(verdict(commit), "bad-commit");
  commit.messages.pop_back();
  EXPECT_EQ(verdict(commit), "good");
  commit.events = {{{"A", "B"}, std::string(200'000 - 2, 'x')}};
  EXPECT_EQ(verdict(commit), "good");
  commit.events[0].document += 'x';
  EXPECT_EQ(verdict(commit), "bad-commit");
}

TEST(CommitLimits, SmallMessagesCountForWhatTheyAreStoredIn) {
  Commit commit;
  for (int i = 0; i < 6'000; ++i) commit.messages.push_back(message("msg_" + std::to_string(i), 0));
  EXPECT_EQ(verdict(commit), "bad-commit");
  commit.messages.resize(5'000);
  EXPECT_EQ(verdict(commit), "good");
}

TEST(CommitLimits, PartitionsWithATildeAreTheEngines) {
  EXPECT_EQ(verdict(put({"~FEED", "1"})), "bad-key");
  EXPECT_EQ(verdict(Require{{"~DONE#msg_1", "META"}, Absent{}}), "bad-key");
  EXPECT_EQ(verdict(put({"A~", "~1"})), "good");
  Put order = put({"A", "B"});
  order.indexes = {{Index::kByDay, "~day", "~1"}};
  EXPECT_EQ(verdict(order), "good");
}

TEST(CommitLimits, ACounterHasNoNameThatAnEngineUses) {
  for (const char* name : {"_v", "_", "pk", "sk", "ttl", "", "a b"}) {
    EXPECT_EQ(verdict(Count{{"A", "B"}, {{name, 1}}}), "bad-commit") << name;
  }
  for (const char* name : {"v_", "pkg", "TTL", "9"}) {
    EXPECT_EQ(verdict(Count{{"A", "B"}, {{name, 1}}}), "good") << name;
  }
}

TEST(CommitLimits, AMessageIsAcknowledgedOnce) {
  Commit commit;
  commit.acknowledged = {{QueueName::kPayments, "msg_1", {}, {}}, {QueueName::kPayments, "msg_2", {}, {}}};
  EXPECT_EQ(verdict(commit), "good");
  commit.acknowledged[1].message_id = "msg_1";
  EXPECT_EQ(verdict(commit), "bad-commit");
}

}  // namespace
}  // namespace orderly::ports
