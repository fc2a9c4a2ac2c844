#include "app/workers.h"

#include <gtest/gtest.h>

#include "app/keys.h"
#include "tests/fakes/world.h"

namespace orderly::app {
namespace {

using domain::OrderStatus;
using fakes::CommitFault;
using fakes::World;
using ports::QueueName;
using std::chrono::seconds;

std::vector<ports::DeadLetter> dead_payments(World& world) {
  return world.run(world.queue.dead_letters(QueueName::kPayments, 100));
}

TEST(Workers, RetryLaterAndLater) {
  const std::vector<std::pair<int, std::int64_t>> expected_seconds = {{0, 1},  {1, 1},  {2, 2},  {3, 4},  {4, 8},
                                                                      {5, 16}, {6, 32}, {7, 60}, {8, 60}, {1000, 60}};
  for (const auto& [attempts, delay] : expected_seconds) EXPECT_EQ(retry_delay(attempts), seconds(delay)) << attempts;
}

TEST(Workers, BuryOnlyWhatNoWaitingMends) {
  EXPECT_EQ(remedy_for(ErrorCode::kUnavailable), Remedy::kRetryLater);
  EXPECT_EQ(remedy_for(ErrorCode::kContention), Remedy::kRetryLater);
  EXPECT_EQ(remedy_for(ErrorCode::kInternal), Remedy::kRetryLater);
  EXPECT_EQ(remedy_for(ErrorCode::kBrokenInvariant), Remedy::kBury);
  EXPECT_EQ(remedy_for(ErrorCode::kInvalidRequest), Remedy::kBury);
}

TEST(Workers, AFailureThatPassesIsTriedAgainAfterAWhile) {
  World world;
  const OrderId id = world.place_order({{"1", 1}});
  const Time start = world.clock.now();
  for (std::size_t nth = 0; nth < 3; ++nth) world.store.fail_commit(CommitFault::kRefused, nth);
  world.run_until_idle();
  EXPECT_EQ(world.order(id).status, OrderStatus::kConfirmed);
  EXPECT_EQ(world.events(id).at(1).at - start, seconds(1 + 2 + 4));
  EXPECT_TRUE(world.monitor.alarms.empty());
}

TEST(Workers, AfterTenDeliveriesAMessageIsDeadWithItsReasonAndAnAlarm) {
  World world;
  const OrderId id = world.place_order({{"1", 1}});
  for (std::size_t nth = 0; nth < 10; ++nth) world.store.fail_commit(CommitFault::kRefused, nth);
  world.run_until_idle();
  const auto dead = dead_payments(world);
  ASSERT_EQ(dead.size(), 1u);
  EXPECT_EQ(dead[0].reason, "store-unavailable");
  EXPECT_EQ(dead[0].attempts, 10);
  EXPECT_EQ(world.monitor.alarms_of("message-dead"), 1u);
  EXPECT_EQ(world.monitor.alarms.at(0).concerns, dead[0].message_id);
  EXPECT_EQ(world.order(id).status, OrderStatus::kPending);

  EXPECT_EQ(world.run(world.queue.redrive(QueueName::kPayments, std::nullopt)), 1u);
  world.run_until_idle();
  EXPECT_EQ(world.order(id).status, OrderStatus::kConfirmed);
  EXPECT_EQ(world.charges(id), 1u);
}

TEST(Workers, ABrokenInvariantIsBuriedAtOnceWithAnAlarm) {
  World world;
  const OrderId id = world.place_order({{"1", 1}});
  world.store.tamper(keys::order(id), [](std::string& document) { document.back() = '?'; });
  world.advance(Duration{100});
  const auto dead = dead_payments(world);
  ASSERT_EQ(dead.size(), 1u);
  EXPECT_EQ(dead[0].reason, "broken-invariant");
  EXPECT_EQ(dead[0].attempts, 1);
  EXPECT_EQ(world.monitor.alarms_of("message-dead"), 1u);
  world.store.tamper(keys::order(id), [](std::string& document) { document.back() = '}'; });
  world.run(world.queue.redrive(QueueName::kPayments, dead[0].message_id));
  world.run_until_idle();
  EXPECT_EQ(world.order(id).status, OrderStatus::kConfirmed);
}

TEST(Workers, HoldNoMoreThanTheirShareAtOnce) {
  World world;
  std::vector<OrderId> orders;
  for (std::size_t i = 0; i < kMessagesUnderWayMax + 36; ++i) {
    orders.push_back(world.place_order({{"3", 1}}, "pm_sim_slow"));
  }
  const auto count = [&](OrderStatus status) {
    return static_cast<std::size_t>(
        std::ranges::count_if(orders, [&](const OrderId& id) { return world.order(id).status == status; }));
  };
  world.advance(seconds(1));
  EXPECT_EQ(count(OrderStatus::kProcessing), kMessagesUnderWayMax);
  world.advance(seconds(3));
  EXPECT_EQ(count(OrderStatus::kConfirmed), kMessagesUnderWayMax);
  EXPECT_EQ(count(OrderStatus::kProcessing), 36u);
  world.run_until_idle();
  EXPECT_EQ(count(OrderStatus::kConfirmed), orders.size());
}

TEST(Workers, MessagesOfADeadProcessComeAgain) {
  World world;
  const OrderId id = world.place_order({{"1", 1}});
  const Time start = world.clock.now();
  world.queue.deliver_to_nobody();
  world.run_until_idle();
  EXPECT_EQ(world.order(id).status, OrderStatus::kConfirmed);
  EXPECT_EQ(world.events(id).at(1).at - start, limits::kVisibilityTimeout);
}

TEST(Workers, EndSoonAfterTheyAreToldTo) {
  World world;
  std::stop_source stop;
  std::vector<fakes::Started<void>> loops;
  for (const QueueName queue : ports::kAllQueues) {
    loops.push_back(world.start(run_worker(world.app, queue, stop.get_token())));
  }
  loops.push_back(world.start(run_sweeper(world.app, stop.get_token(), std::chrono::hours(1))));
  world.advance(seconds(5));
  for (const auto& loop : loops) EXPECT_FALSE(loop.done());
  stop.request_stop();
  world.advance(Duration{1100});
  for (const auto& loop : loops) EXPECT_TRUE(loop.done());
}

TEST(Workers, FinishWhatIsUnderWayBeforeTheyEnd) {
  World world;
  std::stop_source stop;
  auto loop = world.start(run_worker(world.app, QueueName::kPayments, stop.get_token()));
  std::vector<OrderId> orders;
  for (int i = 0; i < 80; ++i) orders.push_back(world.place_order({{"3", 1}}, "pm_sim_slow"));
  world.advance(seconds(1));
  stop.request_stop();
  world.advance(seconds(1));
  EXPECT_FALSE(loop.done());
  world.advance(seconds(3));
  EXPECT_TRUE(loop.done());
  world.run_until_idle();
  for (const OrderId& id : orders) EXPECT_EQ(world.charges(id), 1u);
}

TEST(Workers, SurviveAQueueThatFails) {
  // A queue that answers every call with a failure for a while, then works.
  class FailingQueue final : public ports::Queue {
   public:
    explicit FailingQueue(ports::Queue& queue) : queue_(queue) {}
    Task<std::vector<ports::Message>> receive(QueueName queue, std::size_t max, Duration wait,
                                              std::stop_token stop) override {
      if (failures-- > 0) throw Error(ErrorCode::kUnavailable, "queue-unavailable", "Try again later.");
      return queue_.receive(queue, max, wait, std::move(stop));
    }
    Task<void> retry_later(const ports::Message& message, Duration delay, std::string reason) override {
      return queue_.retry_later(message, delay, std::move(reason));
    }
    Task<void> bury(const ports::Message& message, std::string reason) override {
      return queue_.bury(message, std::move(reason));
    }
    Task<std::vector<ports::DeadLetter>> dead_letters(QueueName queue, std::size_t max) override {
      return queue_.dead_letters(queue, max);
    }
    Task<std::size_t> redrive(QueueName queue, std::optional<std::string> id) override {
      return queue_.redrive(queue, std::move(id));
    }
    Task<ports::QueueDepth> depth(QueueName queue) override { return queue_.depth(queue); }
    int failures = 5;

   private:
    ports::Queue& queue_;
  };
  World world;
  FailingQueue queue(world.queue);
  App app{world.app.store,      queue,
          world.app.blobs,      world.app.payments,
          world.app.clock,      world.app.random,
          world.app.offload,    world.app.monitor,
          world.app.crypto,     world.app.documents,
          world.app.master_key, world.app.settings};
  std::stop_source stop;
  auto loop = world.start(run_worker(app, QueueName::kPayments, stop.get_token()));
  world.advance(seconds(10));
  EXPECT_LT(queue.failures, 0);
  EXPECT_FALSE(loop.done());
  stop.request_stop();
  world.advance(seconds(2));
  EXPECT_TRUE(loop.done());
}

}  // namespace
}  // namespace orderly::app
