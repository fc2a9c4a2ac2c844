// A cart: products and quantities, no prices (they are the catalog's when it is looked at or checked out).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json_type.h"
#include "base/time.h"
#include "domain/stock.h"

namespace orderly::domain {

struct CartLine {
  std::string product_id;
  std::int64_t quantity = 0;

  friend bool operator==(const CartLine&, const CartLine&) = default;
};
BOOST_DESCRIBE_STRUCT(CartLine, (), (product_id, quantity))

struct Cart {
  std::vector<CartLine> lines;  // one a product, in the order of adding
  std::int64_t version = 0;     // 0: not stored yet
  Time updated_at;
};
BOOST_DESCRIBE_STRUCT(Cart, (), (lines, version, updated_at))

// Adds to what is there. Throws Error(kRefused, "cart-full") above limits::kOrderLinesMax products, kRefused
// "quantity-out-of-range" above limits::kQuantityMax of one. quantity ≥ 1.
Cart add(Cart cart, const std::string& product_id, std::int64_t quantity);
// Sets the quantity; 0 removes the line.
Cart set(Cart cart, const std::string& product_id, std::int64_t quantity);
// No failure when it is not there.
Cart remove(Cart cart, const std::string& product_id);

}  // namespace orderly::domain
