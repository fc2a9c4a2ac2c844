// Placing an order: from a list of lines, from one item by name, or from the caller's cart.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/stock.h"
#include "app/views.h"

namespace orderly::app {

struct LineRequest {
  std::string product_id;
  std::int64_t quantity = 0;
};
BOOST_DESCRIBE_STRUCT(LineRequest, (), (product_id, quantity))
std::vector<json::Rule> json_rules(const LineRequest*);

// `POST /orders`, in the native form and in seed 001's ({user_id, item, quantity, total_price}).
struct PlaceOrder {
  std::optional<std::string> client_id;  // a guest's own label
  std::optional<std::vector<LineRequest>> items;
  std::optional<std::string> item;       // a product's id, SKU or exact name
  std::optional<std::int64_t> quantity;  // with `item`; 1 when absent
  std::optional<Currency> currency;
  std::optional<std::string> payment_method;
  std::optional<bool> pay_later;  // no payment starts by itself: POST /payment does
  std::optional<Address> shipping_address;
  std::optional<std::int64_t> total_price;  // minor units; checked, not believed
  std::optional<json::Decimal> total;       // major units; likewise
};
BOOST_DESCRIBE_STRUCT(PlaceOrder, (),
                      (client_id, items, item, quantity, currency, payment_method, pay_later, shipping_address,
                       total_price, total))
std::vector<json::Rule> json_rules(const PlaceOrder*);

// `POST /checkout`: without items, the caller's cart, which the same commit empties.
struct Checkout {
  std::optional<std::vector<LineRequest>> items;
  std::optional<json::Decimal> total;  // major units
  std::optional<std::string> client_id;
  std::optional<Currency> currency;
  std::optional<std::string> payment_method;
  std::optional<bool> pay_later;
  std::optional<Address> shipping_address;
};
BOOST_DESCRIBE_STRUCT(Checkout, (), (items, total, client_id, currency, payment_method, pay_later, shipping_address))
std::vector<json::Rule> json_rules(const Checkout*);

// One commit: the order, its event with the message that starts payment, its stock and the answer. Retry-safe under the
// same idempotency key. Throws Error: kInvalidRequest (unknown product, another currency, …) with all problems,
// kRefused "price-changed", "out-of-stock", "cart-empty".
Task<Answer> place_order(App& app, Caller caller, PlaceOrder command, RepeatKey key);  // 200 with the order
Task<Answer> checkout(App& app, Caller caller, Checkout command, RepeatKey key);       // 202 with the order

// Lines with the catalog's prices, and which of their products have several buckets. Reports unknown products and other
// currencies under `pointer`/i.
struct PricedLines {
  std::vector<domain::OrderLine> lines;
  BucketCounts buckets;
};
Task<PricedLines> price_lines(App& app, std::vector<LineRequest> items, Currency currency, std::string pointer);

// [A-Za-z0-9._:-]{1,64}: what a guest may call themselves. No e-mail addresses: labels are kept readable.
bool is_client_label(std::string_view text);
// What a guest's token is known by: the token itself is a secret.
std::string client_of_guest(const App& app, std::string_view token);
// The client of a request: of staff and owner whom they name, of others themselves, who may not name anybody else; else
// the guest with that cart.
std::string client_of(const App& app, const Caller& caller, const std::optional<std::string>& label);

}  // namespace orderly::app
