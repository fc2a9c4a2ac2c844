#include "domain/cart.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/limits.h"

namespace orderly::domain {
namespace {

using Lines = std::vector<CartLine>;

template <class Call>
std::string slug_thrown_by(Call call) {
  try {
    static_cast<void>(call());
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kRefused);
    return error.slug();
  }
  return "nothing";
}

Cart full_cart() {
  Cart cart;
  for (std::size_t n = 0; n < limits::kOrderLinesMax; ++n) cart = add(std::move(cart), std::to_string(n), 1);
  return cart;
}

TEST(Cart, AddsToWhatIsThereInTheOrderOfAdding) {
  Cart cart = add(add(add({}, "b", 1), "a", 2), "b", 3);
  EXPECT_EQ(cart.lines, (Lines{{"b", 4}, {"a", 2}}));
}

TEST(Cart, SetsAQuantityAndZeroRemovesTheLine) {
  const Cart cart = add(add({}, "a", 5), "b", 1);
  EXPECT_EQ(set(cart, "a", 2).lines, (Lines{{"a", 2}, {"b", 1}}));
  EXPECT_EQ(set(cart, "c", 3).lines, (Lines{{"a", 5}, {"b", 1}, {"c", 3}}));
  EXPECT_EQ(set(cart, "a", 0).lines, (Lines{{"b", 1}}));
  EXPECT_EQ(set(cart, "c", 0).lines, cart.lines);
}

TEST(Cart, RemovesALineThatMayNotBeThere) {
  const Cart cart = add(add({}, "a", 5), "b", 1);
  EXPECT_EQ(remove(cart, "a").lines, (Lines{{"b", 1}}));
  EXPECT_EQ(remove(cart, "c").lines, cart.lines);
  EXPECT_TRUE(remove({}, "a").lines.empty());
}

TEST(Cart, TakesAsManyProductsAsAnOrderMayHave) {
  const Cart cart = full_cart();
  EXPECT_EQ(slug_thrown_by([&] { return add(cart, "one-more", 1); }), "cart-full");
  EXPECT_EQ(slug_thrown_by([&] { return set(cart, "one-more", 1); }), "cart-full");
  EXPECT_EQ(slug_thrown_by([&] { return add(cart, "0", 1); }), "nothing");
  EXPECT_EQ(slug_thrown_by([&] { return set(cart, "one-more", 0); }), "nothing");
}

TEST(Cart, KeepsQuantitiesInRange) {
  const std::int64_t most = limits::kQuantityMax;
  const Cart cart = add({}, "a", most);
  EXPECT_EQ(slug_thrown_by([&] { return add(cart, "a", 1); }), "quantity-out-of-range");
  EXPECT_EQ(slug_thrown_by([&] { return add(cart, "b", most + 1); }), "quantity-out-of-range");
  EXPECT_EQ(slug_thrown_by([&] { return add(cart, "a", std::numeric_limits<std::int64_t>::max()); }),
            "quantity-out-of-range");
  EXPECT_EQ(slug_thrown_by([&] { return set(cart, "a", most + 1); }), "quantity-out-of-range");
  for (const std::int64_t quantity : {std::int64_t{0}, std::int64_t{-1}}) {
    EXPECT_EQ(slug_thrown_by([&] { return add(cart, "b", quantity); }), "quantity-out-of-range");
  }
  EXPECT_EQ(slug_thrown_by([&] { return set(cart, "a", -1); }), "quantity-out-of-range");
}

}  // namespace
}  // namespace orderly::domain
