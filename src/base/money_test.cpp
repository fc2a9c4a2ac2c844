#include "base/money.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <vector>

#include "base/error.h"

namespace orderly {
namespace {

const Currency kUsd = Currency::of("USD");
const Currency kJpy = Currency::of("JPY");
const Currency kKwd = Currency::of("KWD");

// What the error thrown by `call` is, or "nothing".
template <class Call>
std::string slug_thrown_by(Call call) {
  try {
    static_cast<void>(call());
  } catch (const Error& error) {
    return error.slug();
  }
  return "nothing";
}

TEST(Currency, KnowsTheMinorUnitsOfIso4217) {
  struct Case {
    std::string_view code;
    int exponent;
  };
  for (const auto& [code, exponent] :
       std::vector<Case>{{"USD", 2}, {"EUR", 2}, {"GBP", 2}, {"CHF", 2}, {"AED", 2}, {"ZWG", 2}, {"HUF", 2}, {"MGA", 2},
                         {"JPY", 0}, {"KRW", 0}, {"CLP", 0}, {"ISK", 0}, {"VND", 0}, {"XAF", 0}, {"BHD", 3}, {"IQD", 3},
                         {"JOD", 3}, {"KWD", 3}, {"LYD", 3}, {"OMR", 3}, {"TND", 3}, {"CLF", 4}, {"UYW", 4}}) {
    const auto currency = Currency::parse(code);
    ASSERT_TRUE(currency) << code;
    EXPECT_EQ(currency->exponent(), exponent) << code;
    EXPECT_EQ(currency->code(), code);
  }
}

TEST(Currency, IsAnActiveCodeOfThreeCapitalsOrNothing) {
  for (const std::string_view code : {"", "US", "USDX", "usd", "Usd", "US ", "XAU", "XAG", "XTS", "XXX", "XDR", "DEM",
                                      "HRK", "ABC", "\xff\xff\xff"}) {
    EXPECT_FALSE(Currency::parse(code)) << code;
  }
  EXPECT_EQ(slug_thrown_by([] { return Currency::of("XXX"); }), "unknown-currency");
}

TEST(Currency, FindsEveryCodeThatItLists) {
  std::set<std::string> found;
  std::string code = "AAA";
  for (code[0] = 'A'; code[0] <= 'Z'; ++code[0]) {
    for (code[1] = 'A'; code[1] <= 'Z'; ++code[1]) {
      for (code[2] = 'A'; code[2] <= 'Z'; ++code[2]) {
        if (Currency::parse(code)) found.insert(code);
      }
    }
  }
  EXPECT_EQ(found.size(), 165u);
}

TEST(Currency, NoneIsNoRealOne) {
  EXPECT_EQ(Currency(), Currency());
  EXPECT_NE(Currency(), kUsd);
  EXPECT_EQ(Currency().code(), "");
}

TEST(CheckedArithmetic, RefusesWhatDoesNotFitAtBothEnds) {
  EXPECT_EQ(checked_add(INT64_MAX - 1, 1), INT64_MAX);
  EXPECT_EQ(checked_subtract(INT64_MIN + 1, 1), INT64_MIN);
  EXPECT_EQ(checked_multiply(INT64_MAX / 2, 2), INT64_MAX - 1);
  EXPECT_EQ(checked_multiply(INT64_MIN, 1), INT64_MIN);
  for (const auto& slug : {slug_thrown_by([] { return checked_add(INT64_MAX, 1); }),
                           slug_thrown_by([] { return checked_add(INT64_MIN, -1); }),
                           slug_thrown_by([] { return checked_subtract(INT64_MIN, 1); }),
                           slug_thrown_by([] { return checked_subtract(0, INT64_MIN); }),
                           slug_thrown_by([] { return checked_multiply(INT64_MAX, 2); }),
                           slug_thrown_by([] { return checked_multiply(INT64_MIN, -1); })}) {
    EXPECT_EQ(slug, "amount-out-of-range");
  }
}

TEST(ScaleHalfEven, RoundsHalvesToTheEvenNeighbour) {
  struct Case {
    std::int64_t amount, numerator, denominator, expected;
  };
  for (const Case& c : std::vector<Case>{{1, 1, 2, 0},       {3, 1, 2, 2},       {5, 1, 2, 2},
                                         {7, 1, 2, 4},       {-1, 1, 2, 0},      {-3, 1, 2, -2},
                                         {-5, 1, 2, -2},     {-7, 1, 2, -4},     {1, -1, 2, 0},
                                         {-3, -1, 2, 2},     {1, 1, 3, 0},       {2, 1, 3, 1},
                                         {-1, 1, 3, 0},      {-2, 1, 3, -1},     {0, 7, 9, 0},
                                         {100, 19, 100, 19}, {250, 1, 100, 2},   {350, 1, 100, 4},
                                         {251, 1, 100, 3},   {-251, 1, 100, -3}, {9500, 8875, 100'000, 843},
                                         {10, 1, 1, 10}}) {
    EXPECT_EQ(scale_half_even(c.amount, c.numerator, c.denominator), c.expected)
        << c.amount << " * " << c.numerator << " / " << c.denominator;
  }
}

TEST(ScaleHalfEven, HasRoomForTheLargestProducts) {
  EXPECT_EQ(scale_half_even(INT64_MAX, INT64_MAX, INT64_MAX), INT64_MAX);
  EXPECT_EQ(scale_half_even(INT64_MIN, INT64_MAX, INT64_MAX), INT64_MIN);
  EXPECT_EQ(scale_half_even(INT64_MIN, 1, 2), INT64_MIN / 2);
  EXPECT_EQ(slug_thrown_by([] { return scale_half_even(INT64_MAX, 2, 1); }), "amount-out-of-range");
  EXPECT_EQ(slug_thrown_by([] { return scale_half_even(INT64_MIN, INT64_MIN, 1); }), "amount-out-of-range");
  EXPECT_EQ(slug_thrown_by([] { return scale_half_even(1, 1, 0); }), "bad-denominator");
  EXPECT_EQ(slug_thrown_by([] { return scale_half_even(1, 1, -1); }), "bad-denominator");
}

// Stated without division: the answer is a nearest integer, and an even one when two are equally near.
TEST(ScaleHalfEven, IsTheNearestIntegerInA128BitReference) {
  using Wide = __int128;
  std::mt19937_64 random(20261120);
  const auto draw = [&random] {  // all magnitudes alike
    const auto bits = static_cast<int>(random() % 62);
    const auto magnitude = static_cast<std::int64_t>(random() >> (63 - bits) >> 1);
    return random() % 2 == 0 ? magnitude : -magnitude;
  };
  int halves = 0;
  for (int i = 0; i < 40'000; ++i) {
    const std::int64_t amount = draw();
    const std::int64_t numerator = draw();
    const std::int64_t denominator = i % 2 == 0 ? 2 * (i % 500 + 1) : std::max<std::int64_t>(1, std::abs(draw()));
    std::int64_t result = 0;
    try {
      result = scale_half_even(amount, numerator, denominator);
    } catch (const Error&) {
      const Wide product = static_cast<Wide>(amount) * numerator;
      EXPECT_GT((product < 0 ? -product : product) / denominator, static_cast<Wide>(INT64_MAX) - 1);
      continue;
    }
    const Wide gap = static_cast<Wide>(amount) * numerator - static_cast<Wide>(result) * denominator;
    const Wide twice = 2 * (gap < 0 ? -gap : gap);
    ASSERT_LE(twice, denominator) << amount << " * " << numerator << " / " << denominator;
    if (twice == denominator) {
      ++halves;
      ASSERT_EQ(result % 2, 0) << amount << " * " << numerator << " / " << denominator;
    }
  }
  EXPECT_GT(halves, 100);
}

TEST(Money, CalculatesWithinOneCurrency) {
  const Money price{1999, kUsd};
  EXPECT_EQ(price + price, (Money{3998, kUsd}));
  EXPECT_EQ(price - Money({2000, kUsd}), (Money{-1, kUsd}));
  EXPECT_EQ(price * 3, (Money{5997, kUsd}));
  EXPECT_EQ(-price, (Money{-1999, kUsd}));
  EXPECT_EQ(Money::zero(kUsd).minor, 0);
  EXPECT_NE(price, (Money{1999, kJpy}));
}

TEST(Money, NeverMixesCurrenciesOrWraps) {
  EXPECT_EQ(slug_thrown_by([] { return Money{1, kUsd} + Money{1, kJpy}; }), "currency-mismatch");
  EXPECT_EQ(slug_thrown_by([] { return Money{1, kUsd} - Money{1, Currency()}; }), "currency-mismatch");
  EXPECT_EQ(slug_thrown_by([] { return Money{INT64_MAX, kUsd} + Money{1, kUsd}; }), "amount-out-of-range");
  EXPECT_EQ(slug_thrown_by([] { return Money{INT64_MIN, kUsd} - Money{1, kUsd}; }), "amount-out-of-range");
  EXPECT_EQ(slug_thrown_by([] { return Money{INT64_MAX, kUsd} * 2; }), "amount-out-of-range");
  EXPECT_EQ(slug_thrown_by([] { return -Money{INT64_MIN, kUsd}; }), "amount-out-of-range");
}

TEST(MajorUnits, AreReadExactly) {
  struct Case {
    std::string_view text;
    Currency currency;
    std::int64_t minor;
  };
  for (const auto& [text, currency, minor] : std::vector<Case>{{"199.99", kUsd, 19999},
                                                               {"199.990", kUsd, 19999},
                                                               {"199.9900000000000000000000000000", kUsd, 19999},
                                                               {"200", kUsd, 20000},
                                                               {"200.0", kUsd, 20000},
                                                               {"-3.5", kUsd, -350},
                                                               {"0", kUsd, 0},
                                                               {"-0", kUsd, 0},
                                                               {"0.01", kUsd, 1},
                                                               {"0.1", kUsd, 10},
                                                               {"10.0", kJpy, 10},
                                                               {"9500", kJpy, 9500},
                                                               {"0.005", kKwd, 5},
                                                               {"1.0001", Currency::of("CLF"), 10001},
                                                               {"92233720368547758.07", kUsd, INT64_MAX},
                                                               {"-92233720368547758.08", kUsd, INT64_MIN},
                                                               {"9223372036854775807", kJpy, INT64_MAX}}) {
    EXPECT_EQ(parse_major_units(text, currency), minor) << text;
  }
}

TEST(MajorUnits, AreAPlainDecimalThatFitsOrNothing) {
  for (const std::string_view text : {"",
                                      "-",
                                      "+1",
                                      "1e2",
                                      "1E2",
                                      "01",
                                      "00",
                                      "-01",
                                      "1.",
                                      ".5",
                                      "-.5",
                                      "1..0",
                                      "1.0.0",
                                      " 1",
                                      "1 ",
                                      "1,00",
                                      "0x10",
                                      "NaN",
                                      "Infinity",
                                      "--1",
                                      "1-",
                                      "199.999",
                                      "0.001",
                                      "92233720368547758.08",
                                      "-92233720368547758.09",
                                      "99999999999999999999999",
                                      "1.0a",
                                      "1.x"}) {
    EXPECT_EQ(parse_major_units(text, kUsd), std::nullopt) << text;
  }
  EXPECT_EQ(parse_major_units("10.5", kJpy), std::nullopt);
  EXPECT_EQ(parse_major_units("0.0005", kKwd), std::nullopt);
}

TEST(MajorUnits, AreWrittenWithTheCurrencysPlaces) {
  EXPECT_EQ(format_major_units(19999, kUsd), "199.99");
  EXPECT_EQ(format_major_units(19999, kJpy), "19999");
  EXPECT_EQ(format_major_units(5, kKwd), "0.005");
  EXPECT_EQ(format_major_units(0, kUsd), "0.00");
  EXPECT_EQ(format_major_units(-5, kUsd), "-0.05");
  EXPECT_EQ(format_major_units(-350, kUsd), "-3.50");
  EXPECT_EQ(format_major_units(INT64_MIN, kUsd), "-92233720368547758.08");
}

TEST(MajorUnits, ComeBackAsTheyWere) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 10'000; ++i) {
    const auto minor = static_cast<std::int64_t>(random()) >> random() % 64;
    for (const Currency& currency : {kUsd, kJpy, kKwd}) {
      ASSERT_EQ(parse_major_units(format_major_units(minor, currency), currency), minor);
    }
  }
}

}  // namespace
}  // namespace orderly
