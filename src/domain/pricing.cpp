#include "domain/pricing.h"

#include "base/error.h"
#include "base/limits.h"

namespace orderly::domain {

namespace {

constexpr std::int64_t kBasisPoints = 10'000;  // in a whole

std::int64_t in_range(std::int64_t amount) {
  if (amount >= -limits::kAmountMinorMax && amount <= limits::kAmountMinorMax) return amount;
  throw Error(ErrorCode::kRefused, "amount-out-of-range", "An amount of the order is too large.");
}

// 1900 → "tax.19%", 750 → "tax.7.5%"
std::string tax_name(std::int64_t basis_points) { return "tax." + format_percent(basis_points); }

// Shipping is taxed like a line of its own.
std::int64_t tax_of(const std::vector<OrderLine>& lines, const Price& price, const PricingRules& rules) {
  const auto tax = [&](std::int64_t amount) { return scale_half_even(amount, rules.tax_basis_points, kBasisPoints); };
  if (rules.rounding == Rounding::kPerOrder) return in_range(tax(checked_add(price.subtotal, price.shipping)));
  std::int64_t sum = tax(price.shipping);
  for (const OrderLine& line : lines) sum = in_range(checked_add(sum, tax(line_amount(line))));
  return in_range(sum);
}

}  // namespace

std::string format_percent(std::int64_t basis_points) {
  std::string text = std::to_string(basis_points / 100);
  const std::int64_t hundredths = basis_points % 100;
  if (hundredths != 0) {
    text += '.';
    text += static_cast<char>('0' + hundredths / 10);
    if (hundredths % 10 != 0) text += static_cast<char>('0' + hundredths % 10);
  }
  return text + '%';
}

std::int64_t line_amount(const OrderLine& line) { return in_range(checked_multiply(line.quantity, line.unit_price)); }

Price price(const std::vector<OrderLine>& lines, const PricingRules& rules) {
  Price price;
  for (const OrderLine& line : lines) price.subtotal = in_range(checked_add(price.subtotal, line_amount(line)));
  if (!lines.empty()) price.shipping = in_range(rules.shipping_minor);
  price.tax = tax_of(lines, price, rules);
  price.total = in_range(checked_add(checked_add(price.subtotal, price.shipping), price.tax));

  price.components.push_back({"items", price.subtotal});
  if (price.shipping != 0) price.components.push_back({"shipping.flat", price.shipping});
  if (price.tax != 0) price.components.push_back({tax_name(rules.tax_basis_points), price.tax});
  return price;
}

}  // namespace orderly::domain
