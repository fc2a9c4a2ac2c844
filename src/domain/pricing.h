// What an order costs: computed from the catalog at the time of the order and kept with it. The total explains itself:
// the list of (rule, amount) adds up to it, to the minor unit.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json_type.h"
#include "base/money.h"

namespace orderly::domain {

enum class Rounding { kPerLine, kPerOrder };
inline const auto& enum_names(Rounding) {
  static constexpr std::array<std::pair<Rounding, std::string_view>, 2> kNames{
      {{Rounding::kPerLine, "line"}, {Rounding::kPerOrder, "order"}}};
  return kNames;
}

struct PricingRules {
  std::int64_t shipping_minor = 0;         // flat, for each order that has a line
  std::int64_t tax_basis_points = 0;       // of lines and shipping, on top of the price: 1900 is 19 %
  Rounding rounding = Rounding::kPerLine;  // tax, half to even
};

struct OrderLine {
  std::string product_id;
  std::string sku;
  std::string name;
  std::int64_t quantity = 0;
  std::int64_t unit_price = 0;
  std::int64_t amount = 0;  // quantity × unit_price

  friend bool operator==(const OrderLine&, const OrderLine&) = default;
};
BOOST_DESCRIBE_STRUCT(OrderLine, (), (product_id, sku, name, quantity, unit_price, amount))

struct PriceComponent {
  std::string rule;  // "items", "shipping.flat", "tax.19%"
  std::int64_t amount = 0;

  friend bool operator==(const PriceComponent&, const PriceComponent&) = default;
};
BOOST_DESCRIBE_STRUCT(PriceComponent, (), (rule, amount))

struct Price {
  std::int64_t subtotal = 0;
  std::int64_t shipping = 0;
  std::int64_t tax = 0;
  std::int64_t discount = 0;               // subtracted
  std::int64_t total = 0;                  // subtotal + shipping + tax - discount
  std::vector<PriceComponent> components;  // Σ amount = total

  friend bool operator==(const Price&, const Price&) = default;
};

// The lines' amounts must be quantity × unit_price (price() computes them too). Throws Error(kRefused,
// "amount-out-of-range") when a sum leaves ±limits::kAmountMinorMax.
Price price(const std::vector<OrderLine>& lines, const PricingRules& rules);

// quantity × unit_price. Throws as price() does.
std::int64_t line_amount(const OrderLine& line);

// 1900 → "19%", 750 → "7.5%". basis_points ≥ 0.
std::string format_percent(std::int64_t basis_points);

}  // namespace orderly::domain
