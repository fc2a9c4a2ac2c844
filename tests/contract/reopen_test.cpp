// What was acknowledged is there after a restart.
#include "tests/contract/world.h"

namespace orderly::contract {
namespace {

using ports::QueueName;

template <class Engine>
class ReopenContract : public Contract<Engine> {};
TYPED_TEST_SUITE(ReopenContract, Engines);

TYPED_TEST(ReopenContract, RecordsCountersAndIndexesAreKept) {
  ports::Put order = put(key("ORDER#1", "1"), R"({"n":1})", ports::Absent{}, 3);
  order.indexes = {{ports::Index::kByDay, "order#day", "T1"}};
  order.expires_at = this->now() + std::chrono::hours(1);
  ASSERT_EQ(this->commit(commit_of({order, count(key("STOCK#1"), {{"available", 7}})})), "committed");
  this->engine_.reopen();
  const auto record = this->get(key("ORDER#1", "1"));
  ASSERT_TRUE(record);
  EXPECT_EQ(record->document, R"({"n":1})");
  EXPECT_EQ(record->version, 3u);
  EXPECT_EQ(record->expires_at, order.expires_at);
  EXPECT_EQ(this->document(key("STOCK#1")), R"({"available":7})");
  EXPECT_EQ(this->sorts({.index = ports::Index::kByDay, .partition = "order#day"}), std::vector<std::string>{"1"});
  EXPECT_EQ(this->write(put(key("ORDER#1", "1"), "{}")), "conflict 0");
  EXPECT_EQ(this->write(count(key("STOCK#1"), {{"available", -8}})), "below-floor 0");
}

TYPED_TEST(ReopenContract, TheFeedGoesOnWhereItWas) {
  for (const std::string name : {"1", "2"}) {
    ports::Commit commit;
    commit.events.push_back({key("E", name), name});
    ASSERT_EQ(this->commit(commit), "committed");
  }
  const auto before = this->run(this->store().feed(0, 10));
  this->engine_.reopen();
  ports::Commit commit;
  commit.events.push_back({key("E", "3"), "3"});
  ASSERT_EQ(this->commit(commit), "committed");
  const auto after = this->run(this->store().feed(0, 10));
  ASSERT_EQ(after.size(), 3u);
  EXPECT_EQ(after[1].sequence, before[1].sequence);
  EXPECT_GT(after[2].sequence, before[1].sequence);
  EXPECT_EQ(after[2].document, "3");
}

TYPED_TEST(ReopenContract, MessagesAreKeptDelayedAndInFlightOnesIncluded) {
  std::vector<ports::OutgoingMessage> messages{message("msg_flight"), message("msg_done"), message("msg_retried")};
  messages.push_back(message("msg_later"));
  messages.back().due = this->now() + 2 * TypeParam::kVisibilityTimeout + Duration{1500};
  ASSERT_EQ(this->send(messages), "committed");
  for (const ports::Message& one : this->receive()) {
    if (one.receipt.message_id == "msg_done") {
      ASSERT_EQ(this->acknowledge(one), "committed");
    }
    if (one.receipt.message_id == "msg_retried") this->run(this->queue().retry_later(one, Duration{0}, "again"));
  }
  this->engine_.reopen();
  EXPECT_EQ(this->run(this->queue().depth(QueueName::kPayments)).messages, 3u);
  std::map<std::string, int> attempts;
  for (int i = 0; i < 50 && attempts.size() < 2; ++i) {
    for (const ports::Message& one : this->receive(10, Duration{100})) {
      attempts[one.receipt.message_id] = one.attempts;
      ASSERT_EQ(this->acknowledge(one), "committed");
    }
  }
  EXPECT_EQ(attempts.size(), 2u);
  EXPECT_TRUE(attempts.contains("msg_flight"));
  EXPECT_EQ(attempts["msg_retried"], 2) << "that it was given back is durable";
  const auto later = this->receive(10, std::chrono::seconds(5));
  ASSERT_EQ(later.size(), 1u);
  EXPECT_EQ(later[0].receipt.message_id, "msg_later");
  EXPECT_GE(this->now(), messages.back().due);
}

TYPED_TEST(ReopenContract, DeadLettersAreKept) {
  ASSERT_EQ(this->send({message("msg_1", "[1]")}), "committed");
  this->run(this->queue().bury(this->receive().at(0), "poison"));
  this->engine_.reopen();
  const auto letters = this->run(this->queue().dead_letters(QueueName::kPayments, 10));
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0].body, "[1]");
  EXPECT_EQ(letters[0].reason, "poison");
  EXPECT_EQ(this->run(this->queue().depth(QueueName::kPayments)).dead, 1u);
  EXPECT_EQ(this->run(this->queue().redrive(QueueName::kPayments, "msg_1")), 1u);
}

TYPED_TEST(ReopenContract, FilesAreKept) {
  ASSERT_TRUE(this->run(this->engine_.blobs().put_if_absent("small", {"abc", "text/plain"})));
  ASSERT_TRUE(this->run(this->engine_.blobs().put_if_absent("large", {std::string(300'000, 'x'), "image/png"})));
  this->engine_.reopen();
  EXPECT_EQ(this->run(this->engine_.blobs().get("small"))->bytes, "abc");
  const auto large = this->run(this->engine_.blobs().get("large"));
  EXPECT_EQ(large->bytes, std::string(300'000, 'x'));
  EXPECT_EQ(large->content_type, "image/png");
  EXPECT_FALSE(this->run(this->engine_.blobs().put_if_absent("large", {"y", "text/plain"})));
}

TYPED_TEST(ReopenContract, InspectionShowsAllThatIsStored) {
  ports::Put order = put(key("ORDER#1", "1"), "{}", ports::Absent{}, 2);
  order.indexes = {{ports::Index::kByClient, "CLIENT#1", "T1"}, {ports::Index::kByDay, "order#day", "T1"}};
  ports::Commit commit = commit_of({order, count(key("STOCK#1"), {{"available", 7}})});
  commit.events.push_back({key("ORDER#1", "EVENT#1"), "\"placed\""});
  commit.messages = {message("msg_1", "[1]"), message("msg_2", "[2]")};
  ASSERT_EQ(this->commit(commit), "committed");
  this->run(this->queue().bury(this->receive(1).at(0), "poison"));
  this->engine_.reopen();

  const auto inspection = this->engine_.inspectable().inspect();
  ASSERT_EQ(this->write(put(key("LATER"), "{}")), "committed");  // not of that moment
  std::vector<std::string> records;
  inspection->records([&](const auto& stored) {
    records.push_back(stored.record.key.partition + " " + stored.record.key.sort +
                      (stored.is_counter ? " counter" : ""));
    return true;
  });
  EXPECT_EQ(records, (std::vector<std::string>{"ORDER#1 1", "ORDER#1 EVENT#1", "STOCK#1 META counter"}));
  std::vector<std::string> entries;
  inspection->index_entries([&](const auto& stored) {
    entries.push_back(stored.entry.partition + " " + stored.entry.sort + " " + stored.record.partition);
    return true;
  });
  EXPECT_EQ(entries, (std::vector<std::string>{"CLIENT#1 T1 ORDER#1", "order#day T1 ORDER#1"}));
  std::map<std::string, bool> messages;
  inspection->messages([&](const auto& stored) { return messages[stored.message.id] = stored.dead, true; });
  EXPECT_EQ(messages, (std::map<std::string, bool>{{"msg_1", true}, {"msg_2", false}}));
  int events = 0;
  inspection->feed([&](const ports::FeedEvent& event) {
    EXPECT_EQ(event.document, "\"placed\"");
    return ++events, true;
  });
  EXPECT_EQ(events, 1);
  EXPECT_EQ(inspection->record(key("ORDER#1", "1"))->indexes, order.indexes);
  EXPECT_FALSE(inspection->record(key("LATER")));
  int visited = 0;
  inspection->records([&](const auto&) { return ++visited < 2; });
  EXPECT_EQ(visited, 2) << "a callback that returns false ends the walk";
}

}  // namespace
}  // namespace orderly::contract
