#include "api/query.h"

#include <algorithm>
#include <charconv>

#include "api/router.h"
#include "base/limits.h"
#include "base/text.h"

namespace orderly::json {

std::optional<api::TimeOrDay> JsonText<api::TimeOrDay>::parse(std::string_view text) {
  const auto time = parse_time(text);
  if (!time) return std::nullopt;
  return api::TimeOrDay{*time, text.size() == std::string_view("2026-11-20").size()};
}

std::vector<std::string_view> JsonText<api::TransactionStatus>::values() {
  std::vector<std::string_view> values;
  for (const auto& [status, name] : enum_names(domain::PaymentStatus{})) values.push_back(name);
  for (const auto& [status, name] : enum_names(domain::RefundStatus{})) values.push_back(name);
  return values;
}

std::optional<api::TransactionStatus> JsonText<api::TransactionStatus>::parse(std::string_view text) {
  if (!parse_enum<domain::PaymentStatus>(text) && !parse_enum<domain::RefundStatus>(text)) return std::nullopt;
  return api::TransactionStatus{std::string(text)};
}

}  // namespace orderly::json

namespace orderly::api {

namespace {

using json::Field;
using json::Kind;

static_assert(limits::kPageRowsDefault == 20);
json::Rule limit_rule() {
  return json::field("limit").range(1, limits::kPageRowsMax).says("How many at most; 20 when absent.");
}
json::Rule cursor_rule() {
  return json::field("cursor").says(
      "`next_cursor` of the page before. It holds for the same list only: route, filters and caller.");
}
json::Rule from_rule() {
  return json::field("from").says("At or after this moment, or the beginning of this day in UTC.");
}
json::Rule to_rule() { return json::field("to").says("Before this moment, or up to the end of this day in UTC."); }

std::string between(const json::Rule& rule) {
  return "must be between " + std::to_string(rule.minimum) + " and " + std::to_string(rule.maximum);
}

// What is wrong with it; empty: it was taken.
std::string assign(const Field& field, void* object, const std::string& text) {
  void* value = field.at(object);
  const json::Type* type = field.type;
  if (type->kind == Kind::kNullable) {
    value = type->engage(value);
    type = type->element;
  }
  if (type->kind == Kind::kInteger) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool is_number = error == std::errc{} && end == text.data() + text.size();
    if (!is_number || number < field.rule.minimum || number > field.rule.maximum) return between(field.rule);
    *static_cast<std::int64_t*>(value) = number;
    return {};
  }
  if (type->kind == Kind::kText) {
    return type->assign_text(value, text) ? "" : "must be " + std::string(type->expectation);
  }
  ORDERLY_ASSERT(type->kind == Kind::kString);
  if (has_control_characters(text)) return "must not hold control characters";
  const std::size_t length = utf8_length(text);
  if (length < field.rule.length_min)
    return "must have at least " + std::to_string(field.rule.length_min) + " characters";
  if (length > field.rule.length_max)
    return "must have at most " + std::to_string(field.rule.length_max) + " characters";
  static_cast<std::string*>(value)->assign(text);
  return {};
}

const Field* find_field(const json::Type& type, std::string_view name) {
  for (const Field& field : type.fields) {
    if (field.rule.name == name || std::ranges::find(field.rule.aliases, name) != field.rule.aliases.end()) {
      return &field;
    }
  }
  return nullptr;
}

}  // namespace

Time TimeOrDay::end() const { return is_day ? begin + std::chrono::hours(24) : begin; }

std::vector<json::Rule> json_rules(const PageQuery*) { return {limit_rule(), cursor_rule()}; }

std::vector<json::Rule> json_rules(const OrdersQuery*) {
  return {json::field("status").says("Of this status."),
          json::field("client_id")
              .alias("user_id")
              .alias("userId")
              .says("Of this client. Clients and guests see their own orders only, whatever they ask for."),
          from_rule(),
          to_rule(),
          limit_rule(),
          cursor_rule()};
}

std::vector<json::Rule> json_rules(const TransactionsQuery*) {
  return {json::field("order_id").says("Of this order."),
          json::field("client_id").says("Of this client."),
          json::field("status").says("Of this status: the first five are payments', the others refunds'."),
          from_rule(),
          to_rule(),
          limit_rule(),
          cursor_rule()};
}

std::vector<json::Rule> json_rules(const ClientsQuery*) {
  return {json::field("email").says("With this e-mail address."),
          json::field("name").text(1, limits::kTextMax).says("With words in their name that begin so, in any order."),
          limit_rule(), cursor_rule()};
}

std::vector<json::Rule> json_rules(const EventsQuery*) {
  return {json::field("object").says("Of the object with this id."),
          json::field("type").says("Of this type; with a dot at its end (`order.`), of all types that begin so."),
          from_rule(),
          to_rule(),
          limit_rule(),
          cursor_rule()};
}

std::vector<json::Rule> json_rules(const MomentQuery*) {
  return {json::field("at").says("As it was at this moment; now when absent.")};
}

std::vector<json::Rule> json_rules(const WaitQuery*) {
  return {json::field("wait")
              .range(0, limits::kWaitMax.count())
              .says("Seconds to wait for a change; without one the answer comes at once.")};
}

void read_query(std::string_view query, const json::Type& type, void* value) {
  std::vector<Problem> problems;
  std::vector<const Field*> seen;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto name = percent_decode(pair.substr(0, equals), true);
    const auto text = percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!name || !text) throw_invalid("", "The query is not properly percent-encoded UTF-8.");
    const Field* field = find_field(type, *name);
    std::string problem;
    if (field == nullptr) {
      problem = "is not a known parameter";
    } else if (std::ranges::find(seen, field) != seen.end()) {
      problem = "is given twice";
    } else {
      seen.push_back(field);
      problem = assign(*field, value, *text);
    }
    if (!problem.empty()) problems.push_back({"?" + *name, std::move(problem)});
  }
  if (!problems.empty()) throw Error(std::move(problems));
}

}  // namespace orderly::api
