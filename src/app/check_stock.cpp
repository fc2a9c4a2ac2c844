#include "app/check_stock.h"

#include "app/keys.h"

namespace orderly::app::checks {

namespace {

// What an order of this status has done to stock, all in all.
std::vector<domain::StockMove> net_moves(const domain::Order& order) {
  if (order.status == domain::OrderStatus::kCancelled) return {};
  const std::vector<domain::Quantity> lines = domain::stock_of(order);
  std::vector<domain::StockMove> moves = domain::reserve(lines);
  if (domain::is_paid(order.status)) {
    const std::vector<domain::StockMove> taken = domain::take_reserved(lines);
    moves.insert(moves.end(), taken.begin(), taken.end());
  }
  return summed_up(moves);
}

std::string text_of(const std::vector<domain::StockMove>& moves) {
  std::string text;
  for (const domain::StockMove& move : moves) {
    if (!text.empty()) text += "; ";
    text += "product " + move.product_id;
    if (move.bucket != 0) text += " bucket " + std::to_string(move.bucket);
    text += " available " + std::to_string(move.available) + " reserved " + std::to_string(move.reserved);
  }
  return text.empty() ? "nothing" : shown(text);
}

}  // namespace

std::vector<domain::StockMove> summed_up(const std::vector<domain::StockMove>& moves) {
  std::map<keys::StockPlace, domain::StockMove> sums;
  for (const domain::StockMove& move : moves) {
    domain::StockMove& sum = sums[{move.product_id, move.bucket}];
    sum.product_id = move.product_id;
    sum.bucket = move.bucket;
    sum.available = checked_add(sum.available, move.available);
    sum.reserved = checked_add(sum.reserved, move.reserved);
  }
  std::vector<domain::StockMove> list;
  for (const auto& [place, sum] : sums) {
    if (sum.available != 0 || sum.reserved != 0) list.push_back(sum);
  }
  return list;
}

void StockCheck::add_counters(const ports::Inspection::StoredRecord& stored) {
  const std::string where = checks::text_of(stored.record.key);
  ++context_.counts.stock_counters;
  expect_indexes(context_, stored, {});
  if (!stored.is_counter) context_.findings.add(5, "stock-no-counter", where, "it is an ordinary record, not counters");
  const auto counters = read_document<domain::StockCounters>(context_.findings, 5, where, stored.record.document);
  if (!counters) return;
  const auto place = keys::stock_place_of(stored.record.key.partition);
  if (!place) {
    context_.findings.add(10, "stock-of-nothing", where, "no product has such a bucket");
    return;
  }
  sums_[*place].counters = counters;
  if (counters->available < 0 || counters->reserved < 0 || counters->received < 0) {
    context_.findings.add(5, "stock-below-zero", where,
                          "available " + std::to_string(counters->available) + ", reserved " +
                              std::to_string(counters->reserved) + ", received " + std::to_string(counters->received));
  }
}

void StockCheck::add_event(const domain::OrderEvent& event) {
  for (const domain::StockMove& move : event.stock) {
    Sums& sums = sums_[{move.product_id, move.bucket}];
    sums.is_moved = true;
    sums.reserved_by_events = checked_add(sums.reserved_by_events, move.reserved);
    sums.available_by_events = checked_add(sums.available_by_events, move.available);
  }
}

void StockCheck::add_order(const domain::Order& order, const std::optional<std::vector<domain::StockMove>>& moved) {
  if (domain::holds_stock(order.status)) {
    for (const domain::Quantity& line : domain::stock_of(order)) {
      Sums& sums = sums_[{line.product_id, line.bucket}];
      sums.reserved_by_orders = checked_add(sums.reserved_by_orders, line.quantity);
    }
  }
  if (!moved) return;
  const std::vector<domain::StockMove> expected = net_moves(order);
  if (*moved == expected) return;
  context_.findings.add(5, "stock-moves", checks::text_of(keys::order(order.id)),
                        "its events' stock moves: " + expected_found(text_of(expected), text_of(*moved)));
}

void StockCheck::compare(const keys::StockPlace& place, const Sums& sums) {
  const std::string where = checks::text_of(keys::stock(place.product_id, place.bucket));
  const std::int64_t reserved = sums.counters ? sums.counters->reserved : 0;
  if (!sums.counters && (sums.is_moved || sums.reserved_by_orders != 0)) {
    context_.findings.add(5, "stock-missing", where, "there are orders for it, but it has no counters");
    return;
  }
  if (reserved != sums.reserved_by_orders) {
    context_.findings.add(
        5, "stock-reserved", where,
        "reserved, by the lines of open orders: " + expected_found(sums.reserved_by_orders, reserved));
  }
  if (reserved != sums.reserved_by_events) {
    context_.findings.add(5, "stock-events", where,
                          "reserved, by the moves of all events: " + expected_found(sums.reserved_by_events, reserved));
  }
  const std::int64_t available = sums.counters ? sums.counters->available : 0;
  const std::int64_t received = sums.counters ? sums.counters->received : 0;
  if (available != checked_add(received, sums.available_by_events)) {
    context_.findings.add(5, "stock-available", where,
                          "available, by what was received and the moves of all events: " +
                              expected_found(checked_add(received, sums.available_by_events), available));
  }
  if (sums.counters) expect_owner(where, place);
}

void StockCheck::expect_owner(const std::string& where, const keys::StockPlace& place) {
  const auto buckets = buckets_of_.find(place.product_id);
  if (buckets == buckets_of_.end()) {
    context_.findings.add(10, "stock-of-nothing", where, "there is no product " + shown(place.product_id));
  } else if (place.bucket >= buckets->second) {
    context_.findings.add(10, "stock-of-nothing", where,
                          "product " + shown(place.product_id) + " has " + std::to_string(buckets->second) +
                              " bucket(s), none of that number");
  }
}

void StockCheck::finish() {
  for (const auto& [place, sums] : sums_) compare(place, sums);
}

}  // namespace orderly::app::checks
