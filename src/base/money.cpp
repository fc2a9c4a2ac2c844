#include "base/money.h"

#include <algorithm>
#include <array>

#include "base/error.h"

namespace orderly {
namespace {

using Wide = __int128;  // holds every product of two amounts

// Letters of a code in one number that sorts as the code does.
constexpr std::uint32_t pack(std::string_view code) {
  return static_cast<std::uint32_t>(code[0]) << 16 | static_cast<std::uint32_t>(code[1]) << 8 |
         static_cast<std::uint32_t>(code[2]);
}

// ISO 4217 List One as of 2026-01-01 (Bulgaria in the euro, ANG replaced by XCG), funds codes included. Left out: what
// has no minor unit and so no amounts here (metals XAU…, bond units XBA…, XDR, XSU, XUA, the test code XTS, XXX).
constexpr std::string_view kCodesOfExponent0 = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
constexpr std::string_view kCodesOfExponent2 =
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY "
    "COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS "
    "INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR "
    "MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP "
    "STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG";
constexpr std::string_view kCodesOfExponent3 = "BHD IQD JOD KWD LYD OMR TND";
constexpr std::string_view kCodesOfExponent4 = "CLF UYW";

struct CurrencyRow {
  std::uint32_t code;
  std::int8_t exponent;
};

constexpr std::size_t count_codes(std::string_view codes) { return (codes.size() + 1) / 4; }
constexpr std::size_t kCurrencies = count_codes(kCodesOfExponent0) + count_codes(kCodesOfExponent2) +
                                    count_codes(kCodesOfExponent3) + count_codes(kCodesOfExponent4);

constexpr std::array<CurrencyRow, kCurrencies> make_currencies() {
  std::array<CurrencyRow, kCurrencies> rows{};
  std::size_t next = 0;
  const auto append = [&](std::string_view codes, std::int8_t exponent) {
    for (std::size_t at = 0; at < codes.size(); at += 4) rows[next++] = {pack(codes.substr(at, 3)), exponent};
  };
  append(kCodesOfExponent0, 0);
  append(kCodesOfExponent2, 2);
  append(kCodesOfExponent3, 3);
  append(kCodesOfExponent4, 4);
  std::ranges::sort(rows, {}, &CurrencyRow::code);
  return rows;
}

constexpr std::array<CurrencyRow, kCurrencies> kCurrencyRows = make_currencies();
static_assert(std::ranges::adjacent_find(kCurrencyRows, {}, &CurrencyRow::code) == kCurrencyRows.end(),
              "a currency is listed twice");

[[noreturn]] void throw_out_of_range() {
  throw Error(ErrorCode::kRefused, "amount-out-of-range", "An amount is too large.");
}

void require_same(const Currency& a, const Currency& b) {
  if (a == b) return;
  throw Error(ErrorCode::kInternal, "currency-mismatch", "Amounts of two currencies were mixed.",
              std::string(a.code()) + " and " + std::string(b.code()));
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Length of the digits at the start of `text`.
std::size_t count_digits(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
}

// Appends a decimal digit to a number that is zero or less: the negative side is the longer one by one.
bool append_digit_below_zero(std::int64_t& number, char digit) {
  return !__builtin_mul_overflow(number, 10, &number) && !__builtin_sub_overflow(number, digit - '0', &number);
}

}  // namespace

std::optional<Currency> Currency::parse(std::string_view code) {
  if (code.size() != 3) return std::nullopt;
  for (const char c : code) {
    if (c < 'A' || c > 'Z') return std::nullopt;
  }
  const std::uint32_t packed = pack(code);
  const auto row = std::ranges::lower_bound(kCurrencyRows, packed, {}, &CurrencyRow::code);
  if (row == kCurrencyRows.end() || row->code != packed) return std::nullopt;
  Currency currency;
  std::ranges::copy(code, currency.code_);
  currency.exponent_ = row->exponent;
  return currency;
}

Currency Currency::of(std::string_view code) {
  const std::optional<Currency> currency = parse(code);
  if (!currency) throw Error(ErrorCode::kInternal, "unknown-currency", "There is no such currency.", std::string(code));
  return *currency;
}

std::int64_t checked_add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) throw_out_of_range();
  return sum;
}

std::int64_t checked_subtract(std::int64_t a, std::int64_t b) {
  std::int64_t difference = 0;
  if (__builtin_sub_overflow(a, b, &difference)) throw_out_of_range();
  return difference;
}

std::int64_t checked_multiply(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) throw_out_of_range();
  return product;
}

std::int64_t scale_half_even(std::int64_t amount, std::int64_t numerator, std::int64_t denominator) {
  if (denominator <= 0) throw Error(ErrorCode::kInternal, "bad-denominator", "A denominator must be positive.");
  const Wide product = static_cast<Wide>(amount) * numerator;
  Wide quotient = product / denominator;  // towards zero
  const Wide rest = product % denominator;
  const Wide twice = 2 * (rest < 0 ? -rest : rest);
  if (twice > denominator || (twice == denominator && quotient % 2 != 0)) quotient += product < 0 ? -1 : 1;
  if (quotient > INT64_MAX || quotient < INT64_MIN) throw_out_of_range();
  return static_cast<std::int64_t>(quotient);
}

Money Money::operator+(const Money& other) const {
  require_same(currency, other.currency);
  return {checked_add(minor, other.minor), currency};
}

Money Money::operator-(const Money& other) const {
  require_same(currency, other.currency);
  return {checked_subtract(minor, other.minor), currency};
}

Money Money::operator*(std::int64_t factor) const { return {checked_multiply(minor, factor), currency}; }

Money Money::operator-() const { return {checked_subtract(0, minor), currency}; }

std::optional<std::int64_t> parse_major_units(std::string_view text, Currency currency) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const std::string_view whole = text.substr(0, count_digits(text));
  if (whole.empty() || (whole.size() > 1 && whole.front() == '0')) return std::nullopt;
  text.remove_prefix(whole.size());

  std::string_view fraction;
  if (text.starts_with('.')) {
    fraction = text.substr(1);
    if (fraction.empty()) return std::nullopt;
    text.remove_prefix(1 + count_digits(fraction));
  }
  if (!text.empty()) return std::nullopt;

  const auto kept = static_cast<std::size_t>(currency.exponent());
  std::int64_t below_zero = 0;
  for (const char digit : whole) {
    if (!append_digit_below_zero(below_zero, digit)) return std::nullopt;
  }
  for (std::size_t i = 0; i < kept; ++i) {
    if (!append_digit_below_zero(below_zero, i < fraction.size() ? fraction[i] : '0')) return std::nullopt;
  }
  if (fraction.size() > kept && fraction.find_first_not_of('0', kept) != std::string_view::npos) return std::nullopt;
  if (negative) return below_zero;
  if (below_zero == INT64_MIN) return std::nullopt;
  return -below_zero;
}

std::string format_major_units(std::int64_t minor, Currency currency) {
  const auto places = static_cast<std::size_t>(currency.exponent());
  std::string text = std::to_string(minor);
  if (places == 0) return text;
  const std::size_t sign = minor < 0 ? 1 : 0;
  const std::size_t digits = text.size() - sign;
  if (digits <= places) text.insert(sign, places + 1 - digits, '0');
  text.insert(text.size() - places, 1, '.');
  return text;
}

}  // namespace orderly
