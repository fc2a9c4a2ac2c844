#include "app/keys.h"

#include <charconv>

#include "base/text.h"

namespace orderly::app::keys {

using ports::Index;
using ports::IndexEntry;
using ports::Key;

namespace {

constexpr std::string_view kStock = "STOCK#";

std::string joined(std::string_view a, std::string_view b) {
  std::string text;
  text.reserve(a.size() + b.size());
  text += a;
  text += b;
  return text;
}

Key meta(std::string_view kind, std::string_view id) { return {joined(kind, id), std::string(kMeta)}; }

// Zero-padded to eight digits, so that text sorts as numbers do.
std::string padded(std::int64_t number) {
  std::string digits = std::to_string(number);
  return std::string(digits.size() < 8 ? 8 - digits.size() : 0, '0') + digits;
}

}  // namespace

std::string event_sort(std::int64_t version) { return joined(kEventPrefix, padded(version)); }
Key order(const OrderId& id) { return meta("ORDER#", id.text); }
Key event(const OrderId& order, std::int64_t version) { return {joined("ORDER#", order.text), event_sort(version)}; }
Key event(const ApiKeyId& key, std::int64_t version) { return {joined(kApiKeyEvents, key.text), event_sort(version)}; }
Key later_transaction(const OrderId& order, int number) {
  return {joined("ORDER#", order.text), joined("TRANSACTION#", padded(number))};
}
Key product(std::string_view id) { return meta("PRODUCT#", id); }
Key stock(std::string_view product_id, std::int64_t bucket) {
  Key key = meta(kStock, product_id);
  if (bucket != 0) key.partition += joined("~", std::to_string(bucket));  // no product's id has a ~
  return key;
}
std::optional<StockPlace> stock_place_of(std::string_view partition) {
  if (!partition.starts_with(kStock)) return std::nullopt;
  const std::string_view text = partition.substr(kStock.size());
  StockPlace place{std::string(text.substr(0, text.find('~'))), 0};
  if (const std::size_t mark = text.find('~'); mark != std::string_view::npos) {
    std::from_chars(text.data() + mark + 1, text.data() + text.size(), place.bucket);
  }
  if (stock(place.product_id, place.bucket).partition != partition) return std::nullopt;  // "~0", "~01", "~1x"
  return place;
}
Key sku(std::string_view sku) { return meta("SKU#", fold_name(sku)); }
Key product_name(std::string_view name) { return meta("NAME#", fold_name(name)); }
Key cart(std::string_view token) { return meta("CART#", token); }
Key client_key(std::string_view client_id) { return meta("CLIENTKEY#", client_id); }
Key invoice(std::string_view sortable_number) { return meta("INVOICE#", sortable_number); }
Key invoice_file(std::string_view sortable_number) { return {joined("INVOICE#", sortable_number), "FILE"}; }
Key series_head(std::string_view series) { return meta("SERIES#", series); }
Key answer(std::string_view repeat_key) { return meta(kAnswer, repeat_key); }
Key subscriber(std::string_view name) { return meta("SUBSCRIBER#", name); }
Key api_key(const ApiKeyId& id) { return {std::string(kApiKeys), id.text}; }
Key client(std::string_view id) { return meta("CLIENT#", id); }
Key event(const ClientId& id, std::int64_t version) {
  return {joined("CLIENT#", id.text), joined(kEventPrefix, padded(version))};
}
Key client_lookups(std::string_view id) { return {joined("CLIENT#", id), "LOOKUPS"}; }
Key account(std::string_view client_id) { return {joined("CLIENT#", client_id), "ACCOUNT"}; }
Key email(std::string_view hash) { return meta("EMAIL#", hash); }
Key client_name(std::string_view hash, std::string_view client_id) {
  return {joined(kClientName, hash), std::string(client_id)};
}
Key session(const SessionId& id) { return meta("SESSION#", id.text); }
Key one_time_token(std::string_view hash) { return meta("ONETIME#", hash); }

std::string orders_of_client(std::string_view client_id) { return joined("CLIENT#", client_id) + "#ORDERS"; }
std::string orders_of_status(domain::OrderStatus status, std::string_view day) {
  const std::string_view name = domain::holds_stock(status) ? "open" : json::name_of(status);
  return joined(joined("ORDER#", name), joined("#", day));
}
std::string orders_of_day(std::string_view day) { return joined("ORDER#", day); }
std::string transactions_of_client(std::string_view client_id) {
  return joined("CLIENT#", client_id) + "#TRANSACTIONS";
}
std::string transactions_of_day(std::string_view day) { return joined("TRANSACTION#", day); }
std::string invoices_of_client(std::string_view client_id) { return joined("CLIENT#", client_id) + "#INVOICES"; }
std::string products_of_category(std::string_view category) { return joined("CATEGORY#", category); }

std::vector<IndexEntry> index_entries(const domain::Order& order) {
  const std::string day = format_day(order.created_at);
  const std::string sort(order.id.encoded());
  return {{Index::kByClient, orders_of_client(order.client_id), sort},
          {Index::kByStatus, orders_of_status(order.status, day), sort},
          {Index::kByDay, orders_of_day(day), sort}};
}

std::vector<IndexEntry> index_entries(const domain::Product& product) {
  return {{Index::kByCategory, products_of_category(product.category), product.id},
          {Index::kByKind, std::string(kCatalog), product.id}};
}

std::vector<IndexEntry> index_entries(const domain::Invoice& invoice) {
  const std::string sort =
      format_time(invoice.issued_at) + "#" + domain::sortable_number(invoice.series, invoice.sequence);
  return {{Index::kByClient, invoices_of_client(invoice.client_id), sort}};
}

std::vector<IndexEntry> index_entries(const domain::Client& client) {
  if (client.status == domain::ClientStatus::kErased) return {};
  return {{Index::kByKind, std::string(kClients), std::string(client.id.encoded())}};
}

std::string first_id_at(Time time) { return encode_id(time, IdEntropy{}); }

}  // namespace orderly::app::keys
