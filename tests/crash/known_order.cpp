#include "tests/crash/known_order.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

namespace orderly::crash {

namespace json = boost::json;

namespace {

KnownTransaction transaction_of(const json::object& shown) {
  return {text_of(shown, "type"), text_of(shown, "status"), text_of(shown, "method"), number_of(shown, "amount")};
}

bool may_follow(const KnownTransaction& before, const KnownTransaction& after) {
  const bool is_same = before.type == after.type && before.method == after.method && before.amount == after.amount;
  return is_same && (!before.is_settled() || before.status == after.status);
}

}  // namespace

bool KnownTransaction::is_settled() const {
  return status == "confirmed" || status == "declined" || status == "done" || status == "failed";
}

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::int64_t number_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

Lines lines_of(const json::object& order) {
  Lines lines;
  for (const json::value& item : order.at("items").as_array()) {
    lines[text_of(item.as_object(), "product_id")] += number_of(item.as_object(), "quantity");
  }
  return lines;
}

std::vector<std::string> KnownOrder::note(const json::object& order) {
  std::vector<std::string> wrong;
  const std::int64_t shown_version = number_of(order, "version");
  if (shown_version < version) wrong.push_back(fmt::format("went back from version {} to {}", version, shown_version));
  if (text_of(order, "client_id") != client_id) wrong.emplace_back("has become another client's");
  if (lines_of(order) != lines) wrong.emplace_back("has other lines than were ordered");
  if (number_of(order, "total") != total) wrong.emplace_back("has another total than before");
  std::size_t met = 0;
  for (const json::value& each : order.at("transactions").as_array()) {
    const KnownTransaction shown = transaction_of(each.as_object());
    const std::string transaction_id = text_of(each.as_object(), "id");
    const auto [known, is_new] = transactions.try_emplace(transaction_id, shown);
    if (is_new) continue;
    ++met;
    if (!may_follow(known->second, shown)) {
      wrong.push_back(fmt::format("its {} {} went from {} {} to {} {}", shown.type, transaction_id,
                                  known->second.status, known->second.amount, shown.status, shown.amount));
    }
    known->second = shown;
  }
  if (order.at("transactions").as_array().size() != transactions.size()) {
    wrong.push_back(fmt::format("shows {} of the {} transactions that it had", met, transactions.size()));
  }
  version = shown_version;
  status = text_of(order, "status");
  return wrong;
}

}  // namespace orderly::crash
