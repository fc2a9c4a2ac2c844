// What is relayed, once and in order, whoever relays and whatever is lost on the way.
#include "engines/aws/relay.h"

#include <gtest/gtest.h>

#include "engines/aws/item.h"
#include "engines/aws/message_item.h"
#include "engines/aws/test_cloud.h"

namespace orderly::aws {
namespace {

using namespace orderly::aws::testing;  // NOLINT(google-build-using-namespace)
using Names = std::vector<std::string>;

TEST(ParseRelayed, AnEventWithItsMessages) {
  const Time at = parse_time("2026-11-21T10:30:00Z").value();
  const ports::OutgoingMessage message{ports::QueueName::kInvoices, "msg_1", "{}", at};
  const auto parsed = parse_relayed(to_event_item({{"ORDER#1", "EVENT#1"}, R"({"n":1})"}, {{message}}, at, 3));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->key, (ports::Key{"ORDER#1", "EVENT#1"}));
  EXPECT_EQ(parsed->committed, "2026-11-21T10:30:00.000Z#03");
  EXPECT_TRUE(parsed->is_listed);
  ASSERT_EQ(parsed->messages.size(), 1u);
  EXPECT_EQ(parsed->messages[0].id, "msg_1");
  EXPECT_EQ(parsed->messages[0].queue, ports::QueueName::kInvoices);
  EXPECT_EQ(parsed->messages[0].due, at);
}

TEST(ParseRelayed, AnOutboxRecordIsNotListed) {
  const auto parsed = parse_relayed(to_outbox_item("token", {{{ports::QueueName::kRefunds, "msg_1", "{}", {}}}}, {}));
  ASSERT_TRUE(parsed);
  EXPECT_FALSE(parsed->is_listed);
  EXPECT_EQ(parsed->messages.size(), 1u);
}

TEST(ParseRelayed, OtherRecordsAreNotRelayed) {
  ports::Put put;
  put.key = {"ORDER#1", "META"};
  put.document = R"({"a":1})";
  EXPECT_FALSE(parse_relayed(to_item(put)));
  EXPECT_FALSE(parse_relayed({}));
}

TEST(ParseRelayed, AnEventWhoseMessagesCannotBeReadIsListedAllTheSame) {
  Item item = event_item("ORDER#1", "EVENT#1", Time{});
  item["_m"] = text_attribute("nonsense");
  const auto parsed = parse_relayed(item);
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->is_broken);
  EXPECT_TRUE(parsed->messages.empty());
}

TEST(RestoreCommitOrder, TheEventsOfOneCommitComeInItsOrderAndOthersStay) {
  std::vector<RelayedEvent> events{event("A", "2"), event("B", "1"), event("A", "1"), event("A", "0")};
  events[0].committed = "2026-11-21T10:30:00.000Z#01";
  events[1].committed = "2026-11-21T10:30:00.000Z#00";
  events[2].committed = "2026-11-21T10:30:00.000Z#00";
  events[3].committed = "2026-11-21T10:29:59.000Z#00";  // an earlier clock, but a later place in the stream
  restore_commit_order(events);
  Names sorts;
  for (const RelayedEvent& one : events) sorts.push_back(one.key.partition + one.key.sort);
  EXPECT_EQ(sorts, (Names{"A1", "B1", "A2", "A0"}));
}

class RelayTest : public ::testing::Test {
 protected:
  std::size_t relay(Process& process, std::vector<RelayedEvent> events, Checkpoints shards = {}) {
    RelayBatch batch;
    batch.events = std::move(events);
    batch.shards = std::move(shards);
    batch.reached = clock_.now();
    return run(process.relay.relay_batch(std::move(batch)));
  }
  FeedPage page(std::uint64_t number) { return parse_feed_page(cloud_.items.at(layout::feed_page(number))); }

  JumpingClock clock_{"2026-11-21T10:30:00Z"};
  CountingRandom random_;
  FakeCloud cloud_;
  Process process_{cloud_, clock_, random_};
};

TEST_F(RelayTest, MessagesAreSentAndEventsListed) {
  EXPECT_EQ(relay(process_, {event("A", "1"), event("A", "2")}, {{"shard", "7"}}), 2u);
  EXPECT_EQ(feed_of(cloud_), (Names{"A/1", "A/2"}));
  EXPECT_EQ(sent_to(cloud_, "shop-payments"), (Names{"msg_A1", "msg_A2"}));
  EXPECT_EQ(page(1).shards, (Checkpoints{{"shard", "7"}}));
  EXPECT_EQ(process_.counters.relayed, 2u);
  EXPECT_EQ(process_.counters.fed, 2u);
}

TEST_F(RelayTest, WhatTheStreamRepeatsIsNotRelayedAgain) {
  relay(process_, {event("A", "1"), event("A", "1")}, {{"shard", "1"}});
  EXPECT_EQ(relay(process_, {event("A", "1"), event("A", "2")}, {{"shard", "2"}}), 1u);
  EXPECT_EQ(feed_of(cloud_), (Names{"A/1", "A/2"}));
  EXPECT_EQ(sent_to(cloud_, "shop-payments"), (Names{"msg_A1", "msg_A2"}));
  EXPECT_EQ(page(2).shards, (Checkpoints{{"shard", "2"}}));
}

TEST_F(RelayTest, ANewProcessKnowsWhatWasRelayedLately) {
  relay(process_, {event("A", "1")}, {{"shard", "1"}});
  Process next(cloud_, clock_, random_);
  EXPECT_EQ(relay(next, {event("A", "1"), event("A", "2")}), 1u);
  EXPECT_EQ(feed_of(cloud_), (Names{"A/1", "A/2"}));
  EXPECT_EQ(page(2).shards, (Checkpoints{{"shard", "1"}})) << "carried over";
}

TEST_F(RelayTest, WhoIsSlowerLeavesOutWhatAnotherListedAndTakesTheNextPage) {
  Process other(cloud_, clock_, random_);
  relay(process_, {event("A", "0")});
  relay(other, {event("A", "1"), event("A", "2")}, {{"shard", "2"}});
  // process_ has not seen page 2.
  relay(process_, {event("A", "2"), event("A", "3")}, {{"shard", "3"}, {"older", "1"}});
  EXPECT_EQ(feed_of(cloud_), (Names{"A/0", "A/1", "A/2", "A/3"}));
  EXPECT_EQ(page(3).shards, (Checkpoints{{"shard", "3"}, {"older", "1"}}));
}

TEST_F(RelayTest, APageWhoseAnswerWasLostIsNotAppendedTwice) {
  int puts = 0;
  cloud_.fate_of = [&](const std::string& action) {
    return action == "PutItem" && ++puts == 1 ? Fate::kLost : Fate::kDone;
  };
  EXPECT_EQ(relay(process_, {event("A", "1")}), 1u);
  EXPECT_EQ(feed_of(cloud_), (Names{"A/1"}));
  EXPECT_EQ(process_.counters.fed, 1u);
}

TEST_F(RelayTest, ABatchThatFailedHalfwayIsDoneAgainAndListedOnce) {
  cloud_.fate_of = [](const std::string& action) { return action == "PutItem" ? Fate::kLost : Fate::kDone; };
  EXPECT_THROW(relay(process_, {event("A", "1")}, {{"shard", "1"}}), Error);
  cloud_.fate_of = [](const std::string&) { return Fate::kDone; };
  relay(process_, {event("A", "1")}, {{"shard", "1"}});
  EXPECT_EQ(feed_of(cloud_), (Names{"A/1"}));
  EXPECT_EQ(sent_to(cloud_, "shop-payments"), (Names{"msg_A1", "msg_A1"})) << "handlers turn the second away";
}

TEST_F(RelayTest, NothingIsListedBeforeItsMessagesAreSent) {
  cloud_.fate_of = [](const std::string& action) { return action == "SendMessageBatch" ? Fate::kDown : Fate::kDone; };
  EXPECT_THROW(relay(process_, {event("A", "1")}), Error);
  EXPECT_TRUE(feed_of(cloud_).empty());
}

TEST_F(RelayTest, AnOutboxRecordLeavesAPageWithItsNameButNoEvent) {
  RelayedEvent outbox = event("~OUT#t", "META");
  outbox.is_listed = false;
  relay(process_, {outbox}, {{"shard", "1"}});
  EXPECT_TRUE(feed_of(cloud_).empty());
  EXPECT_EQ(page(1).outbox, (Names{"~OUT#t"}));
  EXPECT_EQ(sent_to(cloud_, "shop-payments").size(), 1u);
  EXPECT_EQ(relay(process_, {outbox}), 0u);
}

TEST_F(RelayTest, APageHoldsAThousandEventsAndOnlyTheLastOneSaysHowFarTheStreamIs) {
  std::vector<RelayedEvent> events;
  for (int i = 0; i < 1500; ++i) events.push_back(event("A", std::to_string(10'000 + i)));
  relay(process_, std::move(events), {{"shard", "9"}});
  EXPECT_EQ(page(1).events.size(), 1000u);
  EXPECT_TRUE(page(1).shards.empty());
  EXPECT_EQ(page(2).events.size(), 500u);
  EXPECT_EQ(page(2).shards, (Checkpoints{{"shard", "9"}}));
}

TEST_F(RelayTest, LongKeysMakeSmallerPages) {
  std::vector<RelayedEvent> events;
  for (int i = 0; i < 200; ++i) events.push_back(event(std::string(2000, 'p'), std::to_string(1000 + i)));
  relay(process_, std::move(events));
  EXPECT_EQ(feed_of(cloud_).size(), 200u);
  EXPECT_LE(page(1).events.size(), 130u);
}

TEST_F(RelayTest, ShardsThatAreGoneAreForgotten) {
  relay(process_, {event("A", "1")}, {{"old", "1"}, {"new", "1"}});
  RelayBatch batch;
  batch.events = {event("A", "2")};
  batch.shards = {{"new", "2"}};
  batch.gone = {"old"};
  run(process_.relay.relay_batch(std::move(batch)));
  EXPECT_EQ(page(2).shards, (Checkpoints{{"new", "2"}}));
}

TEST(Advance, SequenceNumbersCompareAsNumbers) {
  Checkpoints known{{"a", "99"}, {"b", "000100"}, {"c", "5"}};
  advance(known, {{"a", "100"}, {"b", "99"}, {"c", "4"}, {"d", "1"}});
  EXPECT_EQ(known, (Checkpoints{{"a", "100"}, {"b", "000100"}, {"c", "5"}, {"d", "1"}}));
}

TEST(RelayedKeys, TheOldestAreForgottenFirst) {
  RelayedKeys keys(2);
  keys.add({"A", "1"});
  keys.add({"A", "2"});
  EXPECT_TRUE(keys.is_complete());
  keys.add({"A", "2"});
  EXPECT_TRUE(keys.contains({"A", "1"}));
  keys.add({"A", "3"});
  EXPECT_FALSE(keys.contains({"A", "1"}));
  EXPECT_TRUE(keys.contains({"A", "3"}));
  EXPECT_FALSE(keys.is_complete());
}

}  // namespace
}  // namespace orderly::aws
