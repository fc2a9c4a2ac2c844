// Messages: delivered after their commit, at least once, acknowledged exactly once.
#include <cstdlib>

#include "base/limits.h"
#include "tests/contract/world.h"

namespace orderly::contract {
namespace {

using ports::QueueName;

template <class Engine>
class QueueContract : public Contract<Engine> {
 protected:
  static constexpr Duration kHidden = Engine::kVisibilityTimeout;
  // How late a message may come.
  static constexpr Duration kLate = Engine::kDelayGrain + Engine::kRelayTime;

  // Gives the one message there is back until it has used up its deliveries.
  void kill(const std::string& id) {
    for (int delivery = 1; delivery <= limits::kDeliveriesMax; ++delivery) {
      const auto messages = this->receive(1, std::chrono::seconds(5));
      ASSERT_EQ(messages.size(), 1u) << delivery;
      ASSERT_EQ(messages[0].receipt.message_id, id);
      EXPECT_EQ(messages[0].attempts, delivery);
      this->run(this->queue().retry_later(messages[0], Duration{0}, "provider-down"));
    }
    this->note_dead(id);
  }
  void expect_oldest_due(Time due) {
    if constexpr (Engine::kKnowsOldestDue) EXPECT_EQ(depth().oldest_due, due);
  }
  // How many there are. Behind faults a message may have copies, which count until they are handled; which of them are
  // there is chance.
  void expect_messages(std::size_t count) {
    const std::size_t messages = depth().messages;
    const bool may_have_copies = !Engine::kDeliversOnce && std::getenv("ORDERLY_TEST_FAULTS_URL") != nullptr;
    if (may_have_copies) {
      EXPECT_GE(messages, count);
    } else {
      EXPECT_EQ(messages, count);
    }
  }
  ports::QueueDepth depth(QueueName queue = QueueName::kPayments) { return this->run(this->queue().depth(queue)); }
};
TYPED_TEST_SUITE(QueueContract, Engines);

TYPED_TEST(QueueContract, AMessageIsDeliveredWithItsBody) {
  ASSERT_EQ(this->send({message("msg_1", R"({"order":"ord_1"})")}), "committed");
  const auto messages = this->receive();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].receipt.message_id, "msg_1");
  EXPECT_EQ(messages[0].receipt.queue, QueueName::kPayments);
  EXPECT_EQ(messages[0].body, R"({"order":"ord_1"})");
  EXPECT_EQ(messages[0].attempts, 1);
}

TYPED_TEST(QueueContract, QueuesAreApart) {
  ASSERT_EQ(this->send({message("msg_1", "{}", QueueName::kRefunds)}), "committed");
  EXPECT_TRUE(this->receive(10, Duration{0}, QueueName::kPayments).empty());
  EXPECT_TRUE(this->receive(10, Duration{0}, QueueName::kInvoices).empty());
  EXPECT_EQ(this->receive(10, Duration{0}, QueueName::kRefunds).size(), 1u);
}

TYPED_TEST(QueueContract, AMessageOfARefusedCommitIsNeverDelivered) {
  ASSERT_EQ(this->write(put(key("A"), "{}")), "committed");
  ports::Commit commit = commit_of({put(key("A"), "{}")});
  commit.messages = {message("msg_1")};
  ASSERT_EQ(this->commit(commit), "conflict 0");
  EXPECT_TRUE(this->receive(10, Duration{50}).empty());
}

TYPED_TEST(QueueContract, MessagesComeInTheOrderInWhichTheyFallDue) {
  std::vector<ports::OutgoingMessage> messages;
  for (int i = 0; i < 5; ++i) {
    messages.push_back(message("msg_" + std::to_string(i)));
    messages.back().due = this->now() - Duration{100 - i * 10};
  }
  std::ranges::reverse(messages);
  ASSERT_EQ(this->send(messages), "committed");
  std::vector<std::string> ids;
  for (const auto& one : this->receive(3)) ids.push_back(one.receipt.message_id);
  for (const auto& one : this->receive(3)) ids.push_back(one.receipt.message_id);
  if (!TypeParam::kKeepsOrder) std::ranges::sort(ids);
  EXPECT_EQ(ids, (std::vector<std::string>{"msg_0", "msg_1", "msg_2", "msg_3", "msg_4"}));
}

TYPED_TEST(QueueContract, ReceiveNeverReturnsMoreThanItMay) {
  std::vector<ports::OutgoingMessage> messages;
  for (std::size_t i = 0; i < 100; ++i) messages.push_back(message("msg_" + padded(i)));
  ASSERT_EQ(this->send(messages), "committed");
  EXPECT_EQ(this->receive(1).size(), 1u);
  EXPECT_EQ(this->run(this->queue().receive(QueueName::kPayments, 1000, Duration{0})).size(), limits::kReceiveMax);
}

TYPED_TEST(QueueContract, ADelayedMessageWaitsForItsMoment) {
  ports::OutgoingMessage later = message("msg_later");
  later.due = this->now() + TypeParam::kCallsTime;
  ASSERT_EQ(this->send({later}), "committed");
  EXPECT_TRUE(this->receive().empty());
  EXPECT_EQ(this->depth().delayed, 1u);
  const auto messages = this->receive(1, std::chrono::seconds(5));
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_GE(this->now(), later.due);
  EXPECT_LT(this->now() - later.due, Duration{200} + this->kLate) << "it slept too long";
}

TYPED_TEST(QueueContract, AWaitingReceiverIsWokenByANewMessage) {
  auto waiting = this->threads_.start(this->queue().receive(QueueName::kPayments, 1, std::chrono::seconds(10)));
  this->advance(Duration{100});
  const Time sent = this->now();
  ASSERT_EQ(this->send({message("msg_1")}), "committed");
  ASSERT_EQ(waiting.get().size(), 1u);
  EXPECT_LT(this->now() - sent, Duration{1000} + this->kLate);
}

TYPED_TEST(QueueContract, AWaitingReceiverIsWokenByASoonerDelayedMessage) {
  ports::OutgoingMessage far = message("msg_far");
  far.due = this->now() + std::chrono::hours(1);
  ASSERT_EQ(this->send({far}), "committed");
  auto waiting = this->threads_.start(this->queue().receive(QueueName::kPayments, 1, std::chrono::seconds(10)));
  this->advance(Duration{50});
  ports::OutgoingMessage soon = message("msg_soon");
  soon.due = this->now() + Duration{150};
  ASSERT_EQ(this->send({soon}), "committed");
  const auto messages = waiting.get();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].receipt.message_id, "msg_soon");
  EXPECT_LT(this->now() - soon.due, Duration{1000} + this->kLate);
}

TYPED_TEST(QueueContract, AWaitEndsWithNothingWhenThereIsNothing) {
  const Time start = this->now();
  EXPECT_TRUE(this->receive(1, Duration{150}).empty());
  EXPECT_GE(this->now() - start, Duration{150});
  EXPECT_LT(this->now() - start, Duration{1500} + TypeParam::kDelayGrain);
}

TYPED_TEST(QueueContract, ManyReceiversShareTheMessagesAndNoneGetsOneTwice) {
  constexpr std::size_t kMessages = 300;
  std::mutex mutex;
  std::map<std::string, int> handled;
  const Time give_up = this->now() + std::chrono::seconds(60);
  auto handle = [&]() -> Task<void> {
    while (this->now() < give_up) {
      const auto messages = co_await this->queue().receive(QueueName::kPayments, 7, Duration{1500});
      for (const ports::Message& one : messages) {
        ports::Commit commit;
        commit.acknowledged = {one.receipt};
        const std::string result = outcome(co_await this->store().commit(std::move(commit)));
        if (!TypeParam::kDeliversOnce && result == "acknowledged 0") continue;
        EXPECT_EQ(result, "committed");
        const std::lock_guard lock(mutex);
        ++handled[one.receipt.message_id];
      }
      const std::lock_guard lock(mutex);
      if (messages.empty() && handled.size() == kMessages) co_return;
    }
  };
  std::vector<std::future<void>> handlers;
  for (int i = 0; i < 8; ++i) handlers.push_back(this->threads_.start(handle()));
  for (std::size_t i = 0; i < kMessages; ++i) {
    ports::Commit sending;
    sending.messages = {message("msg_" + padded(i))};
    EXPECT_EQ(outcome(this->run(this->store().commit(std::move(sending)))), "committed");
  }
  for (std::future<void>& handler : handlers) handler.get();
  EXPECT_EQ(handled.size(), kMessages);
  for (const auto& [id, times] : handled) EXPECT_EQ(times, 1) << id;
  this->expect_messages(0);
}

TYPED_TEST(QueueContract, AMessageIsHiddenWhileItIsInFlightAndComesAgainAfterwards) {
  ASSERT_EQ(this->send({message("msg_1")}), "committed");
  ASSERT_EQ(this->receive().size(), 1u);
  EXPECT_TRUE(this->receive().empty());
  const auto again = this->receive(1, this->kHidden + Duration{2000});
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].receipt.message_id, "msg_1");
  EXPECT_EQ(again[0].attempts, 2);
}

TYPED_TEST(QueueContract, AnAcknowledgedMessageIsGone) {
  ASSERT_EQ(this->send({message("msg_1")}), "committed");
  const auto messages = this->receive();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(this->acknowledge(messages[0]), "committed");
  this->expect_messages(0);
  EXPECT_TRUE(this->receive(1, this->kHidden + Duration{100}).empty());
}

TYPED_TEST(QueueContract, AMessageIsAcknowledgedOnceByTwoHandlersAndTheWorkIsDoneOnce) {
  ASSERT_EQ(this->send({message("msg_1")}), "committed");
  const auto first = this->receive();
  const auto second = this->receive(1, this->kHidden + Duration{2000});
  ASSERT_EQ(first.size(), 1u);
  ASSERT_EQ(second.size(), 1u);
  const auto handle = [&](const ports::Message& one) {
    ports::Commit commit = commit_of({count(key("LEDGER"), {{"paid", 1}})});
    commit.acknowledged = {one.receipt};
    return this->commit(std::move(commit));
  };
  EXPECT_EQ(handle(second[0]), "committed");
  EXPECT_EQ(handle(first[0]), "acknowledged 0");
  EXPECT_EQ(this->document(key("LEDGER")), R"({"paid":1})");
}

TYPED_TEST(QueueContract, ThatTheWorkIsDoneIsSaidBeforeAnyConflict) {
  ASSERT_EQ(this->send({message("msg_1")}), "committed");
  const auto messages = this->receive();
  ports::Commit commit = commit_of({put(key("A"), "{}"), count(key("S"), {{"n", 0}})});
  commit.acknowledged = {messages.at(0).receipt};
  ASSERT_EQ(this->commit(commit), "committed");
  EXPECT_EQ(this->commit(commit), "acknowledged 0");
}

TYPED_TEST(QueueContract, AcknowledgingIsPartOfTheCommit) {
  ASSERT_EQ(this->write(put(key("A"), "{}")), "committed");
  ASSERT_EQ(this->send({message("msg_1")}), "committed");
  const auto messages = this->receive();
  ports::Commit commit = commit_of({put(key("A"), "{}")});
  commit.acknowledged = {messages.at(0).receipt};
  ASSERT_EQ(this->commit(commit), "conflict 0");
  EXPECT_EQ(this->receive(1, this->kHidden + Duration{2000}).size(), 1u) << "it was not acknowledged";
}

TYPED_TEST(QueueContract, AMessageGivenBackComesAgainAfterItsDelay) {
  ASSERT_EQ(this->send({message("msg_1", R"({"n":1})")}), "committed");
  const auto messages = this->receive();
  const Time given_back = this->now();
  this->run(this->queue().retry_later(messages.at(0), Duration{200}, "provider-down"));
  EXPECT_TRUE(this->receive().empty());
  const auto again = this->receive(1, std::chrono::seconds(5));
  ASSERT_EQ(again.size(), 1u);
  EXPECT_GE(this->now() - given_back, Duration{200});
  EXPECT_EQ(again[0].attempts, 2);
  EXPECT_EQ(again[0].body, R"({"n":1})");
}

TYPED_TEST(QueueContract, GivingBackIsSafeToRepeatAndNeverRevivesWhatWasAcknowledged) {
  ASSERT_EQ(this->send({message("msg_1"), message("msg_2")}), "committed");
  const auto messages = this->receive();
  ASSERT_EQ(messages.size(), 2u);
  this->run(this->queue().retry_later(messages[0], Duration{0}, "again"));
  this->run(this->queue().retry_later(messages[0], Duration{0}, "again"));
  this->expect_messages(2);
  ASSERT_EQ(this->acknowledge(messages[1]), "committed");
  this->run(this->queue().retry_later(messages[1], Duration{0}, "again"));
  this->run(this->queue().bury(messages[1], "poison"));
  this->expect_messages(1);
  EXPECT_EQ(this->depth().dead, 0u);
  EXPECT_EQ(this->receive(10, Duration{200}).size(), 1u);
}

TYPED_TEST(QueueContract, AfterItsLastDeliveryAMessageIsADeadLetter) {
  ASSERT_EQ(this->send({message("msg_1", R"({"n":1})")}), "committed");
  this->kill("msg_1");
  EXPECT_TRUE(this->receive(1, Duration{100}).empty());
  this->expect_messages(0);
  EXPECT_EQ(this->depth().dead, 1u);
  const auto letters = this->run(this->queue().dead_letters(QueueName::kPayments, 10));
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0].message_id, "msg_1");
  EXPECT_EQ(letters[0].body, R"({"n":1})");
  EXPECT_EQ(letters[0].reason, "provider-down");
  EXPECT_EQ(letters[0].attempts, limits::kDeliveriesMax);
  EXPECT_LE(letters[0].died_at, this->now());
}

TYPED_TEST(QueueContract, BuryingMakesADeadLetterAtOnce) {
  ASSERT_EQ(this->send({message("msg_1"), message("msg_2")}), "committed");
  for (const ports::Message& one : this->receive()) {
    this->bury(one, "poison");
    this->advance(Duration{5});
  }
  const auto letters = this->run(this->queue().dead_letters(QueueName::kPayments, 10));
  ASSERT_EQ(letters.size(), 2u);
  EXPECT_LE(letters[0].died_at, letters[1].died_at);
  EXPECT_EQ(letters[0].reason, "poison");
  EXPECT_EQ(this->run(this->queue().dead_letters(QueueName::kPayments, 1)).size(), 1u);
  EXPECT_TRUE(this->run(this->queue().dead_letters(QueueName::kRefunds, 10)).empty());
}

TYPED_TEST(QueueContract, ARedrivenMessageStartsAnew) {
  ASSERT_EQ(this->send({message("msg_1"), message("msg_2"), message("msg_3")}), "committed");
  for (const ports::Message& one : this->receive()) this->bury(one, "poison");
  EXPECT_EQ(this->redrive("msg_2"), 1u);
  EXPECT_EQ(this->redrive("msg_2"), 0u);
  const auto messages = this->receive(10, std::chrono::seconds(1));
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].receipt.message_id, "msg_2");
  EXPECT_EQ(messages[0].attempts, 1);
  EXPECT_EQ(this->redrive(std::nullopt), 2u);
  EXPECT_EQ(this->receive(10, std::chrono::seconds(1)).size(), 2u);
  EXPECT_EQ(this->depth().dead, 0u);
  this->expect_messages(3);
}

TYPED_TEST(QueueContract, DepthTellsHowManyThereAreAndHowOldTheOldestIs) {
  this->expect_messages(0);
  EXPECT_FALSE(this->depth().oldest_due);
  std::vector<ports::OutgoingMessage> messages{message("msg_1"), message("msg_2"), message("msg_3")};
  messages[0].due = this->now() - Duration{5000};
  messages[2].due = this->now() + std::chrono::hours(1);
  ASSERT_EQ(this->send(messages), "committed");
  this->expect_messages(3);
  EXPECT_EQ(this->depth().delayed, 1u);
  this->expect_oldest_due(messages[0].due);
  const auto received = this->receive();
  ASSERT_EQ(received.size(), 2u);
  this->expect_messages(3);
  this->expect_oldest_due(messages[0].due);
  ASSERT_EQ(this->acknowledge(received[0]), "committed");
  this->expect_messages(2);
  this->expect_oldest_due(messages[1].due);
}

TYPED_TEST(QueueContract, AWaitEndsWhenItIsToldToAndNoOther) {
  std::stop_source stop;
  const auto wait = [&](Duration time, std::stop_token token) {
    return this->threads_.start(this->queue().receive(QueueName::kRefunds, 1, time, std::move(token)));
  };
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::future<std::vector<ports::Message>>> told;
  for (int i = 0; i < 3; ++i) told.push_back(wait(std::chrono::seconds(60), stop.get_token()));
  auto other = wait(std::chrono::seconds(4), {});
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  EXPECT_EQ(told[0].wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  stop.request_stop();
  told.push_back(wait(std::chrono::seconds(60), stop.get_token()));
  for (auto& one : told) EXPECT_TRUE(one.get().empty());
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
  EXPECT_TRUE(other.get().empty());
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3)) << "somebody else's wait ended too";
}

TYPED_TEST(QueueContract, StoppingEndsAllWaitsWithNothing) {
  std::vector<std::future<std::vector<ports::Message>>> waiting;
  for (int i = 0; i < 10; ++i) {
    waiting.push_back(this->threads_.start(this->queue().receive(QueueName::kPayments, 1, std::chrono::seconds(60))));
  }
  this->advance(Duration{50});
  this->engine_.stop();
  for (auto& one : waiting) EXPECT_TRUE(one.get().empty());
  EXPECT_EQ(this->slug_of(this->store().commit(commit_of({put(key("A"), "{}")}))), "stopping");
}

}  // namespace
}  // namespace orderly::contract
