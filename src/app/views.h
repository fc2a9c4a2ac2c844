// What callers see: the bodies of answers. One spelling, stable names; see design notes in docs/architecture.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/answers.h"
#include "app/app.h"
#include "base/json.h"
#include "domain/cart.h"
#include "domain/invoice.h"
#include "domain/order.h"
#include "domain/product.h"

namespace orderly::app {

struct Address {
  std::string name;
  std::string line1;
  std::optional<std::string> line2;
  std::string city;
  std::optional<std::string> region;
  std::string postal_code;
  std::string country;  // ISO 3166-1 alpha-2

  friend bool operator==(const Address&, const Address&) = default;
};
BOOST_DESCRIBE_STRUCT(Address, (), (name, line1, line2, city, region, postal_code, country))
std::vector<json::Rule> json_rules(const Address*);

struct ProductView {
  std::string id;
  std::string sku;
  std::string name;
  std::string description;
  std::string category;
  std::int64_t price = 0;
  Currency currency;
  std::string image;
  std::int64_t available = 0;
  std::int64_t version = 0;
  Time updated_at;
  std::optional<std::int64_t> stock_buckets{};  // left out when there is one
};
BOOST_DESCRIBE_STRUCT(ProductView, (),
                      (id, sku, name, description, category, price, currency, image, available, version, updated_at,
                       stock_buckets))
std::vector<json::Rule> json_rules(const ProductView*);

// A payment attempt or a refund, as the API shows both.
struct TransactionView {
  TransactionId id;
  OrderId order_id;
  std::string client_id;
  std::string type;  // payment, refund
  std::string status;
  std::string method;  // of a refund: that of its payment
  std::int64_t amount = 0;
  Currency currency;
  std::string reference;  // the provider's id
  std::string reason;
  std::optional<std::string> credit_note;
  Time created_at;
  Time updated_at;
};
BOOST_DESCRIBE_STRUCT(TransactionView, (),
                      (id, order_id, client_id, type, status, method, amount, currency, reference, reason, credit_note,
                       created_at, updated_at))
std::vector<json::Rule> json_rules(const TransactionView*);

struct OrderView {
  OrderId id;
  std::string client_id;
  domain::OrderStatus status = domain::OrderStatus::kPending;
  std::optional<domain::PaymentStatus> payment_status;
  Currency currency;
  std::vector<domain::OrderLine> items;
  std::int64_t subtotal = 0;
  std::int64_t shipping = 0;
  std::int64_t tax = 0;
  std::int64_t discount = 0;
  std::int64_t total = 0;
  std::vector<domain::PriceComponent> price;
  std::optional<Address> shipping_address;
  std::int64_t version = 0;
  Time created_at;
  Time updated_at;
  std::optional<Time> expires_at;  // while unpaid
  bool cancel_requested = false;
  std::optional<std::string> cancel_reason;
  std::vector<TransactionView> transactions;
  std::optional<std::string> invoice;
};
BOOST_DESCRIBE_STRUCT(OrderView, (),
                      (id, client_id, status, payment_status, currency, items, subtotal, shipping, tax, discount, total,
                       price, shipping_address, version, created_at, updated_at, expires_at, cancel_requested,
                       cancel_reason, transactions, invoice))
std::vector<json::Rule> json_rules(const OrderView*);

struct OrderProgressView {
  OrderId order_id;
  domain::OrderStatus status = domain::OrderStatus::kPending;
  std::optional<domain::PaymentStatus> payment_status;
  Time updated_at;
};
BOOST_DESCRIBE_STRUCT(OrderProgressView, (), (order_id, status, payment_status, updated_at))
std::vector<json::Rule> json_rules(const OrderProgressView*);

struct CartLineView {
  std::string product_id;
  std::string sku;
  std::string name;
  std::int64_t quantity = 0;
  std::int64_t unit_price = 0;
  std::int64_t amount = 0;
};
BOOST_DESCRIBE_STRUCT(CartLineView, (), (product_id, sku, name, quantity, unit_price, amount))

struct CartView {
  std::vector<CartLineView> items;
  Currency currency;
  std::int64_t subtotal = 0;
  std::int64_t shipping = 0;
  std::int64_t tax = 0;
  std::int64_t discount = 0;
  std::int64_t total = 0;
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(CartView, (), (items, currency, subtotal, shipping, tax, discount, total, version))
std::vector<json::Rule> json_rules(const CartView*);

struct InvoiceView {
  std::string number;
  domain::InvoiceKind kind = domain::InvoiceKind::kInvoice;
  OrderId order_id;
  std::string client_id;
  std::optional<std::string> corrects;
  Currency currency;
  domain::Party seller;
  domain::Party client;
  std::vector<domain::OrderLine> items;
  std::int64_t subtotal = 0;
  std::int64_t shipping = 0;
  std::int64_t tax = 0;
  std::int64_t discount = 0;
  std::int64_t total = 0;
  Time issued_at;
  std::string hash;
  std::string pdf;  // where to get it
};
BOOST_DESCRIBE_STRUCT(InvoiceView, (),
                      (number, kind, order_id, client_id, corrects, currency, seller, client, items, subtotal, shipping,
                       tax, discount, total, issued_at, hash, pdf))
std::vector<json::Rule> json_rules(const InvoiceView*);

// {"data": […], "next_cursor": "…" | null}. The cursor is the use case's own; api wraps it.
template <class View>
struct List {
  std::vector<View> data;
  std::optional<std::string> next_cursor;

  BOOST_DESCRIBE_CLASS(List, (), (data, next_cursor), (), ())
};

// Loads what an order's view needs beside the order (the address is sealed).
Task<OrderView> view_of(App& app, domain::Order order);
// The same, when the address is in hand.
OrderView view_of(domain::Order order, std::optional<Address> address);
std::vector<TransactionView> transactions_of(const domain::Order& order);
OrderProgressView status_of(const domain::Order& order);
InvoiceView view_of(domain::Invoice invoice);

template <class View>
Answer answer(std::int64_t status, const View& view) {
  return {status, json::write(view), false};
}

}  // namespace orderly::app
