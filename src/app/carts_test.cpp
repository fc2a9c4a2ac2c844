#include "app/carts.h"

#include <gtest/gtest.h>

#include "app/keys.h"
#include "base/limits.h"
#include "tests/fakes/world.h"

namespace orderly::app {
namespace {

using fakes::CommitFault;
using fakes::World;

CartView view_of_cart(const Answer& answer) { return json::read_stored<CartView>(answer.body); }

TEST(Carts, AddingAddsToWhatIsThereAndPricesIt) {
  World world;
  const Caller guest = world.guest("cart-1");
  world.run(add_to_cart(world.app, guest, {"1", 1}, {}));
  world.run(add_to_cart(world.app, guest, {"2", 1}, {}));
  const CartView cart = view_of_cart(world.run(add_to_cart(world.app, guest, {"1", 1}, {})));
  ASSERT_EQ(cart.items.size(), 2u);
  EXPECT_EQ(cart.items[0].product_id, "1");
  EXPECT_EQ(cart.items[0].quantity, 2);
  EXPECT_EQ(cart.items[0].amount, 19000);
  EXPECT_EQ(cart.subtotal, 21500);
  EXPECT_EQ(cart.shipping, 999);
  EXPECT_EQ(cart.total, 22499);
  EXPECT_EQ(cart.version, 3);
  EXPECT_EQ(json::write(world.run(get_cart(world.app, guest))), json::write(cart));
}

TEST(Carts, AnEmptyCartCostsNothingNotEvenShipping) {
  World world;
  const CartView cart = world.run(get_cart(world.app, world.guest("never-seen")));
  EXPECT_TRUE(cart.items.empty());
  EXPECT_EQ(cart.total, 0);
  EXPECT_EQ(cart.version, 0);
}

TEST(Carts, SettingReplacesAndZeroTakesOut) {
  World world;
  const Caller guest = world.guest("cart-2");
  world.run(add_to_cart(world.app, guest, {"1", 5}, {}));
  EXPECT_EQ(view_of_cart(world.run(set_cart(world.app, guest, {"1", 2}, {}))).items.at(0).quantity, 2);
  EXPECT_TRUE(view_of_cart(world.run(set_cart(world.app, guest, {"1", 0}, {}))).items.empty());
}

TEST(Carts, RemovingTakesOneProductOrAll) {
  World world;
  const Caller guest = world.guest("cart-3");
  for (const std::string id : {"1", "2", "3"}) world.run(add_to_cart(world.app, guest, {id, 1}, {}));
  EXPECT_EQ(view_of_cart(world.run(remove_from_cart(world.app, guest, {"2"}, {}))).items.size(), 2u);
  EXPECT_EQ(view_of_cart(world.run(remove_from_cart(world.app, guest, {"not-there"}, {}))).items.size(), 2u);
  EXPECT_TRUE(view_of_cart(world.run(remove_from_cart(world.app, guest, {}, {}))).items.empty());
  world.run(add_to_cart(world.app, guest, {"1", 1}, {}));
  EXPECT_EQ(world.run(get_cart(world.app, guest)).items.size(), 1u);
}

TEST(Carts, AnUnknownProductIsReported) {
  World world;
  const Error error = world.error_of(add_to_cart(world.app, world.guest("cart-4"), {"nope", 1}, {}));
  EXPECT_EQ(error.code(), ErrorCode::kInvalidRequest);
  EXPECT_EQ(error.problems().at(0).pointer, "/product_id");
}

TEST(Carts, AreKeptSomeWeeksAfterTheLastTouch) {
  fakes::WorldSettings settings;
  settings.sweep_interval = std::chrono::hours(24);
  World world(settings);
  const Caller guest = world.guest("cart-5");
  const auto nearly = limits::kCartKept - std::chrono::hours(1);
  world.run(add_to_cart(world.app, guest, {"1", 1}, {}));
  world.clock.set(world.clock.now() + nearly);
  EXPECT_EQ(world.run(get_cart(world.app, guest)).items.size(), 1u);
  world.run(add_to_cart(world.app, guest, {"2", 1}, {}));
  world.clock.set(world.clock.now() + nearly);
  EXPECT_EQ(world.run(get_cart(world.app, guest)).items.size(), 2u);
  world.clock.set(world.clock.now() + std::chrono::hours(1));
  EXPECT_TRUE(world.run(get_cart(world.app, guest)).items.empty());
  EXPECT_EQ(view_of_cart(world.run(add_to_cart(world.app, guest, {"1", 3}, {}))).items.at(0).quantity, 3);
}

TEST(Carts, ChangesAtTheSameTimeAreAllKept) {
  World world;
  const Caller guest = world.guest("cart-6");
  std::vector<fakes::Started<Answer>> changes;
  for (const std::string id : {"1", "2", "3"}) {
    changes.push_back(world.start(add_to_cart(world.app, guest, {id, 1}, {})));
  }
  world.advance(std::chrono::seconds(1));
  for (auto& change : changes) EXPECT_EQ(change.get().status, 200);
  const CartView cart = world.run(get_cart(world.app, guest));
  EXPECT_EQ(cart.items.size(), 3u);
  EXPECT_EQ(cart.version, 3);
}

TEST(Carts, BelongToTheirTokenAlone) {
  World world;
  world.run(add_to_cart(world.app, world.guest("mine"), {"1", 1}, {}));
  EXPECT_TRUE(world.run(get_cart(world.app, world.guest("yours"))).items.empty());
}

TEST(Carts, TheSameRequestAgainAddsOnce) {
  World world;
  const Caller guest = world.guest("cart-7");
  const RepeatKey key = world.key("add-once");
  const Answer first = world.run(add_to_cart(world.app, guest, {"1", 1}, key));
  const auto kept = world.run(find_answer(world.app, key));
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->body, first.body);
  EXPECT_TRUE(kept->replayed);
}

TEST(Carts, AChangeWhoseOutcomeWasLostIsDoneOnce) {
  for (const CommitFault fault : {CommitFault::kLostBeforeDone, CommitFault::kLostAfterDone}) {
    World world;
    const Caller guest = world.guest("cart-8");
    world.run(add_to_cart(world.app, guest, {"1", 1}, {}));
    world.store.fail_commit(fault);
    const CartView cart = view_of_cart(world.run(add_to_cart(world.app, guest, {"1", 1}, {})));
    EXPECT_EQ(cart.items.at(0).quantity, 2);
    EXPECT_EQ(world.run(get_cart(world.app, guest)).items.at(0).quantity, 2);
  }
}

TEST(Carts, APriceIsTheCatalogsWhenItIsLookedAt) {
  World world;
  const Caller guest = world.guest("cart-9");
  world.run(add_to_cart(world.app, guest, {"1", 1}, {}));
  world.add_product("1", 9000, 1000);
  EXPECT_EQ(world.run(get_cart(world.app, guest)).subtotal, 9000);
}

}  // namespace
}  // namespace orderly::app
