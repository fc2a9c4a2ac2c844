#include "engines/aws/dynamo_table.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <map>
#include <utility>

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "engines/aws/item.h"
#include "ports/commit_limits.h"

namespace orderly::aws {
namespace {

constexpr std::size_t kBatchKeysMax = 100;    // BatchGetItem
constexpr int kRoundsWithoutProgressMax = 8;  // a batch of which DynamoDB leaves everything undone

// DynamoDB refuses a request that names a key of another form.
bool can_exist(const ports::Key& key) {
  return ports::is_key_part(key.partition, limits::kPartitionKeyBytesMax) &&
         ports::is_key_part(key.sort, limits::kSortKeyBytesMax) && is_valid_utf8(key.partition) &&
         is_valid_utf8(key.sort);
}

// The object at `name`; null when there is none.
boost::json::object* member(boost::json::object& object, std::string_view name) {
  boost::json::value* value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_object();
}

void take_items(boost::json::object& holder, std::string_view name, std::vector<Item>& items) {
  boost::json::value* list = holder.if_contains(name);
  if (list == nullptr || !list->is_array()) return;
  for (boost::json::value& item : list->get_array()) {
    if (item.is_object()) items.push_back(std::move(item.get_object()));
  }
}

// The keys that DynamoDB left undone.
boost::json::array take_unprocessed(boost::json::object& answer, const std::string& table) {
  boost::json::object* tables = member(answer, "UnprocessedKeys");
  boost::json::object* of_table = tables == nullptr ? nullptr : member(*tables, table);
  boost::json::value* keys = of_table == nullptr ? nullptr : of_table->if_contains("Keys");
  return keys != nullptr && keys->is_array() ? std::move(keys->get_array()) : boost::json::array{};
}

}  // namespace

void throw_unless_ok(const Answer& answer, std::string_view action) {
  if (answer.ok()) return;
  const std::string detail = std::string(action) + ": " + answer.error;
  const auto fail = [&detail](ErrorCode code, std::string slug, std::string message) {
    throw Error(code, std::move(slug), std::move(message), detail);
  };
  if (answer.is_throttled()) {
    fail(ErrorCode::kUnavailable, "throttled", "The store has too much to do; try again.");
  }
  if (answer.is_server_fault()) fail(ErrorCode::kUnavailable, "store-unavailable", "The store cannot be reached.");
  const bool is_ours = answer.error == "ValidationException" || answer.error == "SerializationException";
  fail(is_ours ? ErrorCode::kInternal : ErrorCode::kUnavailable, "store-refused", "The store refused the request.");
}

Task<boost::json::object> DynamoTable::call(std::string action, boost::json::object input) const {
  Answer answer = co_await service_.call(kDynamoTarget, kDynamoVersion, action, std::move(input), Repeat::kSafe);
  throw_unless_ok(answer, action);
  co_return std::move(answer.body);
}

Task<std::optional<Item>> DynamoTable::get(ports::Key key) const {
  if (!can_exist(key)) co_return std::nullopt;
  boost::json::object input{{"TableName", name_}, {"Key", to_key_item(key)}, {"ConsistentRead", true}};
  boost::json::object answer = co_await call("GetItem", std::move(input));
  boost::json::object* item = member(answer, "Item");
  if (item == nullptr || item->empty()) co_return std::nullopt;
  co_return std::move(*item);
}

Task<std::vector<Item>> DynamoTable::get_batch(boost::json::array keys) const {
  std::vector<Item> items;
  for (int round = 1; !keys.empty(); ++round) {
    const std::size_t asked = keys.size();
    boost::json::object of_table{{"Keys", std::move(keys)}, {"ConsistentRead", true}};
    boost::json::object input{{"RequestItems", boost::json::object{{name_, std::move(of_table)}}}};
    boost::json::object answer = co_await call("BatchGetItem", std::move(input));
    if (boost::json::object* tables = member(answer, "Responses")) take_items(*tables, name_, items);
    keys = take_unprocessed(answer, name_);
    if (keys.empty()) break;
    if (keys.size() < asked) round = 1;
    if (round > kRoundsWithoutProgressMax) {
      throw Error(ErrorCode::kUnavailable, "throttled", "The store has too much to do; try again.", "BatchGetItem");
    }
    co_await back_off(service_.context(), round);
  }
  co_return items;
}

Task<std::vector<std::optional<Item>>> DynamoTable::get_many(std::vector<ports::Key> keys) const {
  std::vector<ports::Key> wanted;
  std::ranges::copy_if(keys, std::back_inserter(wanted), can_exist);
  std::ranges::sort(wanted);
  wanted.erase(std::ranges::unique(wanted).begin(), wanted.end());

  std::map<ports::Key, Item> found;
  for (std::size_t start = 0; start < wanted.size(); start += kBatchKeysMax) {
    boost::json::array batch;
    for (std::size_t i = start; i < std::min(wanted.size(), start + kBatchKeysMax); ++i) {
      batch.push_back(to_key_item(wanted[i]));
    }
    for (Item& item : co_await get_batch(std::move(batch))) {
      ports::Key key = key_of(item);
      found.emplace(std::move(key), std::move(item));
    }
  }
  std::vector<std::optional<Item>> items(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (const auto item = found.find(keys[i]); item != found.end()) items[i] = item->second;
  }
  co_return items;
}

Task<DynamoTable::Rows> DynamoTable::rows(std::string action, boost::json::object input) const {
  input.emplace("TableName", name_);
  boost::json::object answer = co_await call(std::move(action), std::move(input));
  Rows rows;
  take_items(answer, "Items", rows.items);
  if (boost::json::object* last_key = member(answer, "LastEvaluatedKey")) rows.last_key = std::move(*last_key);
  co_return rows;
}

}  // namespace orderly::aws
