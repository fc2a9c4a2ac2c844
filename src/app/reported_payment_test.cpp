// Results that the provider or an operator reports, before, during and after the shop's own payment.
#include <gtest/gtest.h>

#include "app/keys.h"
#include "tests/fakes/world.h"

namespace orderly::app {
namespace {

using domain::OrderStatus;
using domain::PaymentStatus;
using fakes::World;

fakes::WorldSettings in_steps() {
  fakes::WorldSettings settings;
  settings.shop.payment_step = std::chrono::seconds(3);
  return settings;
}

Task<Answer> report_task(World& world, OrderId id, std::string status) {
  co_return co_await report_payment(world.app, world.owner(),
                                    {id.text, json::parse_enum<ReportedStatus>(status).value()}, {});
}

TEST(ReportPayment, BeforePaymentBeginsItSettlesItAndNothingIsCharged) {
  World world;
  const OrderId id = world.place_order({{"1", 1}});
  const OrderView order = world.report(id, "paid");
  EXPECT_EQ(order.status, OrderStatus::kConfirmed);
  EXPECT_EQ(order.transactions.at(0).reference, "reported");
  world.run_until_idle();
  EXPECT_EQ(world.charges(id), 0u);
  EXPECT_EQ(world.order(id).invoice, "INV-2026-000001");
  EXPECT_EQ(world.event_types(id).at(1), "payment.processing");
}

TEST(ReportPayment, BetweenTheStepsALateChargeIsFenced) {
  World world(in_steps());
  const OrderId id = world.place_order({{"1", 1}});
  world.advance(std::chrono::seconds(4));
  ASSERT_EQ(world.order(id).status, OrderStatus::kProcessing);
  EXPECT_EQ(world.report(id, "succeeded").status, OrderStatus::kConfirmed);
  world.run_until_idle();
  EXPECT_EQ(world.charges(id), 0u);
}

TEST(ReportPayment, WhileTheChargeIsOnItsWayTheProviderRefusesIt) {
  World world;
  const OrderId id = world.place_order({{"1", 1}}, "pm_sim_slow");
  world.advance(std::chrono::seconds(1));
  ASSERT_EQ(world.order(id).status, OrderStatus::kProcessing);
  EXPECT_EQ(world.report(id, "declined").status, OrderStatus::kDeclined);
  world.run_until_idle();
  EXPECT_EQ(world.order(id).status, OrderStatus::kDeclined);
  EXPECT_EQ(world.charges(id), 0u);
  EXPECT_EQ(world.queue.dead(), 0u);
}

TEST(ReportPayment, ADeclinedOneMayBePaidAgainAfterwards) {
  World world;
  const OrderId id = world.place_order({{"1", 1}});
  world.report(id, "failed");
  world.pay(id);
  world.run_until_idle();
  EXPECT_EQ(world.order(id).status, OrderStatus::kConfirmed);
  EXPECT_EQ(world.charges(id), 1u);
}

TEST(ReportPayment, TheSameResultAgainIsNoFailureAndChangesNothing) {
  World world;
  const OrderId id = world.place_paid_order({{"1", 1}});
  const domain::Order before = world.order(id);
  for (const std::string same : {"confirmed", "succeeded", "paid"}) {
    EXPECT_EQ(world.run(report_task(world, id, same)).status, 200);
  }
  EXPECT_EQ(world.order(id), before);
}

TEST(ReportPayment, AnotherResultAfterwardsIsRefused) {
  World world;
  const OrderId paid = world.place_paid_order({{"1", 1}});
  EXPECT_EQ(world.error_of(report_task(world, paid, "declined")).slug(), "illegal-transition");
  const OrderId declined = world.place_order({{"1", 1}}, "pm_card_visa_chargeDeclined");
  world.run_until_idle();
  EXPECT_EQ(world.error_of(report_task(world, declined, "paid")).slug(), "illegal-transition");
}

TEST(ReportPayment, WithoutAPaymentUnderWayItIsRefused) {
  World world;
  const OrderId id = world.place_unpaid({{"1", 1}});
  EXPECT_EQ(world.error_of(report_task(world, id, "paid")).slug(), "illegal-transition");
  EXPECT_EQ(world.error_of(report_task(world, OrderId{"ord_nonsense"}, "paid")).code(), ErrorCode::kNotFound);
}

TEST(ReportPayment, OneThatContradictsTheProviderIsRefused) {
  World world;
  const OrderId id = world.place_order({{"1", 1}});
  world.payments.next_answer(simulated::LostAfterCharge{});
  world.advance(Duration{500});
  ASSERT_EQ(domain::payment_status(world.order(id)), PaymentStatus::kUnknown);
  EXPECT_EQ(world.error_of(report_task(world, id, "declined")).slug(), "payment-settled");
  world.run_until_idle();
  EXPECT_EQ(world.order(id).status, OrderStatus::kConfirmed);
}

// The provider had charged, its answer was lost, and an operator settled it by hand: the money must still be found when
// the order is cancelled.
TEST(ReportPayment, OneThatTheProviderConfirmsKeepsItsReferenceSoThatItCanBeRefunded) {
  World world;
  const OrderId id = world.place_order({{"1", 1}});
  world.payments.next_answer(simulated::LostAfterCharge{});
  world.advance(Duration{500});
  EXPECT_EQ(world.report(id, "confirmed").status, OrderStatus::kConfirmed);
  EXPECT_NE(world.order(id).attempts.at(0).reference, "reported");
  world.cancel(id);
  world.run_until_idle();
  EXPECT_EQ(world.refunds(id), 1u);
  EXPECT_EQ(world.held(id), 0);
}

TEST(ReportPayment, WhileTheProviderCannotSayItMustWait) {
  World world;
  const OrderId id = world.place_order({{"1", 1}});
  world.payments.set_reachable(false);
  EXPECT_EQ(world.error_of(report_task(world, id, "paid")).slug(), "provider-unavailable");
  EXPECT_EQ(world.order(id).status, OrderStatus::kPending);
}

TEST(ReportPayment, ItSettlesOnlyThePaymentThatTheProviderWasAskedAbout) {
  World world;
  const OrderId id = world.place_order({{"1", 1}}, "pm_card_visa_chargeDeclined");
  bool is_first = true;
  world.store.before_commit([&](const ports::Commit&) -> Task<void> {
    if (!std::exchange(is_first, false)) co_return;
    // Meanwhile another report settles the first attempt and the client tries another card.
    co_await report_task(world, id, "declined");
    co_await start_payment(world.app, world.owner(), {id.text, "pm_card_visa"}, {});
  });
  EXPECT_EQ(world.error_of(report_task(world, id, "confirmed")).code(), ErrorCode::kContention);
  world.run_until_idle();
  EXPECT_EQ(world.order(id).status, OrderStatus::kConfirmed);
  EXPECT_EQ(world.charges(id), 1u);
}

TEST(ReportPayment, MoneyThatSomebodyElseTookIsReturnedBySomebodyElse) {
  World world;
  const OrderId id = world.place_order({{"1", 1}});
  world.report(id, "paid");
  world.run_until_idle();
  world.cancel(id);
  world.run_until_idle();
  EXPECT_EQ(world.order(id).refunds.at(0).status, domain::RefundStatus::kDone);
  EXPECT_EQ(world.order(id).refunds.at(0).reference, "reported");
  EXPECT_EQ(world.refunds(id), 0u);
}

}  // namespace
}  // namespace orderly::app
