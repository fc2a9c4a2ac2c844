#include "domain/pricing.h"

#include <gtest/gtest.h>

#include <random>

#include "base/error.h"
#include "base/limits.h"
#include "domain/order_samples.h"

namespace orderly::domain {
namespace {

OrderLine line(std::int64_t quantity, std::int64_t unit_price) { return {"1", "", "", quantity, unit_price, 0}; }

std::string rules_of(const Price& price) {
  std::string rules;
  for (const PriceComponent& component : price.components) {
    rules += (rules.empty() ? "" : ", ") + component.rule + " " + std::to_string(component.amount);
  }
  return rules;
}

TEST(Price, ExplainsItself) {
  struct Case {
    std::vector<OrderLine> lines;
    PricingRules rules;
    std::string expected;
    std::int64_t total;
  };
  const std::vector<Case> cases = {
      {{line(2, 9500)}, {}, "items 19000", 19000},
      {{line(2, 9500)}, {999, 0, Rounding::kPerLine}, "items 19000, shipping.flat 999", 19999},
      {{line(2, 9500)}, {0, 1900, Rounding::kPerLine}, "items 19000, tax.19% 3610", 22610},
      {{line(1, 100)}, {100, 750, Rounding::kPerOrder}, "items 100, shipping.flat 100, tax.7.5% 15", 215},
      {{line(1, 0)}, {0, 1900, Rounding::kPerLine}, "items 0", 0},
      {{}, {999, 1900, Rounding::kPerLine}, "items 0", 0},
  };
  for (const Case& each : cases) {
    const Price price = domain::price(each.lines, each.rules);
    EXPECT_EQ(rules_of(price), each.expected);
    EXPECT_EQ(price.total, each.total);
  }
}

TEST(Price, RoundsTaxHalfToEvenByLineOrByOrder) {
  // 10 % of 5 is a half, which goes to the even 0 on each line, but 10 % of 15 goes to the even 2 on the whole.
  const std::vector<OrderLine> lines = {line(1, 5), line(1, 5), line(1, 5)};
  EXPECT_EQ(price(lines, {0, 1000, Rounding::kPerLine}).tax, 0);
  EXPECT_EQ(price(lines, {0, 1000, Rounding::kPerOrder}).tax, 2);
  // Shipping is a line of its own: 0.5 → 0 and 1.5 → 2; together 2.
  EXPECT_EQ(price({line(1, 5)}, {15, 1000, Rounding::kPerLine}).tax, 2);
  EXPECT_EQ(price({line(1, 5)}, {15, 1000, Rounding::kPerOrder}).tax, 2);
  EXPECT_EQ(price({line(1, 15)}, {15, 1000, Rounding::kPerLine}).tax, 4);
  EXPECT_EQ(price({line(1, 15)}, {15, 1000, Rounding::kPerOrder}).tax, 3);
}

TEST(Price, RefusesSumsOutOfRange) {
  const std::int64_t most = limits::kAmountMinorMax;
  const auto slug = [](const std::vector<OrderLine>& lines, const PricingRules& rules) {
    try {
      price(lines, rules);
      return std::string("nothing");
    } catch (const Error& error) {
      return error.slug();
    }
  };
  EXPECT_EQ(slug({line(1, most)}, {}), "nothing");
  EXPECT_EQ(slug({line(1, most)}, {0, 1, Rounding::kPerLine}), "amount-out-of-range");
  EXPECT_EQ(slug({line(1, most)}, {1, 0, Rounding::kPerLine}), "amount-out-of-range");
  EXPECT_EQ(slug({line(1, most), line(1, 1)}, {}), "amount-out-of-range");
  EXPECT_EQ(slug({line(2, most)}, {}), "amount-out-of-range");
  EXPECT_EQ(slug({line(limits::kQuantityMax, std::numeric_limits<std::int64_t>::max())}, {}), "amount-out-of-range");
  EXPECT_EQ(slug({line(1, 1)}, {most + 1, 0, Rounding::kPerLine}), "amount-out-of-range");
}

TEST(FormatPercent, IsShort) {
  EXPECT_EQ(format_percent(0), "0%");
  EXPECT_EQ(format_percent(5), "0.05%");
  EXPECT_EQ(format_percent(50), "0.5%");
  EXPECT_EQ(format_percent(1900), "19%");
  EXPECT_EQ(format_percent(1925), "19.25%");
  EXPECT_EQ(format_percent(2105), "21.05%");
  EXPECT_EQ(format_percent(10000), "100%");
}

// --- An independent calculation -------------------------------------------------------------------------------------

using Wide = __int128;

// The whole number nearest to amount × basis_points / 10000; of two, the even one.
Wide nearest_even(Wide amount, Wide basis_points) {
  const Wide exact = amount * basis_points;
  Wide best = exact / 10000;
  for (const Wide other : {best - 1, best + 1}) {
    const Wide distance_other = other * 10000 > exact ? other * 10000 - exact : exact - other * 10000;
    const Wide distance_best = best * 10000 > exact ? best * 10000 - exact : exact - best * 10000;
    if (distance_other < distance_best || (distance_other == distance_best && other % 2 == 0)) best = other;
  }
  return best;
}

struct WidePrice {
  Wide subtotal = 0;
  Wide tax = 0;
  Wide total = 0;
};

WidePrice wide_price(const Placement& wanted) {
  WidePrice price;
  const PricingRules& rules = wanted.pricing;
  for (const OrderLine& each : wanted.items) {
    const Wide amount = static_cast<Wide>(each.quantity) * each.unit_price;
    price.subtotal += amount;
    if (rules.rounding == Rounding::kPerLine) price.tax += nearest_even(amount, rules.tax_basis_points);
  }
  const Wide taxed_last = rules.rounding == Rounding::kPerLine ? 0 : price.subtotal;
  price.tax += nearest_even(taxed_last + rules.shipping_minor, rules.tax_basis_points);
  price.total = price.subtotal + rules.shipping_minor + price.tax;
  return price;
}

std::int64_t draw(std::mt19937& random, std::int64_t low, std::int64_t high) {
  return std::uniform_int_distribution<std::int64_t>(low, high)(random);
}

// Small amounts, where rounding shows, and large ones, where sums might overflow.
Placement random_placement(std::mt19937& random, Currency currency) {
  Placement wanted = samples::placement();
  wanted.currency = currency;
  wanted.items.clear();
  const bool is_large = draw(random, 0, 9) == 0;
  for (std::int64_t n = draw(random, 1, 5); n > 0; --n) {
    wanted.items.push_back(
        line(draw(random, 1, is_large ? limits::kQuantityMax : 20), draw(random, 0, is_large ? 90'000'000 : 20'000)));
  }
  wanted.pricing = {draw(random, 0, 1500), draw(random, 0, 3000),
                    draw(random, 0, 1) == 0 ? Rounding::kPerLine : Rounding::kPerOrder};
  return wanted;
}

void expect_order_adds_up(const Order& order, const Placement& wanted) {
  const WidePrice expected = wide_price(wanted);
  Wide lines = 0;
  for (const OrderLine& each : order.items) lines += each.amount;
  Wide components = 0;
  for (const PriceComponent& component : order.price) components += component.amount;
  ASSERT_TRUE(order.subtotal == expected.subtotal && lines == expected.subtotal);
  ASSERT_TRUE(order.tax == expected.tax);
  ASSERT_TRUE(order.total == expected.total && components == expected.total);
  ASSERT_EQ(parse_major_units(format_major_units(order.total, order.currency), order.currency), order.total);
}

TEST(Price, Of100000RandomOrdersInThreeCurrenciesAddsUp) {
  std::mt19937 random(20261120);
  const std::vector<Currency> currencies = {Currency::of("JPY"), Currency::of("USD"), Currency::of("KWD")};
  for (std::size_t n = 0; n < 100'000; ++n) {
    const Placement wanted = random_placement(random, currencies[n % currencies.size()]);
    const Order order = place(wanted, samples::kPlacedAt).order;
    ASSERT_NO_FATAL_FAILURE(expect_order_adds_up(order, wanted)) << "order " << n;
  }
}

}  // namespace
}  // namespace orderly::domain
