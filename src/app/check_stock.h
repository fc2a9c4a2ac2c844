// Invariant 5: stock. Sums a product, filled by the walk over orders and events and compared with the counters at its
// end.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/check_context.h"
#include "domain/order.h"

namespace orderly::app::checks {

class StockCheck {
 public:
  explicit StockCheck(Context& context) : context_(context) {}

  // A counter record, "STOCK#<product>".
  void add_counters(const ports::Inspection::StoredRecord& stored);
  void add_product(const std::string& product_id) { products_[product_id].is_product = true; }
  void add_event(const domain::OrderEvent& event);
  // `moved`: what the order's events did, summed up; nothing when not all of them could be read.
  void add_order(const domain::Order& order, const std::optional<std::vector<domain::StockMove>>& moved);

  void finish();

 private:
  struct Sums {
    bool is_product = false;
    std::optional<domain::StockCounters> counters;
    bool is_moved = false;                // by some event
    std::int64_t reserved_by_orders = 0;  // Σ lines of open orders
    std::int64_t reserved_by_events = 0;
    std::int64_t available_by_events = 0;  // what orders took and gave back
  };

  void compare(const std::string& product_id, const Sums& sums);

  Context& context_;
  std::map<std::string, Sums> products_;
};

// One move a product, in order of product id; those that come to nothing are left out.
std::vector<domain::StockMove> summed_up(const std::vector<domain::StockMove>& moves);

}  // namespace orderly::app::checks
