// Taking payments: every way a provider may answer, and what the order is then.
#include <gtest/gtest.h>

#include "app/payment_worker.h"
#include "tests/fakes/world.h"

namespace orderly::app {
namespace {

using domain::OrderStatus;
using domain::PaymentStatus;
using fakes::World;
using Types = std::vector<std::string>;

TEST(TakePayment, APaidOrderIsConfirmedBookedAndInvoiced) {
  World world;
  const OrderId id = world.place_order({{"1", 2}});
  world.run_until_idle();
  const domain::Order order = world.order(id);
  EXPECT_EQ(order.status, OrderStatus::kConfirmed);
  EXPECT_EQ(order.attempts.at(0).status, PaymentStatus::kConfirmed);
  EXPECT_FALSE(order.attempts.at(0).reference.empty());
  EXPECT_EQ(order.invoice, "INV-2026-000001");
  EXPECT_EQ(world.held(id), 19999);
  EXPECT_EQ(world.stock("1"), (domain::StockCounters{998, 0}));
  EXPECT_EQ(world.event_types(id),
            (Types{"order.placed", "payment.processing", "payment.confirmed", "invoice.issued"}));
  EXPECT_EQ(world.monitor.outcomes, Types{"confirmed"});
  EXPECT_TRUE(world.monitor.alarms.empty());
}

TEST(TakePayment, ADeclineKeepsTheStockAndMayBeTriedAgain) {
  World world;
  const OrderId id = world.place_order({{"1", 1}}, "pm_card_chargeDeclinedInsufficientFunds");
  world.run_until_idle();
  EXPECT_EQ(world.order(id).status, OrderStatus::kDeclined);
  EXPECT_EQ(world.order(id).attempts.at(0).reason, "insufficient_funds");
  EXPECT_EQ(world.held(id), 0);
  EXPECT_EQ(world.stock("1"), (domain::StockCounters{999, 1}));

  const OrderView retried = world.pay(id);
  EXPECT_EQ(retried.payment_status, PaymentStatus::kInitializing);
  world.run_until_idle();
  EXPECT_EQ(world.order(id).status, OrderStatus::kConfirmed);
  EXPECT_EQ(world.order(id).attempts.size(), 2u);
  EXPECT_EQ(world.held(id), 10499);
  EXPECT_EQ(world.monitor.outcomes, (Types{"declined", "confirmed"}));
}

TEST(TakePayment, ATimeoutAfterTheChargeIsSettledOnceByTheReconciler) {
  World world;
  const OrderId id = world.place_order({{"1", 2}});
  world.payments.next_answer(simulated::LostAfterCharge{});
  world.run_until_idle();
  EXPECT_EQ(world.order(id).status, OrderStatus::kConfirmed);
  EXPECT_EQ(world.charges(id), 1u);
  EXPECT_EQ(world.event_types(id),
            (Types{"order.placed", "payment.processing", "payment.unknown", "payment.confirmed", "invoice.issued"}));
}

TEST(TakePayment, ATimeoutBeforeTheChargeIsDeclinedAndNeverCharged) {
  World world;
  const OrderId id = world.place_order({{"1", 2}}, "pm_sim_timeout_before_charge");
  world.run_until_idle();
  EXPECT_EQ(world.order(id).status, OrderStatus::kDeclined);
  EXPECT_EQ(world.order(id).attempts.at(0).reason, "not-charged");
  EXPECT_EQ(world.charges(id), 0u);
}

TEST(TakePayment, AnHttp500IsSettledAsTheProviderBooked) {
  World world;
  std::size_t confirmed = 0;
  for (int i = 0; i < 20; ++i) {
    const OrderId id = world.place_order({{"3", 1}}, "pm_sim_http_500");
    world.run_until_idle();
    const bool is_paid = world.order(id).status == OrderStatus::kConfirmed;
    EXPECT_EQ(world.charges(id), is_paid ? 1u : 0u);
    EXPECT_EQ(world.order(id).status, is_paid ? OrderStatus::kConfirmed : OrderStatus::kDeclined);
    if (is_paid) ++confirmed;
  }
  EXPECT_GT(confirmed, 0u);
  EXPECT_LT(confirmed, 20u);
}

TEST(TakePayment, ASlowProviderIsWaitedForWithoutHoldingUpOthers) {
  World world;
  const OrderId slow = world.place_order({{"1", 1}}, "pm_sim_slow");
  const OrderId quick = world.place_order({{"1", 1}});
  world.advance(std::chrono::milliseconds(2900));
  EXPECT_EQ(world.order(slow).status, OrderStatus::kProcessing);
  EXPECT_EQ(world.order(quick).status, OrderStatus::kConfirmed);
  world.advance(std::chrono::milliseconds(200));
  EXPECT_EQ(world.order(slow).status, OrderStatus::kConfirmed);
  EXPECT_EQ(world.charges(slow), 1u);
}

TEST(TakePayment, WhileTheOutcomeIsUnknownNoOtherAttemptMayStart) {
  World world;
  const OrderId id = world.place_order({{"1", 1}});
  world.payments.set_reachable(false);
  world.advance(std::chrono::seconds(10));
  EXPECT_EQ(world.order(id).status, OrderStatus::kProcessing);
  EXPECT_EQ(domain::payment_status(world.order(id)), PaymentStatus::kUnknown);
  EXPECT_EQ(world.error_of(start_payment(world.app, world.owner(), {id.text, "pm_card_visa"}, {})).code(),
            ErrorCode::kRefused);
  world.payments.set_reachable(true);
  world.run_until_idle();
  EXPECT_EQ(world.order(id).status, OrderStatus::kDeclined);
  EXPECT_EQ(world.charges(id), 0u);
}

TEST(TakePayment, AProviderSilentForMinutesRaisesOneAlarm) {
  World world;
  const OrderId id = world.place_order({{"1", 1}});
  world.payments.set_reachable(false);
  world.advance(std::chrono::hours(2));
  EXPECT_EQ(world.monitor.alarms_of("payment-unknown"), 1u);
  EXPECT_EQ(domain::payment_status(world.order(id)), PaymentStatus::kUnknown);
  world.payments.set_reachable(true);
  world.run_until_idle();
  EXPECT_EQ(world.held(id), 0);
}

TEST(TakePayment, AMessageDeliveredTwiceAtOnceChargesOnce) {
  World world;
  world.queue.set_copies(2);
  const OrderId id = world.place_order({{"1", 1}});
  world.run_until_idle();
  EXPECT_EQ(world.order(id).status, OrderStatus::kConfirmed);
  EXPECT_EQ(world.charges(id), 1u);
  EXPECT_EQ(world.monitor.outcomes.size(), 1u);
  EXPECT_EQ(world.queue.dead(), 0u);
  EXPECT_EQ(world.order(id).invoice, "INV-2026-000001");
}

TEST(TakePayment, AMessageThatComesAgainWhileTheFirstIsStillHandledChargesOnce) {
  World world;
  const OrderId id = world.place_order({{"1", 1}});
  world.payments.next_answer(simulated::Slow{std::chrono::seconds(40)});  // longer than the message is hidden
  world.run_until_idle();
  EXPECT_EQ(world.order(id).status, OrderStatus::kConfirmed);
  EXPECT_EQ(world.charges(id), 1u);
}

TEST(TakePayment, AMessageAgainAfterItsWorkIsDoneDoesNothing) {
  World world;
  const OrderId id = world.place_order({{"1", 1}});
  ports::Message message;
  world.store.inspect()->messages([&](const auto& each) {
    message = {{each.message.queue, each.message.id, each.message.due}, each.message.body, 1};
    return true;
  });
  world.run_until_idle();
  const domain::Order before = world.order(id);
  world.run(handle_payment(world.app, message));
  EXPECT_EQ(world.order(id), before);
  EXPECT_EQ(world.charges(id), 1u);
}

TEST(TakePayment, StepsShowEachStateForAsLongAsTheyLast) {
  fakes::WorldSettings settings;
  settings.shop.payment_step = std::chrono::seconds(3);
  settings.shop.deliver_after = std::chrono::seconds(3);
  World world(settings);
  const OrderId id = world.place_order({{"1", 1}});
  const Time placed = world.clock.now();

  world.run_until_idle();

  std::vector<std::pair<std::string, std::int64_t>> course;
  for (const domain::OrderEvent& event : world.events(id)) course.emplace_back(event.type, (event.at - placed).count());
  const std::vector<std::pair<std::string, std::int64_t>> expected = {
      {"order.placed", 0},      {"payment.processing", 3000}, {"payment.confirmed", 6000},
      {"invoice.issued", 6000}, {"order.shipped", 9000},      {"order.delivered", 9000}};
  EXPECT_EQ(course, expected);
  EXPECT_EQ(world.order(id).status, OrderStatus::kDelivered);
}

TEST(TakePayment, AnUnknownCardIsDeclinedAndItsTokenIsNotKeptByTheProvider) {
  World world;
  const OrderId id = world.place_order({{"1", 1}}, "pm_whatever");
  world.run_until_idle();
  EXPECT_EQ(world.order(id).status, OrderStatus::kDeclined);
  EXPECT_EQ(world.order(id).attempts.at(0).reason, "payment_method_unknown");
}

TEST(TakePayment, APaidOrderCannotBePaidAgain) {
  World world;
  const OrderId id = world.place_paid_order({{"1", 1}});
  const Error error = world.error_of(start_payment(world.app, world.owner(), {id.text, "pm_card_visa"}, {}));
  EXPECT_EQ(error.slug(), "illegal-transition");
  world.run_until_idle();
  EXPECT_EQ(world.charges(id), 1u);
}

}  // namespace
}  // namespace orderly::app
