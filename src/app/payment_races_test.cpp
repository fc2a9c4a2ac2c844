// Payments while something goes wrong at the worst moment: a crash, a lost answer of the store, a cancel in between.
#include <gtest/gtest.h>

#include "app/keys.h"
#include "tests/fakes/world.h"

namespace orderly::app {
namespace {

using domain::OrderStatus;
using domain::PaymentStatus;
using fakes::CommitFault;
using fakes::World;

// Commits that taking one payment needs: processing, confirmed, the invoice, its document.
constexpr std::size_t kCommitsOfAPayment = 4;

TEST(PaymentCrash, AnyCommitOfThePaymentMayFailInAnyWayAndItIsTakenOnce) {
  for (const CommitFault fault : {CommitFault::kRefused, CommitFault::kLostBeforeDone, CommitFault::kLostAfterDone}) {
    for (std::size_t nth = 0; nth < kCommitsOfAPayment; ++nth) {
      SCOPED_TRACE("commit " + std::to_string(nth) + ", fault " + std::to_string(static_cast<int>(fault)));
      World world;
      const OrderId id = world.place_order({{"1", 1}});
      world.store.fail_commit(fault, nth);
      world.run_until_idle();
      EXPECT_EQ(world.order(id).status, OrderStatus::kConfirmed);
      EXPECT_EQ(world.charges(id), 1u);
      EXPECT_EQ(world.order(id).invoice, "INV-2026-000001");
      EXPECT_EQ(world.queue.dead(), 0u);
    }
  }
}

TEST(PaymentCrash, BetweenChargeAndCommitTheMoneyIsFoundAgainByItsKey) {
  World world;
  const OrderId id = world.place_order({{"1", 1}});
  world.store.fail_commit(CommitFault::kRefused, 1);  // the one that would say "confirmed"
  world.advance(std::chrono::milliseconds(500));
  EXPECT_EQ(world.charges(id), 1u);
  EXPECT_EQ(world.order(id).status, OrderStatus::kProcessing);
  world.run_until_idle();
  EXPECT_EQ(world.order(id).status, OrderStatus::kConfirmed);
  EXPECT_EQ(world.charges(id), 1u);
}

TEST(PaymentCrash, AnOutcomeThatStaysUnknownIsFoundOutByTheNextDelivery) {
  for (const CommitFault fault : {CommitFault::kLostBeforeDone, CommitFault::kLostAfterDone}) {
    World world;
    const OrderId id = world.place_order({{"1", 1}});
    for (std::size_t nth = 1; nth < 8; ++nth) world.store.fail_commit(fault, nth);
    world.run_until_idle();
    EXPECT_EQ(world.order(id).status, OrderStatus::kConfirmed);
    EXPECT_EQ(world.charges(id), 1u);
  }
}

TEST(PaymentCrash, AConflictOnTheOrderIsDecidedAgain) {
  World world;
  const OrderId id = world.place_order({{"1", 1}});
  world.store.conflict_once(keys::order(id));
  world.run_until_idle();
  EXPECT_EQ(world.order(id).status, OrderStatus::kConfirmed);
  EXPECT_EQ(world.charges(id), 1u);
}

TEST(CancelWhileProcessing, IsRememberedAndTheMoneyGoesBackOnce) {
  World world;
  const OrderId id = world.place_order({{"1", 1}}, "pm_sim_slow");
  world.advance(std::chrono::seconds(1));
  const OrderView asked = world.cancel(id);
  EXPECT_EQ(asked.status, OrderStatus::kProcessing);
  EXPECT_TRUE(asked.cancel_requested);
  world.run_until_idle();
  EXPECT_EQ(world.order(id).status, OrderStatus::kCancelled);
  EXPECT_EQ(world.charges(id), 1u);
  EXPECT_EQ(world.refunds(id), 1u);
  EXPECT_EQ(world.held(id), 0);
  EXPECT_EQ(world.stock("1"), (domain::StockCounters{1000, 0}));
  EXPECT_TRUE(world.order(id).invoice.empty());
}

TEST(CancelWhileProcessing, BeforeTheProviderIsAskedNothingIsCharged) {
  fakes::WorldSettings settings;
  settings.shop.payment_step = std::chrono::seconds(3);
  World world(settings);
  const OrderId id = world.place_order({{"1", 1}});
  world.advance(std::chrono::seconds(4));
  EXPECT_EQ(world.order(id).status, OrderStatus::kProcessing);
  world.cancel(id);
  world.run_until_idle();
  EXPECT_EQ(world.order(id).status, OrderStatus::kCancelled);
  EXPECT_EQ(world.charges(id), 0u);
  EXPECT_EQ(world.stock("1"), (domain::StockCounters{1000, 0}));
}

TEST(CancelWhileProcessing, OfAnUnknownPaymentWaitsForTheReconciler) {
  World world;
  const OrderId id = world.place_order({{"1", 1}});
  world.payments.next_answer(simulated::LostAfterCharge{});
  world.advance(Duration{500});
  ASSERT_EQ(domain::payment_status(world.order(id)), PaymentStatus::kUnknown);
  world.cancel(id);
  world.run_until_idle();
  EXPECT_EQ(world.order(id).status, OrderStatus::kCancelled);
  EXPECT_EQ(world.refunds(id), 1u);
  EXPECT_EQ(world.held(id), 0);
}

struct Course {
  std::string card;
  bool is_stepped = false;
  bool is_twice = false;  // every message is delivered to two workers at once
};

// The cancel comes just before the nth commit of the payment's course is decided on, for every n until there is none.
void cancel_at_every_point(const Course& course) {
  for (std::size_t point = 0;; ++point) {
    SCOPED_TRACE("cancelled before commit " + std::to_string(point));
    ASSERT_LT(point, 40u);
    fakes::WorldSettings settings;
    if (course.is_stepped) settings.shop.payment_step = std::chrono::seconds(3);
    World world(settings);
    if (course.is_twice) world.queue.set_copies(2);
    const OrderId id = world.place_order({{"1", 1}}, course.card);
    std::size_t seen = 0;
    bool is_cancelled = false;
    world.store.before_commit([&](const ports::Commit&) -> Task<void> {
      if (seen++ != point) co_return;
      co_await cancel_order(world.app, world.owner(), id.text, {}, {});
      is_cancelled = true;
    });
    world.run_until_idle();
    if (!is_cancelled) {  // fewer commits than that: all points were tried
      EXPECT_GE(point, 2u);
      return;
    }
    EXPECT_EQ(world.order(id).status, OrderStatus::kCancelled);
    EXPECT_EQ(world.held(id), 0);
    EXPECT_LE(world.charges(id), 1u);
    EXPECT_EQ(world.refunds(id), world.charges(id));
    EXPECT_EQ(world.stock("1"), (domain::StockCounters{1000, 0}));
    EXPECT_EQ(world.queue.dead(), 0u);
  }
}

TEST(CancelRace, AtEveryCommitOfASuccessfulPayment) { cancel_at_every_point({"pm_card_visa"}); }
TEST(CancelRace, AtEveryCommitOfAPaymentInSteps) { cancel_at_every_point({"pm_card_visa", true}); }
TEST(CancelRace, AtEveryCommitOfADeclinedPayment) { cancel_at_every_point({"pm_card_visa_chargeDeclined"}); }
TEST(CancelRace, AtEveryCommitOfAPaymentWhoseAnswerIsLost) { cancel_at_every_point({"pm_sim_timeout_after_charge"}); }
TEST(CancelRace, AtEveryCommitOfAPaymentThatNeverArrives) { cancel_at_every_point({"pm_sim_timeout_before_charge"}); }
TEST(CancelRace, AtEveryCommitWhenEachMessageComesTwice) { cancel_at_every_point({"pm_card_visa", false, true}); }
TEST(CancelRace, AtEveryCommitOfAPaymentWhoseRefundsAnswerIsLost) { cancel_at_every_point({"pm_sim_refund_lost"}); }

}  // namespace
}  // namespace orderly::app
