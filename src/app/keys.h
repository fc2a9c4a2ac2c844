// Under which keys and index entries things are stored. One table; see docs/architecture.md for the list.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/cart.h"
#include "domain/client.h"
#include "domain/invoice.h"
#include "domain/order.h"
#include "domain/product.h"
#include "ports/store.h"

namespace orderly::app::keys {

inline constexpr std::string_view kMeta = "META";

ports::Key order(const OrderId& id);
ports::Key event(const OrderId& order, std::int64_t version);
inline constexpr std::string_view kEventPrefix = "EVENT#";
inline constexpr std::string_view kEventsEnd = "EVENT$";         // '$' follows '#': behind all of them
std::string event_sort(std::int64_t version);                    // of any object's event, in its partition
ports::Key later_transaction(const OrderId& order, int number);  // lists an attempt or refund made after the order
ports::Key product(std::string_view id);
// Each bucket in a partition of its own: STOCK#<product>, then STOCK#<product>~1, …
ports::Key stock(std::string_view product_id, std::int64_t bucket = 0);
// The product and bucket whose counters a partition has; nothing when it is none of these.
struct StockPlace {
  std::string product_id;
  std::int64_t bucket = 0;

  friend auto operator<=>(const StockPlace&, const StockPlace&) = default;
};
std::optional<StockPlace> stock_place_of(std::string_view partition);
ports::Key sku(std::string_view sku);            // lookup: folded SKU → product
ports::Key product_name(std::string_view name);  // lookup: folded name → products
ports::Key cart(std::string_view token);
ports::Key client_key(std::string_view client_id);
ports::Key invoice(std::string_view sortable_number);
ports::Key invoice_file(std::string_view sortable_number);
ports::Key series_head(std::string_view series);
inline constexpr std::string_view kAnswer = "!ANSWER#";
static_assert(ports::is_transient(kAnswer));
ports::Key answer(std::string_view repeat_key);          // what a request with an Idempotency-Key was answered
ports::Key subscriber(std::string_view name);            // how far it has been told what happened
inline constexpr std::string_view kApiKeys = "APIKEYS";  // all in one partition, in the order they were made
ports::Key api_key(const ApiKeyId& id);
inline constexpr std::string_view kApiKeyEvents = "APIKEY#";  // a partition of its own for each key's events
ports::Key event(const ApiKeyId& key, std::int64_t version);

ports::Key client(std::string_view id);
ports::Key event(const ClientId& client, std::int64_t version);
ports::Key client_lookups(std::string_view id);  // the hashes by which the client is found
ports::Key account(std::string_view client_id);
ports::Key email(std::string_view hash);                        // lookup: an e-mail address's → client
inline constexpr std::string_view kClientName = "CLIENTNAME#";  // lookups: how a name begins → clients
ports::Key client_name(std::string_view hash, std::string_view client_id);
ports::Key session(const SessionId& id);
ports::Key one_time_token(std::string_view hash);

// Partitions of indexes.
std::string orders_of_client(std::string_view client_id);
// Unpaid orders (pending, processing, declined) are one list: moving between these states moves no index entry.
std::string orders_of_status(domain::OrderStatus status, std::string_view day);
std::string orders_of_day(std::string_view day);
std::string transactions_of_client(std::string_view client_id);
std::string transactions_of_day(std::string_view day);
std::string invoices_of_client(std::string_view client_id);
std::string products_of_category(std::string_view category);
inline constexpr std::string_view kCatalog = "CATALOG";
inline constexpr std::string_view kClients = "CLIENTS";

std::vector<ports::IndexEntry> index_entries(const domain::Order& order);
std::vector<ports::IndexEntry> index_entries(const domain::Product& product);
std::vector<ports::IndexEntry> index_entries(const domain::Invoice& invoice);
std::vector<ports::IndexEntry> index_entries(const domain::Client& client);

// Sort keys of orders in indexes are the encoded part of their ids, which starts with the time they were placed: the
// smallest one at or after `time`.
std::string first_id_at(Time time);

}  // namespace orderly::app::keys
