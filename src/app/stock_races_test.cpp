// Stock in buckets with many at once: nothing is sold twice, and nobody is told "out of stock" while there is enough.
#include <gtest/gtest.h>

#include "app/draft.h"
#include "app/keys.h"
#include "app/stock_samples.h"
#include "base/limits.h"

namespace orderly::app {
namespace {

using domain::StockCounters;
using fakes::Started;
using fakes::World;
using samples::available;
using samples::change_items;
using samples::expect_sound;
using samples::place;
using samples::put;

struct Sales {
  int bought = 0;
  int refused = 0;  // out of stock
  int contended = 0;
};

Sales sell(World& world, const std::vector<World::Lines>& wanted) {
  std::vector<Started<Answer>> buyers;
  for (const World::Lines& lines : wanted) buyers.push_back(world.start(place(world, lines)));
  world.advance(std::chrono::minutes(1));
  Sales sales;
  for (Started<Answer>& buyer : buyers) {
    EXPECT_TRUE(buyer.done());
    try {
      buyer.get();
      ++sales.bought;
    } catch (const Error& error) {
      error.slug() == "out-of-stock" ? ++sales.refused : ++sales.contended;
      EXPECT_TRUE(error.slug() == "out-of-stock" || error.code() == ErrorCode::kContention) << error.what();
    }
  }
  return sales;
}

TEST(Buckets, AThousandBuyersOfTenPiecesInEightBucketsBuyExactlyTen) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    World world({seed});
    world.store.tear_reads();
    world.put_hot_product("hot", 10, 8);
    const Sales sales = sell(world, std::vector<World::Lines>(1000, {{"hot", 1}}));
    EXPECT_EQ(sales.bought, 10) << seed;
    EXPECT_EQ(sales.refused, 990) << seed;
    EXPECT_EQ(world.stock("hot"), (StockCounters{0, 10}));
    expect_sound(world);
  }
}

TEST(Buckets, BuyersWhoNeedASplitGetAllThatThereIsWhenTheyTryAgain) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    World world({seed});
    world.store.tear_reads();
    world.put_hot_product("hot", 16, 8);  // two in each
    int bought = 0;
    Sales sales;
    do {
      sales = sell(world, std::vector<World::Lines>(100, {{"hot", 3}}));
      bought += sales.bought;
    } while (sales.contended > 0);
    EXPECT_EQ(bought, 5) << seed;
    EXPECT_EQ(world.stock("hot"), (StockCounters{1, 15}));
    expect_sound(world);
  }
}

TEST(Buckets, WhoeverLosesEveryRaceIsToldSoAndNotThatThereIsNothing) {
  World world;
  world.put_hot_product("hot", 1, 2);
  int races = 0;
  // Each time that a buyer reaches for the piece, it has just been put into the other bucket.
  world.store.before_commit([&](const ports::Commit& commit) -> Task<void> {
    for (const ports::Write& write : commit.writes) {
      const auto* count = std::get_if<ports::Count>(&write);
      if (count == nullptr) continue;
      const std::int64_t from = keys::stock_place_of(count->key.partition)->bucket;
      Draft draft(world.app, world.owner());
      draft.receive_stock({"hot", -1, from});
      draft.receive_stock({"hot", 1, 1 - from});
      co_await draft.commit();
      ++races;
    }
  });
  EXPECT_EQ(world.error_of(place(world, {{"hot", 1}})).code(), ErrorCode::kContention);
  EXPECT_EQ(races, limits::kRerunsMax + 1);
  world.store.before_commit(nullptr);
  world.place_unpaid({{"hot", 1}});
  expect_sound(world);
}

// Calls `round` with a world in which `other`, as a whole, happens before the first record that is read by what
// follows, then before the second, and so on; until it would have to happen after the last.
void at_every_read(const std::function<void(World&, const std::function<void(std::function<Task<void>()>)>&)>& round,
                   std::uint64_t seed = 1) {
  bool happened = true;
  for (int nth = 1; happened; ++nth) {
    SCOPED_TRACE("before read " + std::to_string(nth));
    happened = false;
    World world({seed});
    int reads = 0;
    std::function<Task<void>()> other;
    round(world, [&](std::function<Task<void>()> then) {
      other = std::move(then);
      world.store.before_read([&]() -> Task<void> {
        if (++reads != nth) co_return;
        happened = true;
        co_await other();
      });
    });
    world.store.before_read(nullptr);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(Buckets, APieceThatComesBackWhileAnotherGoesIsNotOverlooked) {
  const auto round = [](World& world, const auto& meanwhile) {
    world.put_hot_product("hot", 2, 2);
    const OrderId held = world.place_unpaid({{"hot", 1}});
    // At any moment there is a piece: the one that comes back is in its bucket before that in the other is taken.
    meanwhile([&world, held]() -> Task<void> {
      co_await cancel_order(world.app, world.owner(), held.text, {}, {});
      co_await place(world, {{"hot", 1}});
    });
    world.run(place(world, {{"hot", 1}}));
    EXPECT_EQ(world.stock("hot"), (StockCounters{0, 2}));
  };
  for (std::uint64_t seed = 1; seed <= 16; ++seed) at_every_read(round, seed);  // other buckets are drawn
}

TEST(Buckets, NewOnesDoNotHidePiecesFromThoseWhoAreBuying) {
  for (const std::int64_t before : {1, 2}) {
    at_every_read([&](World& world, const auto& meanwhile) {
      world.put_hot_product("hot", 8, before);
      meanwhile([&world]() -> Task<void> { co_await put(world, "hot", std::nullopt, 8); });
      world.run(place(world, {{"hot", 8}}));
      EXPECT_EQ(world.stock("hot"), (StockCounters{0, 8}));
      expect_sound(world);
    });
  }
}

TEST(Buckets, NewOnesDoNotHidePiecesFromAnAmendmentOrAtTheCommit) {
  World world;
  world.put_hot_product("hot", 8, 1);
  world.put_hot_product("warm", 8, 1);
  const OrderId id = world.place_unpaid({{"1", 1}});
  std::optional<std::string> next = "hot";
  world.store.before_commit([&](const ports::Commit&) -> Task<void> {
    const auto product_id = std::exchange(next, std::nullopt);
    if (product_id) co_await put(world, *product_id, std::nullopt, 8);
  });
  world.run(change_items(world, id, {{"hot", 7}}));
  EXPECT_EQ(world.stock("hot"), (StockCounters{1, 7}));
  next = "warm";
  world.run(place(world, {{"warm", 8}}));
  EXPECT_EQ(world.stock("warm"), (StockCounters{0, 8}));
  world.store.before_commit(nullptr);
  expect_sound(world);
}

TEST(Buckets, NewOnesAreNotCountedTwiceByWhoeverSetsTheStock) {
  for (const std::int64_t before : {1, 2}) {
    at_every_read([&](World& world, const auto& meanwhile) {
      world.put_hot_product("hot", 8, before);
      meanwhile([&world]() -> Task<void> { co_await put(world, "hot", std::nullopt, 8); });
      world.run(put(world, "hot", 8, std::nullopt));
      EXPECT_EQ(world.stock("hot"), (StockCounters{8, 0}));
    });
  }
}

TEST(Buckets, PiecesThatAreSoldWhileNewOnesAreMadeAreNotMoved) {
  World world;
  world.put_hot_product("hot", 8, 1);
  bool is_first = true;
  world.store.before_commit([&](const ports::Commit&) -> Task<void> {
    if (std::exchange(is_first, false)) co_await place(world, {{"hot", 3}});
  });
  world.put_hot_product("hot", std::nullopt, 4);
  world.store.before_commit(nullptr);
  EXPECT_EQ(available(world, "hot", 4), (std::vector<std::int64_t>{2, 1, 1, 1}));
  EXPECT_EQ(world.bucket("hot", 0).reserved, 3);
  expect_sound(world);
}

TEST(Buckets, AWriteOffThatRacesWithABuyerTakesWhatIsLeft) {
  World world;
  world.put_hot_product("hot", 8, 4);
  bool is_first = true;
  world.store.before_commit([&](const ports::Commit&) -> Task<void> {
    if (std::exchange(is_first, false)) co_await place(world, {{"hot", 2}});
  });
  world.put_hot_product("hot", 0, std::nullopt);
  world.store.before_commit(nullptr);
  EXPECT_EQ(world.stock("hot"), (StockCounters{0, 2}));
  expect_sound(world);
}

}  // namespace
}  // namespace orderly::app
