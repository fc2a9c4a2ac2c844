// Money: a whole number of minor units of one currency (9500 USD is 95.00 dollars, 9500 JPY is 9500 yen). Arithmetic is
// checked: an overflow or a mix of currencies throws, nothing wraps, nothing is ever a floating-point number.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace orderly {

// An ISO 4217 alphabetic code from the table of active currencies in money.cpp.
class Currency {
 public:
  Currency() = default;  // no currency; compares unequal to every real one

  // Nothing when `code` is no active ISO 4217 code of three capitals.
  static std::optional<Currency> parse(std::string_view code);
  // For literals; throws Error(kInternal) on an unknown code.
  static Currency of(std::string_view code);

  std::string_view code() const { return {code_, code_[0] ? 3u : 0u}; }
  int exponent() const { return exponent_; }  // digits after the point: JPY 0, USD 2, KWD 3

  friend bool operator==(const Currency& a, const Currency& b) { return a.code() == b.code(); }

 private:
  char code_[3] = {0, 0, 0};
  std::int8_t exponent_ = 0;
};

// a + b, a - b, a × b; throw Error(kRefused, "amount-out-of-range") on overflow of 64 bits.
std::int64_t checked_add(std::int64_t a, std::int64_t b);
std::int64_t checked_subtract(std::int64_t a, std::int64_t b);
std::int64_t checked_multiply(std::int64_t a, std::int64_t b);

// numerator × amount / denominator, rounded half to even (0.5 → 0, 1.5 → 2, -0.5 → 0), with no overflow in between
// (128 bits). For tax and for splitting refunds. denominator > 0.
std::int64_t scale_half_even(std::int64_t amount, std::int64_t numerator, std::int64_t denominator);

struct Money {
  std::int64_t minor = 0;
  Currency currency;

  static Money zero(Currency currency) { return {0, currency}; }

  // These throw Error(kInternal) when the currencies differ, kRefused on overflow.
  Money operator+(const Money& other) const;
  Money operator-(const Money& other) const;
  Money operator*(std::int64_t factor) const;
  Money operator-() const;

  friend bool operator==(const Money&, const Money&) = default;
};

// "199.99", "200", "-3.5" in major units → minor units. Nothing when it is not a plain decimal (JSON's number grammar
// without exponent), has more digits than the currency (199.990 USD is allowed: what is cut must be zeros), or
// overflows.
std::optional<std::int64_t> parse_major_units(std::string_view text, Currency currency);

// 19999 USD → "199.99", 19999 JPY → "19999", 5 KWD → "0.005".
std::string format_major_units(std::int64_t minor, Currency currency);

}  // namespace orderly
