#include "app/catalog.h"

#include <gtest/gtest.h>

#include "tests/fakes/world.h"

namespace orderly::app {
namespace {

using fakes::World;

PutProduct a_kettle() {
  return {"kettle", "KT-1", "Copper Kettle", "Boils.", "kitchen", 4200, Currency::of("USD"), "", 5};
}

Task<void> put(World& world, PutProduct product) { co_await put_product(world.app, world.owner(), std::move(product)); }

TEST(Catalog, ListsAllProductsById) {
  World world;
  std::vector<std::string> ids;
  PageOf page{2, ""};
  do {
    const auto list = world.run(list_products(world.app, page));
    for (const ProductView& product : list.data) ids.push_back(product.id);
    page.cursor = list.next_cursor.value_or("");
  } while (!page.cursor.empty());
  EXPECT_EQ(ids, (std::vector<std::string>{"1", "2", "3", "limited", "mug-a", "mug-b", "yen"}));
}

TEST(Catalog, ListsACategoryAndNothingForAnUnknownOne) {
  World world;
  EXPECT_EQ(world.run(list_category(world.app, "kitchen", {})).data.size(), 2u);
  EXPECT_TRUE(world.run(list_category(world.app, "no-such", {})).data.empty());
}

TEST(Catalog, AProductShowsWhatIsAvailable) {
  World world;
  world.place_order({{"limited", 3}});
  EXPECT_EQ(world.run(get_product(world.app, "limited")).available, 7);
  EXPECT_EQ(world.error_of(get_product(world.app, "nope")).code(), ErrorCode::kNotFound);
  EXPECT_EQ(world.error_of(get_product(world.app, "../1")).code(), ErrorCode::kNotFound);
}

TEST(PutProduct, AgainWritesNothing) {
  World world;
  world.run(put(world, a_kettle()));
  const std::size_t commits = world.store.commits();
  world.run(put(world, a_kettle()));
  EXPECT_EQ(world.store.commits(), commits);
  EXPECT_EQ(world.run(get_product(world.app, "kettle")).version, 1);
}

TEST(PutProduct, AnotherPriceIsAnotherVersionAndStockFollows) {
  World world;
  world.run(put(world, a_kettle()));
  world.place_order({{"kettle", 2}});
  PutProduct dearer = a_kettle();
  dearer.price = 4300;
  dearer.stock = 10;
  world.run(put(world, dearer));
  const ProductView product = world.run(get_product(world.app, "kettle"));
  EXPECT_EQ(product.version, 2);
  EXPECT_EQ(product.price, 4300);
  EXPECT_EQ(world.stock("kettle"), (domain::StockCounters{10, 2}));
}

TEST(PutProduct, ASkuBelongsToOneProduct) {
  World world;
  world.run(put(world, a_kettle()));
  PutProduct other = a_kettle();
  other.id = "kettle-2";
  other.sku = "kt-1";  // the same but for its case
  EXPECT_EQ(world.error_of(put(world, other)).slug(), "sku-taken");
  EXPECT_EQ(world.error_of(get_product(world.app, "kettle-2")).code(), ErrorCode::kNotFound);
}

TEST(PutProduct, ARenamedProductIsFoundByItsNewNameOnly) {
  World world;
  world.run(put(world, a_kettle()));
  PutProduct renamed = a_kettle();
  renamed.name = "Steel Kettle";
  renamed.sku = "KT-2";
  world.run(put(world, renamed));
  EXPECT_EQ(world.run(find_product(world.app, "steel kettle", "/item")), "kettle");
  EXPECT_EQ(world.run(find_product(world.app, "KT-2", "/item")), "kettle");
  EXPECT_EQ(world.error_of(find_product(world.app, "Copper Kettle", "/item")).code(), ErrorCode::kInvalidRequest);
  EXPECT_EQ(world.error_of(find_product(world.app, "KT-1", "/item")).code(), ErrorCode::kInvalidRequest);
  PutProduct freed = a_kettle();
  freed.id = "kettle-2";
  world.run(put(world, freed));
  EXPECT_EQ(world.run(find_product(world.app, "KT-1", "/item")), "kettle-2");
}

TEST(PutProduct, ARespelledNameOrSkuIsNoFailure) {
  World world;
  world.run(put(world, a_kettle()));
  PutProduct respelled = a_kettle();
  respelled.name = "copper  KETTLE";
  respelled.sku = "kt-1";
  world.run(put(world, respelled));
  EXPECT_EQ(world.run(get_product(world.app, "kettle")).sku, "kt-1");
  EXPECT_EQ(world.run(find_product(world.app, "Copper Kettle", "/item")), "kettle");
}

TEST(PutProduct, IdsAndCategoriesHaveTheirForm) {
  World world;
  PutProduct bad = a_kettle();
  bad.id = "a b";
  bad.category = "Kitchen";
  const Error error = world.error_of(put(world, bad));
  EXPECT_EQ(error.problems().size(), 2u);
}

TEST(PutProduct, TwoAtOnceWithOneSkuLeaveItToOne) {
  World world;
  PutProduct other = a_kettle();
  other.id = "kettle-2";
  auto first = world.start(put(world, a_kettle()));
  auto second = world.start(put(world, other));
  world.advance(std::chrono::seconds(1));
  ASSERT_TRUE(first.done() && second.done());
  EXPECT_NO_THROW(first.get());
  try {
    second.get();
    FAIL() << "two products have one SKU";
  } catch (const Error& error) {
    EXPECT_EQ(error.slug(), "sku-taken");
  }
}

}  // namespace
}  // namespace orderly::app
