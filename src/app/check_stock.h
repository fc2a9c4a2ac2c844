// Invariant 5: stock. Sums of each bucket of a product, filled by the walk over orders and events and compared with its
// counters at the end: what holds in each bucket holds of all together.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/check_context.h"
#include "app/keys.h"
#include "domain/order.h"

namespace orderly::app::checks {

class StockCheck {
 public:
  explicit StockCheck(Context& context) : context_(context) {}

  // A counter record, "STOCK#<product>" or "STOCK#<product>~<bucket>".
  void add_counters(const ports::Inspection::StoredRecord& stored);
  void add_product(const domain::Product& product) { buckets_of_[product.id] = domain::buckets_of(product); }
  void add_event(const domain::OrderEvent& event);
  // `moved`: what the order's events did, summed up; nothing when not all of them could be read.
  void add_order(const domain::Order& order, const std::optional<std::vector<domain::StockMove>>& moved);

  void finish();

 private:
  struct Sums {
    std::optional<domain::StockCounters> counters;
    bool is_moved = false;                // by some event
    std::int64_t reserved_by_orders = 0;  // Σ lines of open orders
    std::int64_t reserved_by_events = 0;
    std::int64_t available_by_events = 0;  // what orders took and gave back
  };

  void compare(const keys::StockPlace& place, const Sums& sums);
  void expect_owner(const std::string& where, const keys::StockPlace& place);

  Context& context_;
  std::map<std::string, std::int64_t> buckets_of_;  // products and how many buckets they have
  std::map<keys::StockPlace, Sums> sums_;
};

// One move a product and bucket, in their order; those that come to nothing are left out.
std::vector<domain::StockMove> summed_up(const std::vector<domain::StockMove>& moves);

}  // namespace orderly::app::checks
