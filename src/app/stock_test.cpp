// Stock in buckets: where orders take their pieces from, that these go back to where they came from, and that the check
// sees each bucket.
#include "app/stock.h"

#include <gtest/gtest.h>

#include <random>

#include "app/keys.h"
#include "app/stock_samples.h"
#include "base/limits.h"

namespace orderly::app {
namespace {

using domain::OrderStatus;
using domain::StockCounters;
using fakes::World;
using samples::available;
using samples::change_items;
using samples::expect_sound;
using samples::place;
using samples::put;

// --- Orders ---------------------------------------------------------------------------------------------------------

TEST(Buckets, AnOrderTakesFromOneAndGivesBackToIt) {
  World world;
  world.put_hot_product("hot", 40, 4);
  EXPECT_EQ(available(world, "hot", 4), (std::vector<std::int64_t>{10, 10, 10, 10}));
  std::set<std::int64_t> drawn;
  for (int i = 0; i < 12; ++i) {
    const OrderId id = world.place_unpaid({{"hot", 2}, {"1", 1}, {"hot", 1}});
    const auto stock = world.events(id).front().stock;
    ASSERT_EQ(stock.size(), 2u) << "one counter a product";
    const std::int64_t bucket = stock[1].bucket;
    drawn.insert(bucket);
    EXPECT_EQ(world.bucket("hot", bucket), (StockCounters{7, 3}));
    EXPECT_EQ(world.run(get_product(world.app, "hot")).available, 37);
    world.cancel(id);
    EXPECT_EQ(world.bucket("hot", bucket), (StockCounters{10, 0}));
  }
  EXPECT_EQ(drawn.size(), 4u) << "by lot, and this seed draws all of them";
  expect_sound(world);
}

TEST(Buckets, WhatIsPaidLeavesItsBucketAndComesBackToItWhenCancelled) {
  World world;
  world.put_hot_product("hot", 4, 2);
  const OrderId id = world.place_order({{"hot", 3}});  // more than one bucket has
  EXPECT_EQ(world.stock("hot"), (StockCounters{1, 3}));
  const auto taken = available(world, "hot", 2);
  world.run_until_idle();
  EXPECT_EQ(world.order(id).status, OrderStatus::kConfirmed);
  EXPECT_EQ(world.stock("hot"), (StockCounters{1, 0}));
  EXPECT_EQ(available(world, "hot", 2), taken);
  expect_sound(world);
  world.cancel(id);
  world.run_until_idle();
  EXPECT_EQ(available(world, "hot", 2), (std::vector<std::int64_t>{2, 2}));
  EXPECT_EQ(world.held(id), 0);
  expect_sound(world);
}

TEST(Buckets, WhatExpiresOrIsDeclinedAndCancelledComesBackToo) {
  fakes::WorldSettings settings;
  settings.shop.expire_after = std::chrono::minutes(10);
  World world(settings);
  world.put_hot_product("hot", 30, 3);
  world.place_unpaid({{"hot", 14}});
  world.place_order({{"hot", 4}}, "pm_card_visa_chargeDeclined");
  world.run_until_idle();
  EXPECT_EQ(world.stock("hot"), (StockCounters{12, 18}));
  world.advance(std::chrono::minutes(20));
  EXPECT_EQ(available(world, "hot", 3), (std::vector<std::int64_t>{10, 10, 10}));
  EXPECT_EQ(world.stock("hot").reserved, 0);
  expect_sound(world);
}

TEST(Buckets, ACancelDuringPaymentPutsBackWhatThePaymentTook) {
  World world;
  world.put_hot_product("hot", 6, 3);
  const OrderId id = world.place_order({{"hot", 5}}, "pm_sim_slow");
  world.advance(std::chrono::seconds(1));
  ASSERT_EQ(world.order(id).status, OrderStatus::kProcessing);
  world.cancel(id);
  world.run_until_idle();
  EXPECT_EQ(world.order(id).status, OrderStatus::kCancelled);
  EXPECT_EQ(available(world, "hot", 3), (std::vector<std::int64_t>{2, 2, 2}));
  expect_sound(world);
}

TEST(Buckets, ASplitIsMadeWhereNoBucketHasEnoughAndRefusedWhereAllTogetherHaveNot) {
  World world;
  world.put_hot_product("hot", 4, 2);
  EXPECT_EQ(world.error_of(place(world, {{"hot", 5}})).slug(), "out-of-stock");
  EXPECT_EQ(world.error_of(place(world, {{"hot", 3}, {"hot", 2}})).slug(), "out-of-stock");
  EXPECT_EQ(world.stock("hot"), (StockCounters{4, 0}));
  const OrderId id = world.place_unpaid({{"hot", 3}});
  EXPECT_EQ(world.events(id).front().stock.size(), 2u);
  EXPECT_EQ(world.error_of(place(world, {{"hot", 2}})).slug(), "out-of-stock");
  world.place_unpaid({{"hot", 1}});  // wherever it is
  EXPECT_EQ(world.stock("hot"), (StockCounters{0, 4}));
  expect_sound(world);
}

TEST(Buckets, AnotherPriceIsSaidBeforeAnEmptyShelf) {
  World world;
  world.put_hot_product("hot", 4, 2);
  PlaceOrder command = world.order_of({{"hot", 5}});
  command.total_price = 1;
  EXPECT_EQ(world.error_of(place_order(world.app, world.owner(), command, {})).slug(), "price-changed");
}

TEST(Buckets, AnAmendmentMovesOnlyTheDifference) {
  World world;
  world.put_hot_product("hot", 20, 2);
  const OrderId id = world.place_unpaid({{"hot", 12}});  // 10 and 2
  world.run(change_items(world, id, {{"hot", 15}}));
  EXPECT_EQ(world.stock("hot"), (StockCounters{5, 15}));
  EXPECT_EQ(world.events(id).back().stock.size(), 1u);
  EXPECT_EQ(world.error_of(change_items(world, id, {{"hot", 21}})).slug(), "out-of-stock");
  world.run(change_items(world, id, {{"hot", 20}}));
  EXPECT_EQ(available(world, "hot", 2), (std::vector<std::int64_t>{0, 0}));
  world.run(change_items(world, id, {{"hot", 1}, {"1", 1}}));
  EXPECT_EQ(world.stock("hot"), (StockCounters{19, 1}));
  world.run(change_items(world, id, {{"1", 2}}));
  EXPECT_EQ(available(world, "hot", 2), (std::vector<std::int64_t>{10, 10}));
  world.cancel(id);
  EXPECT_EQ(world.error_of(change_items(world, id, {{"hot", 99}})).slug(), "illegal-transition");
  expect_sound(world);
}

TEST(Buckets, MoreOfThemThanACommitCanCountAreRefusedAsTooManyProducts) {
  World world;
  World::Lines lines;
  for (int i = 0; i < 50; ++i) {
    world.put_hot_product("hot-" + std::to_string(i), 2, 2);
    lines.push_back({"hot-" + std::to_string(i), 2});
  }
  EXPECT_EQ(world.error_of(place(world, lines)).slug(), "too-many-products");
  for (LineRequest& line : lines) line.quantity = 1;
  world.run(place(world, lines));
  EXPECT_EQ(world.stock("hot-0"), (StockCounters{1, 1}));
}

TEST(Buckets, AProductOfOneBucketIsReadAndWrittenAsEver) {
  World world;
  const std::size_t before = world.store.reads().size();
  const OrderId id = world.place_order({{"1", 1}, {"2", 3}});
  const std::vector<ports::Key> reads(world.store.reads().begin() + static_cast<std::ptrdiff_t>(before),
                                      world.store.reads().end());
  EXPECT_EQ(reads,
            (std::vector<ports::Key>{keys::stock("1"), keys::stock("2"), keys::product("1"), keys::product("2")}));
  world.run_until_idle();
  world.cancel(id);
  world.run_until_idle();
  for (const std::string_view word : {"bucket", "shares", "~"}) {
    EXPECT_EQ(world.places_of(word), std::vector<std::string>{}) << word;
  }
}

// --- The catalog ----------------------------------------------------------------------------------------------------

TEST(PutProduct, SpreadsStockOverItsBuckets) {
  World world;
  world.put_hot_product("hot", 10, 4);
  EXPECT_EQ(available(world, "hot", 4), (std::vector<std::int64_t>{2, 2, 3, 3}));
  const std::size_t commits = world.store.commits();
  world.put_hot_product("hot", 10, 4);
  world.put_hot_product("hot", std::nullopt, std::nullopt);
  EXPECT_EQ(world.store.commits(), commits) << "again writes nothing";
  world.put_hot_product("hot", 5, std::nullopt);
  EXPECT_EQ(available(world, "hot", 4), (std::vector<std::int64_t>{1, 1, 2, 1}));
  world.place_unpaid({{"hot", 5}});
  world.put_hot_product("hot", 3, std::nullopt);
  EXPECT_EQ(world.stock("hot"), (StockCounters{3, 5}));
  const ProductView product = world.run(get_product(world.app, "hot"));
  EXPECT_EQ(product.available, 3);
  EXPECT_EQ(product.stock_buckets, 4);
  EXPECT_EQ(product.version, 1);
  EXPECT_EQ(world.run(get_product(world.app, "1")).stock_buckets, std::nullopt);
  std::int64_t sum = 0;
  for (const ProductView& each : world.run(list_products(world.app, {100, ""})).data) sum += each.available;
  EXPECT_EQ(sum, 6 * 1000 + 10 + 3);
  expect_sound(world);
}

TEST(PutProduct, MayGetMoreBucketsWhileItSells) {
  World world;
  world.put_hot_product("hot", 30, std::nullopt);
  const OrderId unpaid = world.place_unpaid({{"hot", 4}});
  const OrderId paid = world.place_paid_order({{"hot", 2}});
  world.put_hot_product("hot", std::nullopt, 3);
  EXPECT_EQ(available(world, "hot", 3), (std::vector<std::int64_t>{8, 8, 8}));
  EXPECT_EQ(world.bucket("hot", 0).reserved, 4) << "what was promised stays where it was";
  EXPECT_EQ(world.run(get_product(world.app, "hot")).version, 2);
  expect_sound(world);
  world.put_hot_product("hot", 50, 16);
  EXPECT_EQ(world.stock("hot"), (StockCounters{50, 4}));
  world.cancel(unpaid);
  world.cancel(paid);
  world.run_until_idle();
  EXPECT_EQ(world.stock("hot"), (StockCounters{56, 0}));
  EXPECT_EQ(world.bucket("hot", 0).available, 4 + 6);
  expect_sound(world);
}

TEST(PutProduct, BucketsOnlyBecomeMore) {
  World world;
  world.put_hot_product("hot", 30, 4);
  for (const std::int64_t fewer : {1, 3}) {
    const Error error = world.error_of(put(world, "hot", 30, fewer));
    EXPECT_EQ(error.code(), ErrorCode::kInvalidRequest);
    ASSERT_EQ(error.problems().size(), 1u);
    EXPECT_EQ(error.problems().front().pointer, "/stock_buckets");
    EXPECT_NE(error.problems().front().message.find('4'), std::string::npos) << "says how many there are";
  }
  EXPECT_EQ(world.run(get_product(world.app, "hot")).stock_buckets, 4);
}

TEST(PutProduct, BucketsAreAWholeNumberFromOneToSixteen) {
  const auto body = [](std::string_view buckets) {
    return R"({"id":"a","sku":"A","name":"A","category":"a","price":1,"stock_buckets":)" + std::string(buckets) + "}";
  };
  for (const std::string_view wrong : {"0", "17", "-1", "1.5", "\"x\"", "\"2\"", "[2]", "99999999999999999999"}) {
    try {
      json::read<PutProduct>(body(wrong));
      ADD_FAILURE() << wrong;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidRequest);
      EXPECT_EQ(error.problems().at(0).pointer, "/stock_buckets") << wrong;
    }
  }
  EXPECT_EQ(json::read<PutProduct>(body("1")).stock_buckets, 1);
  EXPECT_EQ(json::read<PutProduct>(body("16")).stock_buckets, 16);
  EXPECT_EQ(json::read<PutProduct>(body("null")).stock_buckets, std::nullopt);
}

// --- The check ------------------------------------------------------------------------------------------------------

TEST(Keys, OfBucketsReadBack) {
  EXPECT_EQ(keys::stock("a.b-1"), (ports::Key{"STOCK#a.b-1", "META"}));
  EXPECT_EQ(keys::stock("a.b-1", 15), (ports::Key{"STOCK#a.b-1~15", "META"}));
  for (const std::int64_t bucket : {0, 1, 9, 15}) {
    EXPECT_EQ(keys::stock_place_of(keys::stock("a", bucket).partition), (keys::StockPlace{"a", bucket}));
  }
  for (const std::string_view stray : {"STOCK#a~", "STOCK#a~0", "STOCK#a~01", "STOCK#a~1x", "STOCK#a~x", "SKU#a"}) {
    EXPECT_FALSE(keys::stock_place_of(stray)) << stray;
  }
}

TEST(Check, NamesTheBucketThatIsWrong) {
  World world;
  world.put_hot_product("hot", 4, 2);
  const OrderId id = world.place_unpaid({{"hot", 3}});
  const samples::Picture intact(*world.store.inspect());
  const ports::Key bucket = keys::stock("hot", 1);
  const std::string where = "STOCK#hot~1/META";
  struct Damage {
    std::string name;
    std::function<void(samples::Picture&)> apply;
    std::vector<samples::Expected> expected;
  };
  const auto edit = [&](auto change) {
    return [&, change](samples::Picture& picture) { picture.edit<StockCounters>(bucket, change); };
  };
  const std::vector<Damage> damages = {
      {"more available", edit([](StockCounters& c) { c.available += 1; }), {{5, "stock-available", where}}},
      {"more reserved",
       edit([](StockCounters& c) { c.reserved += 1; }),
       {{5, "stock-reserved", where}, {5, "stock-events", where}}},
      {"a piece in the other bucket",
       [&](samples::Picture& picture) {
         picture.edit<StockCounters>(bucket, [](StockCounters& c) { c.available += 1; });
         picture.edit<StockCounters>(keys::stock("hot"), [](StockCounters& c) { c.available -= 1; });
       },
       {{5, "stock-available", where}, {5, "stock-available", "STOCK#hot/META"}}},
      {"no counters", [&](samples::Picture& picture) { picture.remove(bucket); }, {{5, "stock-missing", where}}},
      {"a bucket that the product does not have",
       [&](samples::Picture& picture) {
         auto stray = picture.stored.at(bucket);
         stray.record.key = keys::stock("hot", 2);
         stray.record.document = R"({"available":1,"received":1})";
         picture.stored.emplace(stray.record.key, stray);
       },
       {{10, "stock-of-nothing", "STOCK#hot~2/META"}}},
      {"a bucket that nothing has",
       [&](samples::Picture& picture) {
         auto stray = picture.stored.at(bucket);
         stray.record.key.partition = "STOCK#hot~01";
         picture.stored.emplace(stray.record.key, stray);
       },
       {{10, "stock-of-nothing", "STOCK#hot~01/META"}}},
      {"an order that says another bucket",
       [&](samples::Picture& picture) {
         picture.edit<domain::Order>(keys::order(id), [](domain::Order& o) { o.shares = {{"hot", 3, 1}}; });
       },
       {{6, "order-differs", samples::place(keys::order(id))},
        {5, "stock-moves", samples::place(keys::order(id))},
        {5, "stock-reserved", where}}},
      {"an order with more in a bucket than on its lines",
       [&](samples::Picture& picture) {
         picture.edit<domain::Order>(keys::order(id), [](domain::Order& o) { o.shares = {{"hot", 4, 1}}; });
       },
       {{5, "contradiction", samples::place(keys::order(id))}}},
      {"an event that says another bucket",
       [&](samples::Picture& picture) {
         picture.edit_event(keys::event(id, 1), world.crypto, [](domain::OrderEvent& e) {
           for (domain::StockMove& move : e.stock) move.bucket = 1 - move.bucket;
         });
       },
       {{5, "stock-events", where}, {5, "stock-available", where}}},
  };
  samples::Picture whole = intact;
  EXPECT_TRUE(check(whole, world.crypto, world.clock.now()).is_clean());
  for (const Damage& damage : damages) {
    samples::Picture picture = intact;
    damage.apply(picture);
    const CheckReport report = check(picture, world.crypto, world.clock.now());
    for (const samples::Expected& expected : damage.expected) {
      EXPECT_TRUE(samples::has(report, expected))
          << damage.name << ": expected " << expected.slug << " " << expected.where << "\n"
          << samples::findings_of(report);
    }
  }
}

// --- Everything together --------------------------------------------------------------------------------------------

TEST(Buckets, AfterAnyCourseOfThingsTheBooksAreSound) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    fakes::WorldSettings settings;
    settings.seed = seed;
    settings.shop.expire_after = std::chrono::minutes(10);
    World world(settings);
    world.store.tear_reads();
    std::mt19937 chance(static_cast<std::uint32_t>(seed));
    const auto draw = [&](std::int64_t low, std::int64_t high) {
      return std::uniform_int_distribution<std::int64_t>(low, high)(chance);
    };
    const auto lines = [&] {
      World::Lines wanted{{"hot", draw(1, 9)}};
      if (draw(0, 2) == 0) wanted.push_back({"warm", draw(1, 3)});
      if (draw(0, 2) == 0) wanted.push_back({"1", 1});
      return wanted;
    };
    std::int64_t buckets = 4;
    world.put_hot_product("hot", 60, buckets);
    world.put_hot_product("warm", 40, std::nullopt);
    std::vector<OrderId> orders{world.place_unpaid({{"hot", 1}})};
    int refusals = 0;
    for (int step = 0; step < 200; ++step) {
      const OrderId& some = orders[static_cast<std::size_t>(draw(0, static_cast<std::int64_t>(orders.size()) - 1))];
      try {
        switch (draw(0, 12)) {
          case 0:
          case 1:
          case 2: orders.push_back(world.place_order(lines())); break;
          case 3: orders.push_back(world.place_order(lines(), "pm_card_visa_chargeDeclined")); break;
          case 4:
          case 5: orders.push_back(world.place_unpaid(lines())); break;
          case 6:
          case 7: world.run(change_items(world, some, lines())); break;
          case 8:
          case 9: world.cancel(some); break;
          case 10: world.pay(some); break;
          case 11: world.advance(std::chrono::seconds(draw(0, 200))); break;
          default:
            buckets = std::min(limits::kStockBucketsMax, buckets + draw(0, 3));
            world.put_hot_product("hot", draw(0, 60), draw(0, 1) == 0 ? std::optional(buckets) : std::nullopt);
        }
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kRefused) << error.what();
        ++refusals;
      }
    }
    EXPECT_GT(refusals, 10);
    world.run_until_idle();
    expect_sound(world);
    world.advance(std::chrono::hours(1));
    for (const OrderId& id : orders) {
      if (world.order(id).status == OrderStatus::kConfirmed) world.cancel(id);
    }
    world.run_until_idle();
    expect_sound(world);
    EXPECT_EQ(world.stock("hot").reserved, 0);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace orderly::app
