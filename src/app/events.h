// What happened in the shop, for those who run it: the events of all objects in the order of their commits, or those of
// one object.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/api_key_events.h"
#include "app/catalog.h"
#include "domain/client.h"
#include "domain/order.h"

namespace orderly::app {

// What an order is made of, as it is placed or changed; the address is not shown, and is sealed in the event.
struct OrderTermsView {
  std::string client_id;
  std::vector<domain::OrderLine> items;
  std::int64_t subtotal = 0;
  std::int64_t shipping = 0;
  std::int64_t tax = 0;
  std::int64_t discount = 0;
  std::int64_t total = 0;
  std::vector<domain::PriceComponent> price;
  Time expires_at;
};
BOOST_DESCRIBE_STRUCT(OrderTermsView, (),
                      (client_id, items, subtotal, shipping, tax, discount, total, price, expires_at))

struct OrderChangeView {
  std::optional<domain::OrderStatus> from;
  domain::OrderStatus to = domain::OrderStatus::kPending;
  Currency currency;
  std::optional<OrderTermsView> content;
  std::optional<domain::PaymentAttempt> attempt;
  std::optional<domain::Refund> refund;
  std::string invoice;
  bool cancel_requested = false;
  std::string reason;
  std::vector<domain::StockMove> stock;
  std::vector<domain::Posting> postings;
};
BOOST_DESCRIBE_STRUCT(OrderChangeView, (),
                      (from, to, currency, content, attempt, refund, invoice, cancel_requested, reason, stock,
                       postings))
std::vector<json::Rule> json_rules(const OrderChangeView*);

// What the shop has agreed with a client; who they are is not shown, and is sealed in the event.
struct ClientTermsView {
  Currency currency;
  std::int64_t credit_limit = 0;
  domain::PaymentTerms terms = domain::PaymentTerms::kPrepaid;
};
BOOST_DESCRIBE_STRUCT(ClientTermsView, (), (currency, credit_limit, terms))

struct ClientChangeView {
  std::optional<domain::ClientStatus> from;
  domain::ClientStatus to = domain::ClientStatus::kActive;
  std::optional<ClientTermsView> content;
  std::string guest;
};
BOOST_DESCRIBE_STRUCT(ClientChangeView, (), (from, to, content, guest))
std::vector<json::Rule> json_rules(const ClientChangeView*);

struct ApiKeyChangeView {
  std::optional<ApiKeyContent> content;
  std::optional<Time> rotated_until;
};
BOOST_DESCRIBE_STRUCT(ApiKeyChangeView, (), (content, rotated_until))
std::vector<json::Rule> json_rules(const ApiKeyChangeView*);

// What every event says, and what happened under the name of its kind of object.
struct EventView {
  EventId id;
  std::string type;
  std::string object;
  std::int64_t version = 0;
  Time at;
  std::string actor;
  std::optional<std::string> source;
  std::optional<std::string> request;
  std::optional<OrderChangeView> order;
  std::optional<ClientChangeView> client;
  std::optional<ApiKeyChangeView> api_key;
  std::optional<std::string> previous;
  std::string hash;
};
BOOST_DESCRIBE_STRUCT(EventView, (),
                      (id, type, object, version, at, actor, source, request, order, client, api_key, previous, hash))
std::vector<json::Rule> json_rules(const EventView*);

struct EventList {
  std::vector<EventView> data;
  std::optional<std::string> next_cursor;
  std::string end_cursor;  // where the page ends: later it leads to what has happened since
};
BOOST_DESCRIBE_STRUCT(EventList, (), (data, next_cursor, end_cursor))
std::vector<json::Rule> json_rules(const EventList*);

struct EventFilter {
  std::optional<std::string> object;  // the events of that object, by its id, in the order of its versions
  std::optional<std::string> type;    // "order.placed"; or "order.": all that begin so
  std::optional<Time> from;           // at or after
  std::optional<Time> to;             // before
};

// How far a moment in the feed may be from where its time alone would put it: what two processes write at once, or what
// a relay found late. `from` and `to` look that much further.
inline constexpr Duration kFeedDisorder = std::chrono::minutes(1);
// How many events a request looks at where not all that are there are wanted.
inline constexpr std::size_t kEventsExaminedMax = 500;

// Oldest first. A page may be short, or empty, although there is more. Events of API keys are the owner's to see.
// Throws Error(kInvalidRequest) at "?object" for what is no id of an object with events.
Task<EventList> list_events(App& app, Caller caller, EventFilter filter, PageOf page);

}  // namespace orderly::app
