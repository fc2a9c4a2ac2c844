// Due records handed over in time, and events that the stream missed.
#include "engines/aws/sweeper.h"

#include <gtest/gtest.h>

#include "engines/aws/item.h"
#include "engines/aws/test_cloud.h"

namespace orderly::aws {
namespace {

using namespace orderly::aws::testing;  // NOLINT(google-build-using-namespace)
using ports::OutgoingMessage;
using ports::QueueName;
using Names = std::vector<std::string>;

class SweeperTest : public ::testing::Test {
 protected:
  OutgoingMessage message(const std::string& id, Duration in, QueueName queue = QueueName::kPayments) {
    return {queue, id, R"({"n":1})", clock_.now() + in};
  }
  void send(std::vector<OutgoingMessage> messages) { run_all(process_.sender.send(std::move(messages))); }
  void sweep_due() { run_all(sweeper_.sweep_due({})); }
  void sweep_missed() { run_all(sweeper_.sweep_missed({})); }
  std::size_t due_records() {
    return static_cast<std::size_t>(std::ranges::count_if(
        cloud_.items, [](const auto& entry) { return entry.first.partition.starts_with("~DUE#"); }));
  }
  void commit(const std::string& partition, const std::string& sort) {
    cloud_.items[{partition, sort}] = event_item(partition, sort, clock_.now());
  }

  JumpingClock clock_{"2026-11-21T10:30:10Z"};
  CountingRandom random_;
  FakeCloud cloud_;
  Process process_{cloud_, clock_, random_};
  Sweeper sweeper_{process_.due,
                   process_.sender,
                   process_.pages,
                   process_.relay,
                   process_.counters,
                   process_.records,
                   {Duration{5'000}, std::chrono::minutes(2), Duration{15'000}}};
};

TEST_F(SweeperTest, AMessageWaitsAsADueRecordUntilSqsCanDelayIt) {
  send({message("msg_far", std::chrono::minutes(40)), message("msg_near", std::chrono::minutes(10))});
  EXPECT_EQ(sent_to(cloud_, "shop-payments"), (Names{"msg_near"}));
  EXPECT_EQ(due_records(), 1u);
  sweep_due();
  EXPECT_EQ(due_records(), 1u);
  clock_.advance(std::chrono::minutes(26));
  sweep_due();
  EXPECT_EQ(sent_to(cloud_, "shop-payments"), (Names{"msg_near", "msg_far"}));
  EXPECT_EQ(due_records(), 0u);
  const boost::json::object& entry = cloud_.sent["shop-payments"].back();
  EXPECT_EQ(entry.at("DelaySeconds").as_int64(), 14 * 60);
  EXPECT_EQ(entry.at("MessageBody").as_string(), R"({"n":1})");
}

TEST_F(SweeperTest, AFifoQueueGetsItsMessageWhenItIsDueAndNotBefore) {
  send({message("msg_1", std::chrono::minutes(3), QueueName::kInvoices)});
  EXPECT_EQ(due_records(), 1u);
  sweep_due();
  EXPECT_TRUE(sent_to(cloud_, "shop-invoices.fifo").empty());
  clock_.advance(std::chrono::minutes(3));
  sweep_due();
  EXPECT_EQ(sent_to(cloud_, "shop-invoices.fifo"), (Names{"msg_1"}));
  EXPECT_EQ(due_records(), 0u);
}

TEST_F(SweeperTest, ADueRecordStaysUntilItsMessageIsSent) {
  send({message("msg_1", std::chrono::hours(1))});
  clock_.advance(std::chrono::hours(1));
  cloud_.fate_of = [](const std::string& action) { return action == "SendMessageBatch" ? Fate::kDown : Fate::kDone; };
  EXPECT_THROW(sweep_due(), Error);
  EXPECT_EQ(due_records(), 1u);
}

TEST_F(SweeperTest, DueRecordsAreCountedByQueue) {
  send({message("msg_1", std::chrono::hours(1)), message("msg_2", std::chrono::hours(2))});
  EXPECT_EQ(run(process_.due.count(QueueName::kPayments)), 2u);
}

TEST_F(SweeperTest, AnEventThatTheStreamMissedIsRelayedOnceItIsOldEnough) {
  sweep_missed();  // the first: from this minute on
  commit("A", "1");
  clock_.advance(std::chrono::seconds(100));
  sweep_missed();
  EXPECT_TRUE(feed_of(cloud_).empty());
  clock_.advance(std::chrono::seconds(80));
  sweep_missed();
  EXPECT_EQ(feed_of(cloud_), (Names{"A/1"}));
  EXPECT_EQ(sent_to(cloud_, "shop-payments"), (Names{"msg_A1"}));
  EXPECT_EQ(process_.counters.missed, 1u);
  clock_.advance(std::chrono::minutes(10));
  sweep_missed();
  EXPECT_EQ(feed_of(cloud_).size(), 1u);
}

TEST_F(SweeperTest, WhatAnotherProcessRelayedIsNotMissed) {
  sweep_missed();
  commit("A", "1");
  commit("A", "2");
  Process relaying(cloud_, clock_, random_);
  RelayBatch batch;
  batch.events = {event("A", "1")};
  run(relaying.relay.relay_batch(std::move(batch)));
  clock_.advance(std::chrono::minutes(5));
  sweep_missed();
  EXPECT_EQ(feed_of(cloud_), (Names{"A/1", "A/2"}));
  EXPECT_EQ(sent_to(cloud_, "shop-payments"), (Names{"msg_A1", "msg_A2"}));
  EXPECT_EQ(process_.counters.missed, 1u);
}

TEST_F(SweeperTest, PagesOlderThanTheProcessRemembersAreReadAgain) {
  sweep_missed();
  commit("A", "1");
  Process relaying(cloud_, clock_, random_);
  RelayBatch batch;
  batch.events = {event("A", "1")};
  batch.shards = {{"s", "1"}};
  batch.reached = clock_.now();
  run(relaying.relay.relay_batch(std::move(batch)));
  clock_.advance(std::chrono::hours(3));  // nobody sweeps; the relay goes on
  for (int i = 0; i < 3; ++i) {
    RelayBatch later;
    later.events = {event("B", std::to_string(i))};
    later.shards = {{"s", std::to_string(i + 2)}};
    later.reached = clock_.now();
    run(relaying.relay.relay_batch(std::move(later)));
    clock_.advance(std::chrono::minutes(1));
  }
  Process late(cloud_, clock_, random_);
  Sweeper sweeper(late.due, late.sender, late.pages, late.relay, late.counters, late.records,
                  {Duration{5'000}, std::chrono::minutes(2), Duration{15'000}});
  run_all(sweeper.sweep_missed({}));
  EXPECT_EQ(late.counters.missed, 0u);
  EXPECT_EQ(feed_of(cloud_), (Names{"A/1", "B/0", "B/1", "B/2"}));
}

TEST_F(SweeperTest, AnOutboxRecordThatTheStreamMissedIsRelayedOnce) {
  sweep_missed();
  const Item outbox = to_outbox_item("t", {{message("msg_1", Duration{0})}}, clock_.now());
  cloud_.items[layout::outbox("t")] = outbox;
  clock_.advance(std::chrono::minutes(4));
  sweep_missed();
  EXPECT_EQ(sent_to(cloud_, "shop-payments"), (Names{"msg_1"}));
  Process next(cloud_, clock_, random_);
  EXPECT_TRUE(run(next.pages.not_relayed({outbox_key("~OUT#t")}, clock_.now() - std::chrono::minutes(5))).empty());
}

TEST_F(SweeperTest, ItStopsWhenToldAndLeavesItsLease) {
  std::stop_source stop;
  int queries = 0;
  cloud_.fate_of = [&](const std::string& action) {
    if (action == "Query" && ++queries == 9) stop.request_stop();
    return queries == 5 ? Fate::kDown : Fate::kDone;  // one failure is survived
  };
  run_all(sweeper_.run(stop.get_token()));
  EXPECT_GE(queries, 9);
  EXPECT_FALSE(cloud_.items.contains({"~LEASE", "sweeper"}));
}

}  // namespace
}  // namespace orderly::aws
