// Giving money back: after a cancel, in parts, and when the provider fails.
#include <gtest/gtest.h>

#include "app/invoices.h"
#include "tests/fakes/world.h"

namespace orderly::app {
namespace {

using domain::OrderStatus;
using domain::RefundStatus;
using fakes::World;

class Refunds : public testing::Test {
 protected:
  // Shipping is part of it: 100.00 in all.
  OrderId place_shipped_order_of_100(World& world, std::string card = "pm_card_visa") {
    world.add_product("hundred", 9001, 10);
    const OrderId id = world.place_paid_order({{"hundred", 1}}, std::move(card));
    world.run(ship_order(world.app, world.owner(), id.text, {}));
    return id;
  }
};

TEST_F(Refunds, CancellingAPaidOrderReturnsTheMoneyAndTheStock) {
  World world;
  const OrderId id = world.place_paid_order({{"1", 2}});
  EXPECT_EQ(world.stock("1"), (domain::StockCounters{998, 0}));
  EXPECT_EQ(world.cancel(id).status, OrderStatus::kCancelled);
  EXPECT_EQ(world.stock("1"), (domain::StockCounters{1000, 0}));
  world.run_until_idle();
  const domain::Order order = world.order(id);
  ASSERT_EQ(order.refunds.size(), 1u);
  EXPECT_EQ(order.refunds[0].status, RefundStatus::kDone);
  EXPECT_EQ(order.refunds[0].amount, 19999);
  EXPECT_EQ(world.held(id), 0);
}

TEST_F(Refunds, ACancelledOrderThatWasInvoicedGetsACreditNote) {
  World world;
  const OrderId id = world.place_paid_order({{"1", 1}});
  world.cancel(id);
  world.run_until_idle();
  EXPECT_EQ(world.order(id).refunds.at(0).credit_note, "CRN-2026-000001");
  const InvoiceView note = world.run(get_invoice(world.app, world.owner(), "CRN-2026-000001"));
  EXPECT_EQ(note.kind, domain::InvoiceKind::kCreditNote);
  EXPECT_EQ(note.corrects, "INV-2026-000001");
  EXPECT_EQ(note.total, 10499);
  EXPECT_EQ(world.run(get_invoice_pdf(world.app, world.owner(), "CRN-2026-000001")).content_type, "application/pdf");
}

TEST_F(Refunds, ACancelAskedForTwiceIsRefusedTheSecondTimeAndPaysOnce) {
  World world;
  const OrderId id = world.place_paid_order({{"1", 1}});
  world.cancel(id);
  EXPECT_EQ(world.error_of(cancel_order(world.app, world.owner(), id.text, {}, {})).slug(), "illegal-transition");
  world.run_until_idle();
  EXPECT_EQ(world.refunds(id), 1u);
}

TEST_F(Refunds, TwoOfSixtyOnAHundredDoNotBothPass) {
  World world;
  const OrderId id = place_shipped_order_of_100(world);
  ASSERT_EQ(world.order(id).total, 10000);
  auto first = world.start(refund_order(world.app, world.owner(), id.text, {6000, {}}, {}));
  auto second = world.start(refund_order(world.app, world.owner(), id.text, {6000, {}}, {}));
  world.advance(std::chrono::seconds(1));
  ASSERT_TRUE(first.done() && second.done());
  EXPECT_EQ(first.get().status, 200);
  try {
    second.get();
    FAIL() << "120 of 100 were returned";
  } catch (const Error& error) {
    EXPECT_EQ(error.slug(), "refund-exceeds-payment");
  }
  world.run_until_idle();
  EXPECT_EQ(world.held(id), 4000);
  EXPECT_EQ(world.order(id).status, OrderStatus::kShipped);
}

TEST_F(Refunds, PartsThatAddUpToAllMakeTheOrderRefunded) {
  World world;
  const OrderId id = place_shipped_order_of_100(world);
  world.refund(id, 6000);
  world.run_until_idle();
  EXPECT_EQ(world.order(id).status, OrderStatus::kShipped);
  world.refund(id);  // what is left
  world.run_until_idle();
  const domain::Order order = world.order(id);
  EXPECT_EQ(order.status, OrderStatus::kRefunded);
  EXPECT_EQ(order.refunds.at(1).amount, 4000);
  EXPECT_EQ(order.refunds.at(0).credit_note, "CRN-2026-000001");
  EXPECT_EQ(order.refunds.at(1).credit_note, "CRN-2026-000002");
  EXPECT_EQ(world.held(id), 0);
  EXPECT_EQ(world.error_of(refund_order(world.app, world.owner(), id.text, {1, {}}, {})).code(), ErrorCode::kRefused);
}

TEST_F(Refunds, AFailedRefundRaisesAnAlarmAndMayBeAskedForAgain) {
  World world;
  const OrderId id = place_shipped_order_of_100(world, "pm_sim_refund_fails");
  world.refund(id, 5000);
  world.run_until_idle();
  EXPECT_EQ(world.order(id).refunds.at(0).status, RefundStatus::kFailed);
  EXPECT_EQ(world.order(id).refunds.at(0).credit_note, "");
  EXPECT_EQ(world.monitor.alarms_of("refund-failed"), 1u);
  EXPECT_EQ(world.monitor.alarms.at(0).concerns, id.text);
  EXPECT_EQ(world.held(id), 10000);
  world.payments.next_answer(simulated::Succeed{});
  world.refund(id, 10000);  // the failed one does not count
  world.run_until_idle();
  EXPECT_EQ(world.order(id).status, OrderStatus::kRefunded);
  EXPECT_EQ(world.held(id), 0);
}

TEST_F(Refunds, ARefundWhoseAnswerIsLostIsMadeOnce) {
  World world;
  const OrderId id = place_shipped_order_of_100(world, "pm_sim_refund_lost");
  world.refund(id, 3000);
  world.run_until_idle();
  EXPECT_EQ(world.order(id).refunds.at(0).status, RefundStatus::kDone);
  EXPECT_EQ(world.refunds(id), 1u);
  EXPECT_EQ(world.held(id), 7000);
}

TEST_F(Refunds, AMessageDeliveredTwiceReturnsTheMoneyOnce) {
  World world;
  const OrderId id = place_shipped_order_of_100(world);
  world.queue.set_copies(2);
  world.refund(id, 3000);
  world.run_until_idle();
  EXPECT_EQ(world.refunds(id), 1u);
  EXPECT_EQ(world.held(id), 7000);
  EXPECT_EQ(world.order(id).refunds.at(0).credit_note, "CRN-2026-000001");
}

TEST_F(Refunds, AnyCommitMayFailInAnyWayAndTheMoneyGoesBackOnce) {
  using fakes::CommitFault;
  for (const CommitFault fault : {CommitFault::kRefused, CommitFault::kLostBeforeDone, CommitFault::kLostAfterDone}) {
    for (std::size_t nth = 0; nth < 3; ++nth) {
      World world;
      const OrderId id = place_shipped_order_of_100(world);
      world.refund(id, 3000);
      world.store.fail_commit(fault, nth);
      world.run_until_idle();
      EXPECT_EQ(world.refunds(id), 1u);
      EXPECT_EQ(world.held(id), 7000);
      EXPECT_EQ(world.order(id).refunds.at(0).credit_note, "CRN-2026-000001");
    }
  }
}

TEST_F(Refunds, WhatWasNeverPaidCannotBeReturned) {
  World world;
  const OrderId id = world.place_unpaid({{"1", 1}});
  EXPECT_EQ(world.error_of(refund_order(world.app, world.owner(), id.text, {}, {})).code(), ErrorCode::kRefused);
}

}  // namespace
}  // namespace orderly::app
