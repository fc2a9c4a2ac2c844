// Placing orders: what they cost, what is refused, and that nothing is written when it is.
#include "app/place_order.h"

#include <gtest/gtest.h>

#include "app/carts.h"
#include "app/keys.h"
#include "tests/fakes/world.h"

namespace orderly::app {
namespace {

using domain::OrderStatus;
using domain::PaymentStatus;
using fakes::World;

Address an_address() { return {"Ada Lovelace", "12 St James's Square", {}, "London", {}, "SW1Y 4JH", "GB"}; }

std::vector<std::string> pointers_of(const Error& error) {
  std::vector<std::string> pointers;
  for (const Problem& problem : error.problems()) pointers.push_back(problem.pointer);
  return pointers;
}

TEST(PlaceOrder, TwoOfProductOneCost19999WithShipping) {
  World world;
  const OrderView order = World::view(world.run(place_order(world.app, world.owner(), world.order_of({{"1", 2}}), {})));
  EXPECT_EQ(order.subtotal, 19000);
  EXPECT_EQ(order.shipping, 999);
  EXPECT_EQ(order.tax, 0);
  EXPECT_EQ(order.total, 19999);
  ASSERT_EQ(order.items.size(), 1u);
  EXPECT_EQ(order.items[0].unit_price, 9500);
  EXPECT_EQ(order.items[0].amount, 19000);
  std::int64_t explained = 0;
  for (const domain::PriceComponent& component : order.price) explained += component.amount;
  EXPECT_EQ(explained, 19999);
  EXPECT_EQ(order.status, OrderStatus::kPending);
  EXPECT_EQ(order.payment_status, PaymentStatus::kInitializing);
  EXPECT_EQ(order.version, 1);
  ASSERT_EQ(order.transactions.size(), 1u);
  EXPECT_EQ(order.transactions[0].amount, 19999);
}

TEST(PlaceOrder, ReservesItsStockInTheSameCommit) {
  World world;
  const std::size_t commits = world.store.commits();
  world.place_order({{"1", 2}, {"2", 3}});
  EXPECT_EQ(world.store.commits(), commits + 1);
  EXPECT_EQ(world.stock("1"), (domain::StockCounters{998, 2}));
  EXPECT_EQ(world.stock("2"), (domain::StockCounters{997, 3}));
}

TEST(PlaceOrder, TheCallersTotalIsCheckedInMinorAndMajorUnits) {
  World world;
  PlaceOrder command = world.order_of({{"1", 2}});
  command.total_price = 19999;
  EXPECT_EQ(world.run(place_order(world.app, world.owner(), command, {})).status, 200);
  command.total_price.reset();
  command.total = json::Decimal{"199.99"};
  EXPECT_EQ(world.run(place_order(world.app, world.owner(), command, {})).status, 200);
}

TEST(PlaceOrder, AnotherTotalThanTheCatalogsIsRefusedWhicheverWayItDiffers) {
  World world;
  for (const std::int64_t wrong : {19998, 20000, 0}) {
    PlaceOrder command = world.order_of({{"1", 2}});
    command.total_price = wrong;
    const Error error = world.error_of(place_order(world.app, world.owner(), command, {}));
    EXPECT_EQ(error.slug(), "price-changed") << wrong;
    EXPECT_EQ(error.code(), ErrorCode::kRefused);
  }
  EXPECT_EQ(world.stock("1"), (domain::StockCounters{1000, 0}));
}

TEST(PlaceOrder, AllUnknownProductsAndOtherCurrenciesAreReportedAtOnce) {
  World world;
  const Error error = world.error_of(
      place_order(world.app, world.owner(), world.order_of({{"1", 1}, {"nope", 1}, {"yen", 1}, {"../x", 1}}), {}));
  EXPECT_EQ(error.code(), ErrorCode::kInvalidRequest);
  EXPECT_EQ(pointers_of(error),
            (std::vector<std::string>{"/items/1/product_id", "/items/2/product_id", "/items/3/product_id"}));
}

TEST(PlaceOrder, AnotherCurrencyBuysWhatIsSoldInIt) {
  World world;
  PlaceOrder command = world.order_of({{"yen", 3}});
  command.currency = Currency::of("JPY");
  const OrderView order = World::view(world.run(place_order(world.app, world.owner(), command, {})));
  EXPECT_EQ(order.currency.code(), "JPY");
  EXPECT_EQ(order.subtotal, 1500);
}

TEST(PlaceOrder, MoreThanThereIsIsRefusedAndNothingIsWritten) {
  World world;
  const std::size_t commits = world.store.commits();
  const Error error =
      world.error_of(place_order(world.app, world.owner(), world.order_of({{"1", 1}, {"limited", 11}}), {}));
  EXPECT_EQ(error.slug(), "out-of-stock");
  EXPECT_EQ(world.store.commits(), commits);
  EXPECT_EQ(world.stock("1"), (domain::StockCounters{1000, 0}));
}

TEST(PlaceOrder, LinesOfOneProductAreCountedTogether) {
  World world;
  const OrderId id = world.place_order({{"limited", 4}, {"limited", 6}});
  EXPECT_EQ(world.stock("limited"), (domain::StockCounters{0, 10}));
  EXPECT_EQ(world.order(id).items.size(), 2u);
  const Error error = world.error_of(place_order(world.app, world.owner(), world.order_of({{"1", 999}, {"1", 2}}), {}));
  EXPECT_EQ(error.slug(), "out-of-stock");
}

TEST(PlaceOrder, FiftyLinesFitIntoACommitWithAnAddressAndAKey) {
  World world;
  World::Lines lines;
  for (int i = 0; i < 50; ++i) {
    world.add_product("many-" + std::to_string(i), 100 + i, 5);
    lines.push_back({"many-" + std::to_string(i), 1});
  }
  PlaceOrder command = world.order_of(lines);
  command.shipping_address = an_address();
  const OrderView order = World::view(world.run(place_order(world.app, world.owner(), command, world.key("fifty"))));
  EXPECT_EQ(order.items.size(), 50u);
  world.run_until_idle();
  EXPECT_EQ(world.order(order.id).status, OrderStatus::kConfirmed);
  world.cancel(order.id);
  world.run_until_idle();
  EXPECT_EQ(world.held(order.id), 0);
}

TEST(PlaceOrder, FiftyOneLinesAreNoValidBody) {
  std::string body = R"({"client_id": "u1", "items": [)";
  for (int i = 0; i < 51; ++i) body += std::string(i == 0 ? "" : ",") + R"({"product_id": "1", "quantity": 1})";
  body += "]}";
  try {
    json::read<PlaceOrder>(body);
    FAIL() << "51 lines were read";
  } catch (const Error& error) {
    EXPECT_EQ(pointers_of(error), std::vector<std::string>{"/items"});
  }
}

TEST(PlaceOrder, SeedSpellingsMeanTheSame) {
  const auto command = json::read<PlaceOrder>(R"({"userId": "u7", "items": [{"id": "1", "qty": 2}]})");
  EXPECT_EQ(command.client_id, "u7");
  ASSERT_TRUE(command.items);
  EXPECT_EQ(command.items->at(0).product_id, "1");
  EXPECT_EQ(command.items->at(0).quantity, 2);
}

TEST(PlaceOrder, OneItemMayBeNamedByIdSkuOrName) {
  World world;
  for (const std::string item : {"1", "SKU-1", "sku-1", "Product 1", "  product   1 "}) {
    PlaceOrder command;
    command.item = item;
    const OrderView order = World::view(world.run(place_order(world.app, world.owner(), command, {})));
    ASSERT_EQ(order.items.size(), 1u) << item;
    EXPECT_EQ(order.items[0].product_id, "1") << item;
    EXPECT_EQ(order.items[0].quantity, 1) << item;
  }
}

TEST(PlaceOrder, ANameThatTwoProductsHaveIsNoName) {
  World world;
  PlaceOrder command;
  command.item = "mug";
  const Error ambiguous = world.error_of(place_order(world.app, world.owner(), command, {}));
  EXPECT_EQ(pointers_of(ambiguous), std::vector<std::string>{"/item"});
  command.item = "SKU-mug-b";
  const OrderView order = World::view(world.run(place_order(world.app, world.owner(), command, {})));
  EXPECT_EQ(order.items[0].product_id, "mug-b");
  command.item = "teapot";
  const Error unknown = world.error_of(place_order(world.app, world.owner(), command, {}));
  EXPECT_EQ(pointers_of(unknown), std::vector<std::string>{"/item"});
}

TEST(PlaceOrder, FormsThatContradictThemselvesAreRefused) {
  World world;
  PlaceOrder both = world.order_of({{"1", 1}});
  both.item = "2";
  both.quantity = 3;
  const Error error = world.error_of(place_order(world.app, world.owner(), both, {}));
  EXPECT_EQ(pointers_of(error), (std::vector<std::string>{"/item", "/quantity"}));
  const Error none = world.error_of(place_order(world.app, world.owner(), PlaceOrder{}, {}));
  EXPECT_EQ(pointers_of(none), std::vector<std::string>{"/items"});
}

TEST(PlaceOrder, PayLaterStartsNoPayment) {
  World world;
  const OrderId id = world.place_unpaid({{"1", 1}});
  world.run_until_idle();
  world.advance(std::chrono::minutes(1));
  EXPECT_EQ(world.order(id).status, OrderStatus::kPending);
  EXPECT_FALSE(domain::payment_status(world.order(id)));
  EXPECT_EQ(world.charges(id), 0u);
  world.pay(id);
  world.run_until_idle();
  EXPECT_EQ(world.order(id).status, OrderStatus::kConfirmed);
}

TEST(PlaceOrder, PayLaterAndAPaymentMethodContradictEachOther) {
  World world;
  PlaceOrder command = world.order_of({{"1", 1}});
  command.pay_later = true;
  command.payment_method = "pm_card_visa";
  EXPECT_EQ(pointers_of(world.error_of(place_order(world.app, world.owner(), command, {}))),
            std::vector<std::string>{"/payment_method"});
}

TEST(PlaceOrder, WithoutADefaultAPaymentMethodIsRequired) {
  fakes::WorldSettings settings;
  settings.shop.default_payment_method.clear();
  World world(settings);
  EXPECT_EQ(pointers_of(world.error_of(place_order(world.app, world.owner(), world.order_of({{"1", 1}}), {}))),
            std::vector<std::string>{"/payment_method"});
}

TEST(PlaceOrder, GuestsLabelsAreLettersDigitsAndFewMarks) {
  EXPECT_TRUE(is_client_label("u1"));
  EXPECT_TRUE(is_client_label("shop:u-1_a.b"));
  EXPECT_TRUE(is_client_label(std::string(64, 'a')));
  EXPECT_FALSE(is_client_label(""));
  EXPECT_FALSE(is_client_label(std::string(65, 'a')));
  EXPECT_FALSE(is_client_label("ada@example.com"));
  EXPECT_FALSE(is_client_label("a b"));
  EXPECT_FALSE(is_client_label("a#b"));
  EXPECT_FALSE(is_client_label("\xc5\x81ukasz"));
}

TEST(PlaceOrder, AGuestIsKnownByTheirCartButNotByItsToken) {
  World world;
  const Caller guest = world.guest("secret-cart-token");
  PlaceOrder command = world.order_of({{"1", 1}});
  command.client_id.reset();
  const OrderView order = World::view(world.run(place_order(world.app, guest, command, {})));
  EXPECT_EQ(order.client_id, guest.client_id);
  EXPECT_TRUE(world.places_of("secret-cart-token").empty());
  EXPECT_EQ(world.run(get_order(world.app, guest, order.id.text)).id, order.id);
  EXPECT_EQ(world.error_of(get_order(world.app, world.guest("another"), order.id.text)).code(), ErrorCode::kNotFound);
}

TEST(PlaceOrder, OfTwoBuyersOfTheLastPieceOneGetsIt) {
  World world;
  world.place_order({{"limited", 9}});
  auto first = world.start(place_order(world.app, world.owner(), world.order_of({{"limited", 1}}), {}));
  auto second = world.start(place_order(world.app, world.owner(), world.order_of({{"limited", 1}}), {}));
  world.advance(Duration{0});
  ASSERT_TRUE(first.done() && second.done());
  EXPECT_EQ(first.get().status, 200);
  try {
    second.get();
    FAIL() << "the last piece was sold twice";
  } catch (const Error& error) {
    EXPECT_EQ(error.slug(), "out-of-stock");
  }
}

TEST(PlaceOrder, AThousandBuyersOfTenPiecesBuyExactlyTen) {
  World world;
  std::vector<fakes::Started<Answer>> buyers;
  for (int i = 0; i < 1000; ++i) {
    buyers.push_back(world.start(place_order(world.app, world.owner(), world.order_of({{"limited", 1}}), {})));
  }
  world.advance(Duration{0});
  int bought = 0;
  int refused = 0;
  for (auto& buyer : buyers) {
    ASSERT_TRUE(buyer.done());
    try {
      buyer.get();
      ++bought;
    } catch (const Error& error) {
      EXPECT_EQ(error.slug(), "out-of-stock");
      ++refused;
    }
  }
  EXPECT_EQ(bought, 10);
  EXPECT_EQ(refused, 990);
  world.run_until_idle();
  EXPECT_EQ(world.stock("limited"), (domain::StockCounters{0, 0}));
}

TEST(Checkout, EmptiesTheCartInTheCommitThatPlacesTheOrder) {
  World world;
  const Caller guest = world.guest("cart-7");
  world.run(add_to_cart(world.app, guest, {"1", 2}, {}));
  world.run(add_to_cart(world.app, guest, {"3", 1}, {}));
  const std::size_t commits = world.store.commits();
  const Answer answer = world.run(checkout(world.app, guest, {}, {}));
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(world.store.commits(), commits + 1);
  EXPECT_EQ(World::view(answer).subtotal, 19550);
  EXPECT_TRUE(world.run(get_cart(world.app, guest)).items.empty());
}

TEST(Checkout, AnEmptyCartIsRefused) {
  World world;
  EXPECT_EQ(world.error_of(checkout(world.app, world.guest("empty"), {}, {})).slug(), "cart-empty");
}

TEST(Checkout, ItemsOfItsOwnLeaveTheCartAlone) {
  World world;
  const Caller guest = world.guest("cart-8");
  world.run(add_to_cart(world.app, guest, {"1", 2}, {}));
  Checkout command;
  command.items = World::Lines{{"2", 1}};
  command.total = json::Decimal{"34.99"};
  EXPECT_EQ(World::view(world.run(checkout(world.app, guest, command, {}))).total, 3499);
  EXPECT_EQ(world.run(get_cart(world.app, guest)).items.size(), 1u);
}

TEST(Checkout, OfTwoCheckoutsOfOneCartOneBuysIt) {
  World world;
  const Caller guest = world.guest("cart-9");
  world.run(add_to_cart(world.app, guest, {"limited", 1}, {}));
  auto first = world.start(checkout(world.app, guest, {}, {}));
  auto second = world.start(checkout(world.app, guest, {}, {}));
  world.advance(std::chrono::seconds(1));
  ASSERT_TRUE(first.done() && second.done());
  EXPECT_EQ(first.get().status, 202);
  try {
    second.get();
    FAIL() << "one cart was bought twice";
  } catch (const Error& error) {
    EXPECT_EQ(error.slug(), "cart-empty");
  }
  world.run_until_idle();
  EXPECT_EQ(world.stock("limited").available, 9);
}

TEST(Checkout, ACartThatCannotBeBoughtStaysFull) {
  World world;
  const Caller guest = world.guest("cart-10");
  world.run(add_to_cart(world.app, guest, {"limited", 11}, {}));
  EXPECT_EQ(world.error_of(checkout(world.app, guest, {}, {})).slug(), "out-of-stock");
  EXPECT_EQ(world.run(get_cart(world.app, guest)).items.size(), 1u);
}

}  // namespace
}  // namespace orderly::app
