// The queries of routes, described as bodies are, and their one reader.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_type.h"
#include "base/time.h"
#include "domain/client.h"
#include "domain/order.h"

namespace orderly::api {

// A moment, or a whole day in UTC.
struct TimeOrDay {
  Time begin;
  bool is_day = false;

  Time end() const;  // after which the day is over; of a moment, itself
};

// What the list of payments and refunds knows of either.
struct TransactionStatus {
  std::string text;
};

}  // namespace orderly::api

namespace orderly::json {

template <>
struct JsonText<api::TimeOrDay> {
  static constexpr std::string_view kExpectation = "an RFC 3339 date, or date and time";
  static constexpr std::array<std::string_view, 2> kFormats{"date-time", "date"};
  static std::optional<api::TimeOrDay> parse(std::string_view text);
  static void append(const api::TimeOrDay& time, std::string& out) { out += format_time(time.begin); }
};

template <>
struct JsonText<api::TransactionStatus> {
  static constexpr std::string_view kExpectation = "a status of a payment or a refund";
  static std::vector<std::string_view> values();
  static std::optional<api::TransactionStatus> parse(std::string_view text);
  static void append(const api::TransactionStatus& status, std::string& out) { out += status.text; }
};

}  // namespace orderly::json

namespace orderly::api {

struct PageQuery {
  std::optional<std::int64_t> limit;
  std::optional<std::string> cursor;
};
BOOST_DESCRIBE_STRUCT(PageQuery, (), (limit, cursor))
std::vector<json::Rule> json_rules(const PageQuery*);

struct OrdersQuery {
  std::optional<domain::OrderStatus> status;
  std::optional<std::string> client_id;
  std::optional<TimeOrDay> from;
  std::optional<TimeOrDay> to;
  std::optional<std::int64_t> limit;
  std::optional<std::string> cursor;
};
BOOST_DESCRIBE_STRUCT(OrdersQuery, (), (status, client_id, from, to, limit, cursor))
std::vector<json::Rule> json_rules(const OrdersQuery*);

struct TransactionsQuery {
  std::optional<std::string> order_id;
  std::optional<std::string> client_id;
  std::optional<TransactionStatus> status;
  std::optional<TimeOrDay> from;
  std::optional<TimeOrDay> to;
  std::optional<std::int64_t> limit;
  std::optional<std::string> cursor;
};
BOOST_DESCRIBE_STRUCT(TransactionsQuery, (), (order_id, client_id, status, from, to, limit, cursor))
std::vector<json::Rule> json_rules(const TransactionsQuery*);

struct ClientsQuery {
  std::optional<domain::EmailAddress> email;
  std::optional<std::string> name;
  std::optional<std::int64_t> limit;
  std::optional<std::string> cursor;
};
BOOST_DESCRIBE_STRUCT(ClientsQuery, (), (email, name, limit, cursor))
std::vector<json::Rule> json_rules(const ClientsQuery*);
struct EventsQuery {
  std::optional<std::string> object;
  std::optional<std::string> type;
  std::optional<TimeOrDay> from;
  std::optional<TimeOrDay> to;
  std::optional<std::int64_t> limit;
  std::optional<std::string> cursor;
};
BOOST_DESCRIBE_STRUCT(EventsQuery, (), (object, type, from, to, limit, cursor))
std::vector<json::Rule> json_rules(const EventsQuery*);

struct MomentQuery {
  std::optional<Time> at;
};
BOOST_DESCRIBE_STRUCT(MomentQuery, (), (at))
std::vector<json::Rule> json_rules(const MomentQuery*);

struct WaitQuery {
  std::optional<std::int64_t> wait;  // seconds
};
BOOST_DESCRIBE_STRUCT(WaitQuery, (), (wait))
std::vector<json::Rule> json_rules(const WaitQuery*);

// Fills `value`, of the described type: text, numbers and what JsonText can read. `query` is what follows the '?',
// still percent-encoded: "a=1&b=%20" → {a: 1, b: " "}. Throws Error(kInvalidRequest) with all problems ("?limit"):
// malformed encodings, names that are not described or given twice, in whatever spelling, values that do not fit.
void read_query(std::string_view query, const json::Type& type, void* value);

}  // namespace orderly::api
