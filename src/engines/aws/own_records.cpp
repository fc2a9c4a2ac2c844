#include "engines/aws/own_records.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "engines/aws/item.h"
#include "engines/aws/message_item.h"

namespace orderly::aws {
namespace {

namespace json = boost::json;

constexpr std::size_t kWritesAtOnceMax = 25;  // BatchWriteItem
constexpr int kRoundsMax = 10;                // of what a batch left undone

void set_unless_empty(json::object& input, std::string_view name, json::object value) {
  if (!value.empty()) input[name] = std::move(value);
}

std::string key_condition(const ItemQuery& query) {
  std::string condition = "#p = :p";
  if (!query.from.empty()) return condition + " AND #s >= :from";
  if (!query.before.empty()) return condition + " AND #s < :before";
  return condition;
}

json::object to_input(ItemQuery query) {
  const bool has_range = !query.from.empty() || !query.before.empty();
  json::object input{{"KeyConditionExpression", key_condition(query)},
                     {"ScanIndexForward", query.direction == ports::Direction::kForward}};
  query.names["#p"] = query.partition_name;
  if (has_range) query.names["#s"] = layout::kSort;
  query.values[":p"] = text_attribute(query.partition);
  if (!query.from.empty()) query.values[":from"] = text_attribute(query.from);
  if (!query.before.empty()) query.values[":before"] = text_attribute(query.before);
  input["ExpressionAttributeNames"] = std::move(query.names);
  input["ExpressionAttributeValues"] = std::move(query.values);
  if (!query.index.empty()) input["IndexName"] = query.index;
  if (query.limit > 0) input["Limit"] = query.limit;
  if (query.is_consistent) input["ConsistentRead"] = true;
  if (!query.filter.empty()) input["FilterExpression"] = query.filter;
  if (query.only_count) input["Select"] = "COUNT";
  set_unless_empty(input, "ExclusiveStartKey", std::move(query.start));
  return input;
}

// The part of a batch's answer that stands under the table's name; empty when there is none.
json::value* of_table(json::object& body, std::string_view name, std::string_view table) {
  json::value* by_table = body.if_contains(name);
  return by_table == nullptr || !by_table->is_object() ? nullptr : by_table->get_object().if_contains(table);
}

}  // namespace

void throw_refused(std::string_view slug, std::string_view action, const Answer& answer) {
  throw Error(ErrorCode::kUnavailable, std::string(slug), "A service of the shop does not answer as it should.",
              std::string(action) + ": " + answer.error + " " + answer.message);
}

ItemCondition absent() { return {"attribute_not_exists(#pk)", {{"#pk", layout::kPartition}}, {}}; }

Task<Answer> OwnRecords::call(std::string_view action, json::object input) {
  Answer answer =
      co_await table_.service().call(kDynamoTarget, kDynamoVersion, action, std::move(input), Repeat::kSafe);
  if (answer.error != "ConditionalCheckFailedException") throw_unless_ok(answer, action);
  co_return answer;
}

Task<std::optional<Item>> OwnRecords::get(ports::Key key) { return table_.get(std::move(key)); }

Task<std::vector<Item>> OwnRecords::get_many(std::vector<ports::Key> keys) {
  std::vector<Item> items;
  for (std::optional<Item>& item : co_await table_.get_many(std::move(keys))) {
    if (item) items.push_back(*std::move(item));
  }
  co_return items;
}

Task<ItemPage> OwnRecords::query(ItemQuery query) {
  json::object input = to_input(std::move(query));
  input["TableName"] = table_.name();
  Answer answer = co_await call("Query", std::move(input));
  ItemPage page;
  if (json::value* count = answer.body.if_contains("Count")) page.count = count->to_number<std::uint64_t>();
  if (json::value* items = answer.body.if_contains("Items")) {
    for (json::value& item : items->as_array()) page.items.push_back(std::move(item.as_object()));
  }
  if (json::value* next = answer.body.if_contains("LastEvaluatedKey")) page.next = std::move(next->as_object());
  co_return page;
}

Task<bool> OwnRecords::put(Item item, ItemCondition condition) {
  json::object input{{"Item", std::move(item)}};
  co_return co_await write_if("PutItem", std::move(input), std::move(condition));
}

Task<bool> OwnRecords::remove(ports::Key key, ItemCondition condition) {
  json::object input{{"Key", to_key_item(key)}};
  co_return co_await write_if("DeleteItem", std::move(input), std::move(condition));
}

Task<bool> OwnRecords::write_if(std::string_view action, json::object input, ItemCondition condition) {
  input["TableName"] = table_.name();
  if (!condition.expression.empty()) input["ConditionExpression"] = condition.expression;
  set_unless_empty(input, "ExpressionAttributeNames", std::move(condition.names));
  set_unless_empty(input, "ExpressionAttributeValues", std::move(condition.values));
  const Answer answer = co_await call(action, std::move(input));
  co_return answer.ok();
}

Task<void> OwnRecords::put_all(std::vector<Item> items) {
  json::array requests;
  for (Item& item : items) {
    requests.push_back(json::object{{"PutRequest", json::object{{"Item", std::move(item)}}}});
  }
  co_await write_all(std::move(requests));
}

Task<void> OwnRecords::remove_all(std::vector<ports::Key> keys) {
  json::array requests;
  for (const ports::Key& key : keys) {
    requests.push_back(json::object{{"DeleteRequest", json::object{{"Key", to_key_item(key)}}}});
  }
  co_await write_all(std::move(requests));
}

Task<void> OwnRecords::write_all(json::array requests) {
  for (int round = 1; !requests.empty(); ++round) {
    const std::size_t now = std::min(requests.size(), kWritesAtOnceMax);
    json::array asked(requests.begin(), requests.begin() + now);
    requests.erase(requests.begin(), requests.begin() + now);
    json::object request{{table_.name(), std::move(asked)}};
    json::object input{{"RequestItems", std::move(request)}};
    Answer answer = co_await call("BatchWriteItem", std::move(input));
    json::value* again = of_table(answer.body, "UnprocessedItems", table_.name());
    if (again == nullptr) {
      round = 0;
      continue;
    }
    for (json::value& undone : again->as_array()) requests.push_back(std::move(undone));
    if (round == kRoundsMax) throw_refused("store-unavailable", "BatchWriteItem", answer);
    co_await back_off(table_.service().context(), round);
  }
}

}  // namespace orderly::aws
