// Reading orders and transactions: one, many, and waiting for a change.
#pragma once

#include <optional>
#include <string>

#include "app/catalog.h"
#include "app/views.h"

namespace orderly::app {

// `at`: as it was at that moment; not_found before it was placed.
Task<OrderView> get_order(App& app, Caller caller, std::string id, std::optional<Time> at = std::nullopt);

// With a wait: answers at the first change after the call, or after `wait` (at most limits::kWaitMax). `client_id`,
// where given, must be the order's: otherwise not_found.
Task<OrderProgressView> get_order_status(App& app, Caller caller, std::string order_id, std::string client_id,
                                         Duration wait);

struct OrderFilter {
  std::optional<domain::OrderStatus> status;
  std::optional<std::string> client_id;
  std::optional<Time> from;  // placed at or after
  std::optional<Time> to;    // placed before
};
// Newest first. With a client: all of theirs; otherwise the last 30 days, unless `from` says otherwise. A page may be
// short although there is more. Clients see their own orders only.
Task<List<OrderView>> list_orders(App& app, Caller caller, OrderFilter filter, PageOf page);

struct TransactionFilter {
  std::optional<std::string> order_id;
  std::optional<std::string> client_id;
  std::optional<std::string> status;
  std::optional<Time> from;
  std::optional<Time> to;
};
// Newest first; of one order, of one client, or of a span of time (as for orders).
Task<List<TransactionView>> list_transactions(App& app, Caller caller, TransactionFilter filter, PageOf page);
Task<TransactionView> get_transaction(App& app, Caller caller, std::string id);

// The order's events after that version, oldest first, as documents. Where people called from, and by which request, is
// for owner and staff alone.
Task<std::vector<std::string>> list_order_events(App& app, Caller caller, std::string order_id,
                                                 std::int64_t after_version = 0);

}  // namespace orderly::app
