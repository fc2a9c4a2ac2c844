#include "domain/cart.h"

#include <algorithm>

#include "base/error.h"
#include "base/limits.h"
#include "base/money.h"

namespace orderly::domain {

namespace {

auto find_line(Cart& cart, const std::string& product_id) {
  return std::find_if(cart.lines.begin(), cart.lines.end(),
                      [&](const CartLine& line) { return line.product_id == product_id; });
}

void check_quantity(std::int64_t quantity) {
  if (quantity >= 1 && quantity <= limits::kQuantityMax) return;
  throw Error(ErrorCode::kRefused, "quantity-out-of-range",
              "The quantity of a product must be between 1 and " + std::to_string(limits::kQuantityMax) + ".");
}

void append_line(Cart& cart, const std::string& product_id, std::int64_t quantity) {
  if (cart.lines.size() >= limits::kOrderLinesMax) {
    throw Error(ErrorCode::kRefused, "cart-full",
                "A cart holds at most " + std::to_string(limits::kOrderLinesMax) + " products.");
  }
  cart.lines.push_back({product_id, quantity});
}

}  // namespace

Cart add(Cart cart, const std::string& product_id, std::int64_t quantity) {
  check_quantity(quantity);
  const auto line = find_line(cart, product_id);
  if (line == cart.lines.end()) {
    append_line(cart, product_id, quantity);
  } else {
    const std::int64_t sum = checked_add(line->quantity, quantity);
    check_quantity(sum);
    line->quantity = sum;
  }
  return cart;
}

Cart set(Cart cart, const std::string& product_id, std::int64_t quantity) {
  if (quantity == 0) return remove(std::move(cart), product_id);
  check_quantity(quantity);
  const auto line = find_line(cart, product_id);
  if (line == cart.lines.end()) {
    append_line(cart, product_id, quantity);
  } else {
    line->quantity = quantity;
  }
  return cart;
}

Cart remove(Cart cart, const std::string& product_id) {
  const auto line = find_line(cart, product_id);
  if (line != cart.lines.end()) cart.lines.erase(line);
  return cart;
}

}  // namespace orderly::domain
