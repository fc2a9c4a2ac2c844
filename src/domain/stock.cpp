#include "domain/stock.h"

#include <map>

#include "base/money.h"

namespace orderly::domain {

namespace {

using Totals = std::map<std::string, std::int64_t>;  // of each product, in order of product id

void add(Totals& totals, const std::vector<Quantity>& lines) {
  for (const Quantity& line : lines) {
    std::int64_t& total = totals[line.product_id];
    total = checked_add(total, line.quantity);
  }
}

// One move a product: its quantity times what each piece does to the two counters.
std::vector<StockMove> moves(const Totals& totals, std::int64_t available, std::int64_t reserved) {
  std::vector<StockMove> moves;
  moves.reserve(totals.size());
  for (const auto& [product_id, quantity] : totals) {
    if (quantity != 0) moves.push_back({product_id, available * quantity, reserved * quantity});
  }
  return moves;
}

std::vector<StockMove> moves(const std::vector<Quantity>& lines, std::int64_t available, std::int64_t reserved) {
  Totals totals;
  add(totals, lines);
  return moves(totals, available, reserved);
}

}  // namespace

std::vector<json::Rule> json_rules(const StockCounters*) {
  return {json::field("available").brief(), json::field("received").brief(), json::field("reserved").brief()};
}

std::vector<json::Rule> json_rules(const StockMove*) {
  return {json::field("available").brief(), json::field("reserved").brief()};
}

std::vector<StockMove> reserve(const std::vector<Quantity>& lines) { return moves(lines, -1, 1); }

std::vector<StockMove> release(const std::vector<Quantity>& lines) { return moves(lines, 1, -1); }

std::vector<StockMove> take_reserved(const std::vector<Quantity>& lines) { return moves(lines, 0, -1); }

std::vector<StockMove> put_back(const std::vector<Quantity>& lines) { return moves(lines, 1, 0); }

std::vector<StockMove> reserve_instead(const std::vector<Quantity>& before, const std::vector<Quantity>& after) {
  Totals more;
  add(more, after);
  for (const Quantity& line : before) {
    std::int64_t& difference = more[line.product_id];
    difference = checked_subtract(difference, line.quantity);
  }
  return moves(more, -1, 1);
}

}  // namespace orderly::domain
