// What happens to orders by the clock.
#include "app/fulfilment.h"

#include <gtest/gtest.h>

#include "app/workers.h"
#include "tests/fakes/world.h"

namespace orderly::app {
namespace {

using domain::OrderStatus;
using fakes::World;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

fakes::WorldSettings delivering() {
  fakes::WorldSettings settings;
  settings.shop.deliver_after = seconds(3);
  return settings;
}

TEST(AutomaticDelivery, ComesThreeSecondsAfterThePaymentInTwoVersions) {
  World world(delivering());
  const OrderId id = world.place_order({{"1", 1}});
  world.advance(Duration{2999});
  EXPECT_EQ(world.order(id).status, OrderStatus::kConfirmed);
  const std::int64_t version = world.order(id).version;
  world.advance(Duration{2});
  EXPECT_EQ(world.order(id).status, OrderStatus::kDelivered);
  EXPECT_EQ(world.order(id).version, version + 2);
}

TEST(AutomaticDelivery, LeavesACancelledOrderAlone) {
  World world(delivering());
  const OrderId id = world.place_order({{"1", 1}});
  world.advance(seconds(1));
  world.cancel(id);
  world.run_until_idle();
  EXPECT_EQ(world.order(id).status, OrderStatus::kCancelled);
  EXPECT_EQ(world.held(id), 0);
}

TEST(AutomaticDelivery, HappensOnceWhenItsMessageComesTwice) {
  World world(delivering());
  world.queue.set_copies(2);
  const OrderId id = world.place_order({{"1", 1}});
  world.run_until_idle();
  EXPECT_EQ(world.order(id).status, OrderStatus::kDelivered);
}

TEST(Expiry, AnUnpaidOrderIsCancelledAndItsStockReleased) {
  World world;
  const OrderId id = world.place_unpaid({{"1", 3}});
  world.advance(minutes(30) - seconds(1));
  EXPECT_EQ(world.order(id).status, OrderStatus::kPending);
  world.advance(seconds(3));
  EXPECT_EQ(world.order(id).status, OrderStatus::kCancelled);
  EXPECT_EQ(world.order(id).cancel_reason, domain::kExpired);
  EXPECT_EQ(world.stock("1"), (domain::StockCounters{1000, 0}));
}

TEST(Expiry, ADeclinedOrderMayBePaidUntilItsTimeIsOver) {
  World world;
  const OrderId late = world.place_order({{"1", 1}}, "pm_card_visa_chargeDeclined");
  const OrderId paid = world.place_order({{"1", 1}}, "pm_card_visa_chargeDeclined");
  world.advance(minutes(29));
  world.pay(paid);
  world.advance(minutes(2));
  EXPECT_EQ(world.order(late).status, OrderStatus::kCancelled);
  EXPECT_EQ(world.order(paid).status, OrderStatus::kConfirmed);
}

TEST(Expiry, ADeclineAfterItsTimeCancelsInTheSameCommit) {
  fakes::WorldSettings settings;
  settings.shop.payment_step = minutes(20);
  settings.sweep_interval = hours(10);  // the sweeper has no part in it
  World world(settings);
  const OrderId id = world.place_order({{"1", 1}}, "pm_card_visa_chargeDeclined");
  world.run_until_idle();
  const std::vector<std::string> expected = {"order.placed", "payment.processing", "payment.declined",
                                             "order.cancelled"};
  EXPECT_EQ(world.event_types(id), expected);
  EXPECT_EQ(world.stock("1"), (domain::StockCounters{1000, 0}));
}

TEST(Expiry, PassesOverAnOrderWhosePaymentIsUnknownAndMeetsItAgain) {
  World world;
  const OrderId id = world.place_order({{"1", 1}});
  world.payments.next_answer(simulated::LostBeforeCharge{});
  world.advance(Duration{500});
  world.payments.set_reachable(false);
  world.advance(minutes(45));
  EXPECT_EQ(world.order(id).status, OrderStatus::kProcessing);
  EXPECT_EQ(world.stock("1"), (domain::StockCounters{999, 1}));
  world.payments.set_reachable(true);
  world.run_until_idle();
  EXPECT_EQ(world.order(id).status, OrderStatus::kCancelled);
  EXPECT_EQ(world.stock("1"), (domain::StockCounters{1000, 0}));
}

TEST(Expiry, APaymentThatBeginsJustBeforeItWins) {
  fakes::WorldSettings settings;
  settings.sweep_interval = hours(10);
  World world(settings);
  const OrderId id = world.place_unpaid({{"1", 1}});
  world.clock.set(world.order(id).expires_at.value());
  bool is_first = true;
  world.store.before_commit([&](const ports::Commit&) -> Task<void> {  // of the expiry
    if (!std::exchange(is_first, false)) co_return;
    co_await start_payment(world.app, world.owner(), {id.text, "pm_card_visa"}, {});
    co_await report_payment(world.app, world.owner(), {id.text, ReportedStatus::kPaid}, {});
  });
  EXPECT_EQ(world.run(expire_orders(world.app, 100)), 0u);
  EXPECT_EQ(world.order(id).status, OrderStatus::kConfirmed);
}

TEST(Expiry, LooksAtRecentDaysOftenAndAtAllOfThemEachHour) {
  fakes::WorldSettings settings;
  settings.shop.expire_after = hours(24 * 7);
  World world(settings);
  const OrderId id = world.place_unpaid({{"1", 1}});
  world.app.settings.expire_after = minutes(30);  // shortened since
  world.clock.set(world.order(id).expires_at.value());
  EXPECT_EQ(world.run(expire_orders(world.app, 100, ExpiryLook::kRecent)), 0u);
  const OrderId recent = world.place_unpaid({{"1", 1}});
  world.advance(hours(1));
  EXPECT_EQ(world.order(id).status, OrderStatus::kCancelled);
  EXPECT_EQ(world.order(recent).status, OrderStatus::kCancelled);
}

TEST(Expiry, ComesSoonMeasuredByTheTimeThereWas) {
  EXPECT_EQ(sweep_interval(seconds(1)), seconds(1));
  EXPECT_EQ(sweep_interval(minutes(30)), minutes(1));
  EXPECT_EQ(sweep_interval(hours(24)), minutes(1));
  EXPECT_EQ(sweep_interval(minutes(5)), seconds(10));
}

TEST(Expiry, ManyAtOnceDoNotWaitForEachOther) {
  fakes::WorldSettings settings;
  settings.sweep_interval = hours(1);
  World world(settings);
  for (int i = 0; i < 250; ++i) world.place_unpaid({{"1", 1}});
  world.advance(hours(1) + minutes(1));
  EXPECT_EQ(world.stock("1"), (domain::StockCounters{1000, 0}));
}

TEST(Expiry, FindsOrdersOfDaysAgoAndManyAtOnce) {
  fakes::WorldSettings settings;
  settings.shop.expire_after = hours(24 * 7);
  settings.sweep_interval = hours(24 * 365);
  World world(settings);
  for (int i = 0; i < 25; ++i) world.place_unpaid({{"1", 1}});
  world.clock.set(world.clock.now() + hours(24 * 8));
  EXPECT_EQ(world.run(expire_orders(world.app, 10)), 10u);
  world.store.set_rows_examined_max(3);  // pages come short
  EXPECT_EQ(world.run(expire_orders(world.app, 100)), 15u);
  EXPECT_EQ(world.run(expire_orders(world.app, 100)), 0u);
  EXPECT_EQ(world.stock("1"), (domain::StockCounters{1000, 0}));
}

}  // namespace
}  // namespace orderly::app
