#include "app/order_queries.h"

#include <gtest/gtest.h>

#include <set>

#include "app/check.h"
#include "app/keys.h"
#include "tests/fakes/world.h"

namespace orderly::app {
namespace {

using domain::OrderStatus;
using fakes::World;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

fakes::WorldSettings without_expiry() {
  fakes::WorldSettings settings;
  settings.sweep_interval = hours(24 * 3650);
  return settings;
}

template <class ListPage>
auto all_pages(ListPage list_page, std::size_t limit, std::size_t pages_max = 500) {
  decltype(list_page(PageOf{}).data) all;
  PageOf page{limit, ""};
  for (std::size_t pages = 0; pages < pages_max; ++pages) {
    auto list = list_page(page);
    EXPECT_LE(list.data.size(), limit);
    all.insert(all.end(), list.data.begin(), list.data.end());
    if (!list.next_cursor) return all;
    page.cursor = *list.next_cursor;
  }
  ADD_FAILURE() << "the list does not end";
  return all;
}

// How many rows each page has, to the last.
using Sizes = std::vector<std::size_t>;
template <class ListPage>
Sizes page_sizes(ListPage list_page, std::size_t limit) {
  Sizes sizes;
  PageOf page{limit, ""};
  do {
    const auto list = list_page(page);
    sizes.push_back(list.data.size());
    page.cursor = list.next_cursor.value_or("");
  } while (!page.cursor.empty() && sizes.size() < 100);
  return sizes;
}

std::vector<OrderId> ids_of(const std::vector<OrderView>& orders) {
  std::vector<OrderId> ids;
  for (const OrderView& order : orders) ids.push_back(order.id);
  return ids;
}

// Orders over several days, some a day: two clients in turn.
struct Days {
  Days() : world(without_expiry()) {
    for (int day = 0; day < 5; ++day) {
      for (int i = 0; i < 7; ++i) {
        PlaceOrder command = world.order_of({{"3", 1}});
        command.client_id = i % 2 == 0 ? "even" : "odd";
        command.pay_later = true;
        newest_first.insert(newest_first.begin(),
                            World::view(world.run(place_order(world.app, world.owner(), command, {}))).id);
        world.clock.set(world.clock.now() + minutes(1));
      }
      world.clock.set(world.clock.now() + hours(24) - minutes(7));
    }
  }
  std::vector<OrderView> list(OrderFilter filter, std::size_t limit) {
    return all_pages(
        [&](PageOf page) { return world.run(list_orders(world.app, world.owner(), filter, std::move(page))); }, limit);
  }
  std::vector<OrderId> every_second() const {
    std::vector<OrderId> ids;  // 7 a day, newest first: even, odd, …, even
    for (std::size_t i = 0; i < newest_first.size(); ++i) {
      if (i % 7 % 2 == 0) ids.push_back(newest_first[i]);
    }
    return ids;
  }

  World world;
  std::vector<OrderId> newest_first;
};

TEST(ListOrders, NewestFirstOverDaysWithAnyPageSize) {
  Days days;
  for (const std::size_t limit : {1u, 2u, 3u, 7u, 10u, 100u}) {
    EXPECT_EQ(ids_of(days.list({}, limit)), days.newest_first) << limit;
  }
}

TEST(ListOrders, PagesThatComeShortFromTheStoreLoseNothing) {
  Days days;
  days.world.store.set_rows_examined_max(2);
  for (const std::size_t limit : {1u, 3u, 100u}) {
    EXPECT_EQ(ids_of(days.list({}, limit)), days.newest_first) << limit;
    OrderFilter filter;
    filter.client_id = "even";
    EXPECT_EQ(ids_of(days.list(filter, limit)), days.every_second()) << limit;
  }
}

TEST(ListOrders, OfOneClient) {
  Days days;
  OrderFilter filter;
  filter.client_id = "even";
  for (const std::size_t limit : {1u, 3u, 100u}) {
    EXPECT_EQ(ids_of(days.list(filter, limit)), days.every_second()) << limit;
  }
  filter.client_id = "nobody";
  EXPECT_TRUE(days.list(filter, 10).empty());
}

TEST(ListOrders, OfOneStatus) {
  Days days;
  std::vector<OrderId> cancelled;
  for (std::size_t i = 0; i < days.newest_first.size(); i += 4) {
    days.world.cancel(days.newest_first[i]);
    cancelled.push_back(days.newest_first[i]);
  }
  OrderFilter filter;
  filter.status = OrderStatus::kCancelled;
  for (const std::size_t limit : {1u, 3u, 100u}) EXPECT_EQ(ids_of(days.list(filter, limit)), cancelled) << limit;
  filter.client_id = "even";
  std::set<OrderId> both;
  for (const OrderView& order : days.list(filter, 2)) both.insert(order.id);
  std::set<OrderId> expected;
  for (const OrderId& id : cancelled) {
    if (days.world.order(id).client_id == "even") expected.insert(id);
  }
  EXPECT_EQ(both, expected);
}

// Seen through an index that lags behind, some of the pending orders are something else by now.
TEST(ListOrders, OfOneStatusLosesNothingBehindOrdersThatChangedMeanwhile) {
  Days days;
  const auto replace_status = [&](std::size_t i, std::string from, std::string to) {
    days.world.store.tamper(keys::order(days.newest_first[i]), [&](std::string& document) {
      document.replace(document.find("\"status\":\"" + from + "\"") + 10, from.size(), to);
    });
  };
  const std::size_t changed[] = {1, 2, 3, 8};
  std::vector<OrderId> expected = days.newest_first;
  for (const std::size_t i : changed) {
    replace_status(i, "pending", "cancelled");
    std::erase(expected, days.newest_first[i]);
  }
  OrderFilter filter;
  filter.status = OrderStatus::kPending;
  for (const std::size_t limit : {1u, 2u, 3u, 100u}) EXPECT_EQ(ids_of(days.list(filter, limit)), expected) << limit;
  for (const std::size_t i : changed) replace_status(i, "cancelled", "pending");  // as the World wants it in the end
}

TEST(ListOrders, FromIsInclusiveAndToIsNot) {
  Days days;
  const Time third = days.world.order(days.newest_first[32]).created_at;  // the third placed of 35
  const Time tenth = days.world.order(days.newest_first[25]).created_at;
  OrderFilter filter;
  filter.from = third;
  filter.to = tenth;
  const std::vector<OrderId> expected(days.newest_first.begin() + 26, days.newest_first.begin() + 33);
  for (const std::size_t limit : {1u, 2u, 100u}) EXPECT_EQ(ids_of(days.list(filter, limit)), expected) << limit;
  filter.client_id = "even";
  for (const OrderView& order : days.list(filter, 2)) {
    EXPECT_GE(order.created_at, third);
    EXPECT_LT(order.created_at, tenth);
  }
  EXPECT_EQ(days.list(filter, 2).size(), 4u);
}

TEST(ListOrders, TheLastThirtyDaysUnlessFromSaysOtherwise) {
  Days days;
  days.world.clock.set(days.world.clock.now() + hours(24 * 200));
  EXPECT_TRUE(days.list({}, 10).empty());
  OrderFilter filter;
  filter.from = *parse_time("2026-11-01");
  EXPECT_EQ(ids_of(days.list(filter, 10)), days.newest_first);
  OrderFilter of_client;
  of_client.client_id = "even";
  EXPECT_EQ(ids_of(days.list(of_client, 10)), days.every_second());
}

TEST(ListOrders, ClientsSeeTheirOwnOnly) {
  Days days;
  const auto list_as = [&](const Caller& caller, OrderFilter filter) {
    return days.world.run(list_orders(days.world.app, caller, filter, PageOf{100, ""})).data;
  };
  EXPECT_EQ(ids_of(list_as(days.world.client("even"), {})), days.every_second());
  OrderFilter of_another;
  of_another.client_id = "odd";
  EXPECT_TRUE(list_as(days.world.client("even"), of_another).empty());
  EXPECT_TRUE(list_as(Caller{Role::kAnonymous, {}, {}, {}}, {}).empty());
  EXPECT_EQ(days.world.error_of(get_order(days.world.app, days.world.client("even"), days.newest_first[1].text)).code(),
            ErrorCode::kNotFound);
}

TEST(ListOrders, APageThatEndsAtTheLastRowHasNoCursor) {
  Days days;  // 35 orders, 20 of them of "even"
  const auto sizes = [&](const OrderFilter& filter, std::size_t limit) {
    return page_sizes(
        [&](PageOf page) { return days.world.run(list_orders(days.world.app, days.world.owner(), filter, page)); },
        limit);
  };
  EXPECT_EQ(sizes({}, 35), Sizes{35});
  EXPECT_EQ(sizes({}, 7), (Sizes{7, 7, 7, 7, 7}));  // each page ends with a day
  EXPECT_EQ(sizes({}, 5), (Sizes{5, 5, 5, 5, 5, 5, 5}));
  EXPECT_EQ(sizes({}, 30), (Sizes{30, 5}));
  OrderFilter filter;
  filter.client_id = "even";
  EXPECT_EQ(sizes(filter, 20), Sizes{20});
  EXPECT_EQ(sizes(filter, 10), (Sizes{10, 10}));
  for (std::size_t i = 0; i < days.newest_first.size(); i += 4) days.world.cancel(days.newest_first[i]);
  filter.status = OrderStatus::kCancelled;
  filter.client_id.reset();
  EXPECT_EQ(sizes(filter, 9), Sizes{9});
  EXPECT_EQ(sizes(filter, 3), (Sizes{3, 3, 3}));
  filter.client_id = "even";
  const std::size_t both = days.list(filter, 100).size();
  EXPECT_EQ(sizes(filter, both), Sizes{both}) << "what follows them does not belong to the list";
}

TEST(ListOrders, ACursorOfAnotherListIsRefused) {
  Days days;
  const Error error =
      days.world.error_of(list_orders(days.world.app, days.world.owner(), {}, PageOf{10, "not a cursor"}));
  EXPECT_EQ(error.code(), ErrorCode::kInvalidRequest);
}

TEST(OrderStatusWait, AnswersAtTheFirstChange) {
  fakes::WorldSettings settings;
  settings.shop.payment_step = seconds(3);
  World world(settings);
  const OrderId id = world.place_order({{"1", 1}});
  const Time start = world.clock.now();
  std::optional<Time> answered_at;
  auto waiting = world.start([](World& w, OrderId order, std::optional<Time>& at) -> Task<OrderProgressView> {
    auto view = co_await get_order_status(w.app, w.owner(), order.text, "u1", seconds(20));
    at = w.clock.now();
    co_return view;
  }(world, id, answered_at));
  world.advance(seconds(10));
  ASSERT_TRUE(waiting.done());
  EXPECT_EQ(waiting.get().status, OrderStatus::kProcessing);
  EXPECT_GE(*answered_at - start, seconds(3));
  EXPECT_LE(*answered_at - start, seconds(3) + Duration{100});
}

TEST(OrderStatusWait, WithoutAChangeItAnswersWhenItsTimeIsOver) {
  World world;
  const OrderId id = world.place_unpaid({{"1", 1}});
  const Time start = world.clock.now();
  const OrderProgressView view = world.run(get_order_status(world.app, world.owner(), id.text, "u1", seconds(5)));
  EXPECT_EQ(view.status, OrderStatus::kPending);
  EXPECT_EQ(world.clock.now() - start, seconds(5));
  world.run(get_order_status(world.app, world.owner(), id.text, "u1", Duration{0}));
  EXPECT_EQ(world.clock.now() - start, seconds(5));
}

TEST(OrderStatusWait, IsAnsweredAtOnceWhenTheProcessStops) {
  World world;
  const OrderId id = world.place_unpaid({{"1", 1}});
  auto waiting = world.start(get_order_status(world.app, world.owner(), id.text, "u1", seconds(20)));
  world.advance(seconds(2));
  ASSERT_FALSE(waiting.done());
  world.app.is_stopping = true;
  world.advance(Duration{100});
  ASSERT_TRUE(waiting.done());
  EXPECT_EQ(waiting.get().status, OrderStatus::kPending);
}

TEST(OrderStatusWait, AnotherClientsOrderIsNotFound) {
  World world;
  const OrderId id = world.place_unpaid({{"1", 1}});
  EXPECT_EQ(world.error_of(get_order_status(world.app, world.owner(), id.text, "u2", Duration{0})).code(),
            ErrorCode::kNotFound);
}

// A payment that came with its order, later attempts and refunds, of two clients over three days.
struct Transactions {
  Transactions() : world(without_expiry()) {
    for (int day = 0; day < 3; ++day) {
      const OrderId paid = place("a");
      const OrderId declined = place("b", "pm_card_visa_chargeDeclined");
      world.run_until_idle();
      world.clock.set(world.clock.now() + minutes(1));
      world.pay(declined);
      world.run_until_idle();
      world.run(ship_order(world.app, world.owner(), paid.text, {}));
      world.clock.set(world.clock.now() + minutes(1));
      world.refund(paid, 100);
      world.run_until_idle();
      orders.push_back(paid);
      world.clock.set(world.clock.now() + hours(24));
    }
  }
  OrderId place(std::string client, std::string card = "pm_card_visa") {
    PlaceOrder command = world.order_of({{"1", 1}});
    command.client_id = std::move(client);
    command.payment_method = std::move(card);
    const OrderId id = World::view(world.run(place_order(world.app, world.owner(), command, {}))).id;
    world.clock.set(world.clock.now() + minutes(1));
    return id;
  }
  std::vector<TransactionView> list(TransactionFilter filter, std::size_t limit) {
    return all_pages(
        [&](PageOf page) { return world.run(list_transactions(world.app, world.owner(), filter, std::move(page))); },
        limit);
  }

  World world;
  std::vector<OrderId> orders;
};

void expect_newest_first_without_repeats(const std::vector<TransactionView>& list) {
  std::set<TransactionId> seen;
  for (std::size_t i = 0; i < list.size(); ++i) {
    EXPECT_TRUE(seen.insert(list[i].id).second) << "twice in the list";
    if (i > 0) {
      EXPECT_LE(list[i].created_at, list[i - 1].created_at);
    }
  }
}

TEST(ListTransactions, AttemptsAndRefundsNewestFirstWithAnyPageSize) {
  Transactions shop;
  for (const std::size_t limit : {1u, 2u, 3u, 5u, 100u}) {
    const auto list = shop.list({}, limit);
    EXPECT_EQ(list.size(), 12u) << limit;  // a day: two first attempts, a second one, a refund
    expect_newest_first_without_repeats(list);
  }
  shop.world.store.set_rows_examined_max(1);
  EXPECT_EQ(shop.list({}, 2).size(), 12u);
}

TEST(ListTransactions, APageThatEndsAtTheLastRowHasNoCursor) {
  Transactions shop;  // 12, of them 6 of client "a"
  const auto sizes = [&](const TransactionFilter& filter, std::size_t limit) {
    return page_sizes(
        [&](PageOf page) {
          return shop.world.run(list_transactions(shop.world.app, shop.world.owner(), filter, page));
        },
        limit);
  };
  EXPECT_EQ(sizes({}, 12), Sizes{12});
  EXPECT_EQ(sizes({}, 4), (Sizes{4, 4, 4}));  // each page ends with a day
  EXPECT_EQ(sizes({}, 3), (Sizes{3, 3, 3, 3}));
  TransactionFilter filter;
  filter.client_id = "a";
  EXPECT_EQ(sizes(filter, 6), Sizes{6});
  EXPECT_EQ(sizes(filter, 2), (Sizes{2, 2, 2}));
  filter.client_id = "b";
  filter.status = "confirmed";
  EXPECT_EQ(sizes(filter, 3), Sizes{3}) << "the oldest of all was declined";
  filter.status = "declined";
  filter.client_id.reset();
  EXPECT_EQ(sizes(filter, 1), (Sizes{1, 1, 1}));
}

TEST(ListTransactions, OfAClientAStatusAnOrderOrASpanOfTime) {
  Transactions shop;
  TransactionFilter filter;
  filter.client_id = "a";
  for (const std::size_t limit : {1u, 2u, 100u}) EXPECT_EQ(shop.list(filter, limit).size(), 6u) << limit;
  filter.status = "done";
  EXPECT_EQ(shop.list(filter, 2).size(), 3u);
  filter = {};
  filter.status = "declined";
  EXPECT_EQ(shop.list(filter, 1).size(), 3u);
  filter = {};
  filter.order_id = shop.orders[0].text;
  const auto of_order = shop.list(filter, 10);
  ASSERT_EQ(of_order.size(), 2u);
  EXPECT_EQ(of_order[0].type, "refund");
  EXPECT_EQ(of_order[1].type, "payment");
  EXPECT_EQ(of_order[0].method, "pm_card_visa");
  filter = {};
  filter.from = shop.world.order(shop.orders[1]).created_at;
  filter.to = shop.world.order(shop.orders[2]).created_at;
  EXPECT_EQ(shop.list(filter, 3).size(), 4u);
}

TEST(ListTransactions, ClientsSeeTheirOwnOnly) {
  Transactions shop;
  const auto as = [&](const Caller& caller, TransactionFilter filter) {
    return shop.world.run(list_transactions(shop.world.app, caller, filter, PageOf{100, ""})).data.size();
  };
  EXPECT_EQ(as(shop.world.client("a"), {}), 6u);
  TransactionFilter of_another;
  of_another.client_id = "b";
  EXPECT_EQ(as(shop.world.client("a"), of_another), 0u);
  TransactionFilter of_order;
  of_order.order_id = shop.orders[0].text;
  EXPECT_EQ(shop.world.error_of(list_transactions(shop.world.app, shop.world.client("b"), of_order, {})).code(),
            ErrorCode::kNotFound);
}

// The order's own entries list the first one only.
TEST(ListTransactions, AllAttemptsOfTheMomentOfTheirOrderAreListedOnce) {
  for (const bool pays_later : {true, false}) {
    World world;
    const OrderId id =
        pays_later ? world.place_unpaid({{"1", 1}}) : world.place_order({{"1", 1}}, "pm_card_visa_chargeDeclined");
    const Time placed = world.clock.now();
    world.run_until_idle();
    for (const std::string method : {"pm_card_visa_chargeDeclined", "pm_card_visa"}) {
      world.pay(id, method);
      world.run_until_idle();
    }
    world.refund(id, 1);
    world.run_until_idle();
    ASSERT_EQ(world.clock.now(), placed);
    const std::size_t attempts = pays_later ? 2 : 3;
    ASSERT_EQ(world.order(id).attempts.size(), attempts);
    TransactionFilter of_client;
    of_client.client_id = world.order(id).client_id;
    for (const TransactionFilter& filter : {of_client, TransactionFilter{}}) {
      for (const std::size_t limit : {1u, 2u, 100u}) {
        const auto list = all_pages(
            [&](PageOf page) {
              return world.run(list_transactions(world.app, world.owner(), filter, std::move(page)));
            },
            limit);
        std::set<TransactionId> seen;
        for (const TransactionView& view : list) EXPECT_TRUE(seen.insert(view.id).second) << view.id.text;
        EXPECT_EQ(seen.size(), attempts + 1);
      }
    }
    EXPECT_TRUE(check(*world.store.inspect(), world.crypto, world.clock.now()).is_clean());
  }
}

TEST(GetTransaction, IsFoundByItsIdAlone) {
  Transactions shop;
  const domain::Order order = shop.world.order(shop.orders[0]);
  const TransactionView payment =
      shop.world.run(get_transaction(shop.world.app, shop.world.owner(), order.attempts[0].id.text));
  EXPECT_EQ(payment.amount, 10499);
  EXPECT_EQ(payment.status, "confirmed");
  const TransactionView refund =
      shop.world.run(get_transaction(shop.world.app, shop.world.client("a"), order.refunds[0].id.text));
  EXPECT_EQ(refund.amount, 100);
  EXPECT_EQ(refund.credit_note, "CRN-2026-000001");
  for (const std::string& id : {order.refunds[0].id.text, std::string("txn_nonsense"), order.id.text}) {
    EXPECT_EQ(shop.world.error_of(get_transaction(shop.world.app, shop.world.client("b"), id)).code(),
              ErrorCode::kNotFound);
  }
  const TransactionId unknown = transaction_id(order.id, 900);
  EXPECT_EQ(shop.world.error_of(get_transaction(shop.world.app, shop.world.owner(), unknown.text)).code(),
            ErrorCode::kNotFound);
}

TEST(OrderEvents, AreListedOldestFirst) {
  World world;
  world.store.set_rows_examined_max(1);
  const OrderId id = world.place_paid_order({{"1", 1}});
  const auto documents = world.run(list_order_events(world.app, world.owner(), id.text));
  ASSERT_EQ(documents.size(), 4u);
  for (std::size_t i = 0; i < documents.size(); ++i) {
    EXPECT_EQ(json::read_stored<domain::OrderEvent>(documents[i]).version, static_cast<std::int64_t>(i + 1));
  }
}

TEST(OrderEvents, ShowOwnerAndStaffAloneFromWhereAndByWhichRequest) {
  World world;
  Caller clerk{Role::kStaff, {}, {}, "staff"};
  clerk.source = "203.0.113.7";
  clerk.request = "secret-request";
  PlaceOrder command = world.order_of({{"1", 1}});
  command.client_id = "ann";
  const OrderId id = World::view(world.run(place_order(world.app, clerk, std::move(command), {}))).id;
  world.run_until_idle();
  const auto shows = [&](const Caller& caller, std::string_view text) {
    const auto documents = world.run(list_order_events(world.app, caller, id.text));
    EXPECT_EQ(documents.size(), 4u);
    return std::ranges::any_of(documents, [&](const std::string& each) { return each.find(text) != each.npos; });
  };
  for (const Caller& caller : {world.owner(), clerk}) {
    EXPECT_TRUE(shows(caller, "203.0.113.7"));
    EXPECT_TRUE(shows(caller, "secret-request"));
    EXPECT_TRUE(shows(caller, "msg_"));
  }
  for (const std::string_view text : {"203.0.113.7", "secret-request", "msg_", "source"}) {
    EXPECT_FALSE(shows(world.client("ann"), text)) << text;
  }
  EXPECT_TRUE(shows(world.client("ann"), "payment.confirmed"));
}

// --- As it was

fakes::WorldSettings slow_settings() {
  fakes::WorldSettings settings;
  settings.shop.payment_step = std::chrono::seconds(3);
  return settings;
}

TEST(OrderAt, IsTheOrderAsItWasAtThatMoment) {
  World world(slow_settings());
  const Time before = world.clock.now();
  world.advance(std::chrono::seconds(1));
  PlaceOrder command = world.order_of({{"1", 1}});
  command.shipping_address = Address{"Ada Lovelace", "12 St James's Square", {}, "London", {}, "SW1Y 4JH", "GB"};
  const OrderId id = World::view(world.run(place_order(world.app, world.owner(), std::move(command), {}))).id;
  struct Moment {
    Time at;
    std::string order;
  };
  std::vector<Moment> moments;
  const auto note = [&] {
    moments.push_back({world.clock.now(), json::write(world.run(get_order(world.app, world.owner(), id.text)))});
    world.advance(std::chrono::seconds(1));
  };
  note();
  world.run_until_idle();
  world.advance(std::chrono::seconds(1));
  note();
  world.run(ship_order(world.app, world.owner(), id.text, {}));
  note();
  world.refund(id, 100);
  world.run_until_idle();
  world.advance(std::chrono::seconds(1));
  note();
  EXPECT_NE(moments[0].order.find("Ada Lovelace"), std::string::npos);
  EXPECT_NE(moments[3].order.find("CRN-"), std::string::npos);
  world.store.set_rows_examined_max(2);
  for (const Moment& moment : moments) {
    EXPECT_EQ(json::write(world.run(get_order(world.app, world.owner(), id.text, moment.at))), moment.order);
  }
  const Time later = world.clock.now() + std::chrono::hours(1000);
  EXPECT_EQ(json::write(world.run(get_order(world.app, world.owner(), id.text, later))), moments.back().order);
  const Time placed = world.order(id).created_at;
  EXPECT_EQ(world.run(get_order(world.app, world.owner(), id.text, placed)).version, 1);
  for (const Time moment : {before, placed - Duration{1}, Time{0}, Time{-5}}) {
    EXPECT_EQ(world.error_of(get_order(world.app, world.owner(), id.text, moment)).code(), ErrorCode::kNotFound);
  }
}

TEST(OrderAt, IsNotThereForThoseWhoMayNotSeeTheOrder) {
  World world(slow_settings());
  PlaceOrder command = world.order_of({{"1", 1}});
  command.client_id = "ann";
  const OrderId id = World::view(world.run(place_order(world.app, world.owner(), std::move(command), {}))).id;
  const Time placed = world.order(id).created_at;
  world.run_until_idle();
  EXPECT_EQ(world.run(get_order(world.app, world.client("ann"), id.text, placed)).version, 1);
  EXPECT_EQ(world.error_of(get_order(world.app, world.client("bob"), id.text, placed)).code(), ErrorCode::kNotFound);
  const OrderId unknown{"ord_00000000000000000000000000"};
  EXPECT_EQ(world.error_of(get_order(world.app, world.owner(), unknown.text, placed)).code(), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace orderly::app
