// Changing orders: which status may follow which through the API, and other contents before payment.
#include "app/order_commands.h"

#include <gtest/gtest.h>

#include "tests/fakes/world.h"

namespace orderly::app {
namespace {

using domain::OrderStatus;
using fakes::World;

Task<Answer> set_status(World& world, OrderId id, OrderStatus status) {
  UpdateOrder command;
  command.status = status;
  co_return co_await update_order(world.app, world.owner(), id.text, command, {});
}

TEST(UpdateOrder, AStatusWalksAPaidOrderToItsEnd) {
  World world;
  const OrderId id = world.place_paid_order({{"1", 1}});
  EXPECT_EQ(World::view(world.run(set_status(world, id, OrderStatus::kShipped))).status, OrderStatus::kShipped);
  EXPECT_EQ(World::view(world.run(set_status(world, id, OrderStatus::kDelivered))).status, OrderStatus::kDelivered);
  EXPECT_EQ(World::view(world.run(set_status(world, id, OrderStatus::kRefunded))).status, OrderStatus::kDelivered);
  world.run_until_idle();  // the money is on its way back until then
  EXPECT_EQ(world.order(id).status, OrderStatus::kRefunded);
  EXPECT_EQ(world.held(id), 0);
}

TEST(UpdateOrder, ConfirmedAndDeclinedAreReportedPayments) {
  World world;
  const OrderId first = world.place_order({{"1", 1}});
  const OrderId second = world.place_order({{"1", 1}});
  EXPECT_EQ(World::view(world.run(set_status(world, first, OrderStatus::kConfirmed))).status, OrderStatus::kConfirmed);
  EXPECT_EQ(World::view(world.run(set_status(world, second, OrderStatus::kDeclined))).status, OrderStatus::kDeclined);
  world.run_until_idle();
  EXPECT_EQ(world.charges(first) + world.charges(second), 0u);
}

TEST(UpdateOrder, WhatTheTableDoesNotAllowIsRefusedAndChangesNothing) {
  World world;
  const OrderId id = world.place_unpaid({{"1", 1}});
  for (const OrderStatus wanted : {OrderStatus::kPending, OrderStatus::kProcessing, OrderStatus::kShipped,
                                   OrderStatus::kDelivered, OrderStatus::kRefunded, OrderStatus::kConfirmed}) {
    EXPECT_EQ(world.error_of(set_status(world, id, wanted)).slug(), "illegal-transition");
  }
  EXPECT_EQ(world.order(id).version, 1);
  EXPECT_EQ(World::view(world.run(set_status(world, id, OrderStatus::kCancelled))).status, OrderStatus::kCancelled);
  for (const OrderStatus wanted : {OrderStatus::kCancelled, OrderStatus::kShipped, OrderStatus::kConfirmed}) {
    EXPECT_EQ(world.error_of(set_status(world, id, wanted)).slug(), "illegal-transition");
  }
}

TEST(UpdateOrder, OtherItemsArePricedAndReservedInsteadOfTheOldOnes) {
  World world;
  const OrderId id = world.place_order({{"1", 2}, {"2", 1}});
  UpdateOrder command;
  command.items = World::Lines{{"2", 3}};
  const OrderView order = World::view(world.run(update_order(world.app, world.owner(), id.text, command, {})));
  EXPECT_EQ(order.total, 7500 + 999);
  EXPECT_EQ(world.stock("1"), (domain::StockCounters{1000, 0}));
  EXPECT_EQ(world.stock("2"), (domain::StockCounters{997, 3}));
  world.run_until_idle();
  EXPECT_EQ(world.held(id), 8499);
}

TEST(UpdateOrder, AllFiftyProductsMayBeReplacedByOthersOrTheRequestIsRefused) {
  World world;
  World::Lines before;
  UpdateOrder command;
  command.items.emplace();
  for (int i = 0; i < 50; ++i) {
    world.add_product("before-" + std::to_string(i), 100, 5);
    world.add_product("after-" + std::to_string(i), 100, 5);
    before.push_back({"before-" + std::to_string(i), 1});
    command.items->push_back({"after-" + std::to_string(i), 1});
  }
  const OrderId id = world.place_unpaid(before);
  const Error error = world.error_of(update_order(world.app, world.owner(), id.text, command, {}));
  EXPECT_EQ(error.slug(), "too-many-products");  // of both together: more than a commit can count
  EXPECT_EQ(error.code(), ErrorCode::kRefused);
  EXPECT_EQ(world.order(id).version, 1);
  command.items->resize(30);
  EXPECT_EQ(World::view(world.run(update_order(world.app, world.owner(), id.text, command, {}))).items.size(), 30u);
}

TEST(UpdateOrder, MoreThanThereIsIsRefused) {
  World world;
  const OrderId id = world.place_unpaid({{"limited", 4}});
  UpdateOrder command;
  command.items = World::Lines{{"limited", 11}};
  EXPECT_EQ(world.error_of(update_order(world.app, world.owner(), id.text, command, {})).slug(), "out-of-stock");
  command.items = World::Lines{{"limited", 10}};
  world.run(update_order(world.app, world.owner(), id.text, command, {}));
  EXPECT_EQ(world.stock("limited"), (domain::StockCounters{0, 10}));
}

TEST(UpdateOrder, AnotherAddressIsSealedLikeTheFirst) {
  World world;
  const OrderId id = world.place_order({{"1", 1}});
  UpdateOrder command;
  command.shipping_address = Address{"Ada Lovelace", "12 St James's Square", {}, "London", {}, "SW1Y 4JH", "GB"};
  world.run(update_order(world.app, world.owner(), id.text, command, {}));
  EXPECT_TRUE(world.places_of("Lovelace").empty());
  EXPECT_EQ(world.run(get_order(world.app, world.owner(), id.text)).shipping_address, command.shipping_address);
}

TEST(UpdateOrder, APaidOrderKeepsItsItems) {
  World world;
  const OrderId id = world.place_paid_order({{"1", 1}});
  UpdateOrder command;
  command.items = World::Lines{{"2", 1}};
  EXPECT_EQ(world.error_of(update_order(world.app, world.owner(), id.text, command, {})).slug(), "illegal-transition");
}

TEST(UpdateOrder, ContradictoryBodiesAreRefused) {
  World world;
  const OrderId id = world.place_unpaid({{"1", 1}});
  const auto update = [&](UpdateOrder command) -> Task<Answer> {
    return [](World& w, OrderId order, UpdateOrder c) -> Task<Answer> {
      co_return co_await update_order(w.app, w.owner(), order.text, std::move(c), {});
    }(world, id, std::move(command));
  };
  EXPECT_EQ(world.error_of(update({})).code(), ErrorCode::kInvalidRequest);
  UpdateOrder both;
  both.status = OrderStatus::kShipped;
  both.items = World::Lines{{"1", 1}};
  EXPECT_EQ(world.error_of(update(both)).problems().at(0).pointer, "/status");
}

TEST(UpdateOrder, AnAmendmentThatRacesWithAPaymentLosesToIt) {
  World world;
  const OrderId id = world.place_order({{"1", 1}});
  UpdateOrder command;
  command.items = World::Lines{{"1", 5}};
  bool is_first = true;
  world.store.before_commit([&](const ports::Commit&) -> Task<void> {
    if (!std::exchange(is_first, false)) co_return;
    co_await report_payment(world.app, world.owner(), {id.text, ReportedStatus::kPaid}, {});
  });
  EXPECT_EQ(world.error_of(update_order(world.app, world.owner(), id.text, command, {})).slug(), "illegal-transition");
  EXPECT_EQ(world.order(id).total, 10499);
  world.run_until_idle();
}

TEST(OrderCommands, OnlyTheOrdersOwnerAndStaffMayUseThem) {
  World world;
  const OrderId id = world.place_paid_order({{"1", 1}});
  const Caller other = world.client("u2");
  EXPECT_EQ(world.error_of(cancel_order(world.app, other, id.text, {}, {})).code(), ErrorCode::kNotFound);
  EXPECT_EQ(world.error_of(refund_order(world.app, other, id.text, {}, {})).code(), ErrorCode::kNotFound);
  EXPECT_EQ(world.error_of(start_payment(world.app, other, {id.text, "pm_card_visa"}, {})).code(),
            ErrorCode::kNotFound);
  EXPECT_EQ(world.run(cancel_order(world.app, world.client("u1"), id.text, {}, {})).status, 200);
  world.run_until_idle();
}

}  // namespace
}  // namespace orderly::app
