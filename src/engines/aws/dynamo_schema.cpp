#include "engines/aws/dynamo_schema.h"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <optional>
#include <set>
#include <utility>

#include "base/error.h"
#include "engines/aws/dynamo_table.h"
#include "engines/aws/layout.h"

namespace orderly::aws {
namespace {

namespace json = boost::json;
using ports::Index;

constexpr Duration kLookAgain{250};
constexpr std::chrono::minutes kReadyTimeMax{10};

struct IndexKeys {
  std::string name;
  std::string partition;
  std::string sort;
};

std::vector<IndexKeys> all_indexes() {
  std::vector<IndexKeys> indexes;
  for (const Index index : {Index::kByClient, Index::kByStatus, Index::kByDay, Index::kByCategory, Index::kByKind}) {
    indexes.push_back(
        {layout::index_name(index), layout::index_partition_name(index), std::string(layout::kIndexSort)});
  }
  indexes.push_back(
      {std::string(layout::kFeedIndex), std::string(layout::kFeedPartition), std::string(layout::kFeedSort)});
  return indexes;
}

json::array key_schema(std::string_view partition, std::string_view sort) {
  return {json::object{{"AttributeName", partition}, {"KeyType", "HASH"}},
          json::object{{"AttributeName", sort}, {"KeyType", "RANGE"}}};
}

json::object text_definition(std::string_view name) { return {{"AttributeName", name}, {"AttributeType", "S"}}; }

json::object index_definition(const IndexKeys& index) {
  return {{"IndexName", index.name},
          {"KeySchema", key_schema(index.partition, index.sort)},
          {"Projection", json::object{{"ProjectionType", "KEYS_ONLY"}}}};
}

// --- Descriptions
// -----------------------------------------------------------------------------------------------------

std::string text_at(const json::object& object, std::string_view name) {
  const json::value* text = object.if_contains(name);
  return text != nullptr && text->is_string() ? std::string(text->get_string()) : std::string();
}

const json::object* object_at(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_object();
}

// Whether the description's keys are these, in this order.
bool has_keys(const json::object& description, std::string_view partition, std::string_view sort) {
  const json::value* keys = description.if_contains("KeySchema");
  if (keys == nullptr || !keys->is_array() || keys->get_array().size() != 2) return false;
  const json::array& pair = keys->get_array();
  return pair[0].is_object() && pair[1].is_object() && text_at(pair[0].get_object(), "AttributeName") == partition &&
         text_at(pair[1].get_object(), "AttributeName") == sort;
}

const json::object* find_index(const json::object& description, std::string_view name) {
  const json::value* indexes = description.if_contains("GlobalSecondaryIndexes");
  if (indexes == nullptr || !indexes->is_array()) return nullptr;
  for (const json::value& index : indexes->get_array()) {
    if (index.is_object() && text_at(index.get_object(), "IndexName") == name) return &index.get_object();
  }
  return nullptr;
}

bool is_active(const json::object& description) {
  return text_at(description, "TableStatus") == "ACTIVE" && std::ranges::all_of(all_indexes(), [&](const auto& index) {
           const json::object* found = find_index(description, index.name);
           return found == nullptr || text_at(*found, "IndexStatus") == "ACTIVE";
         });
}

bool has_stream(const json::object& description) {
  const json::object* stream = object_at(description, "StreamSpecification");
  if (stream == nullptr) return false;
  const json::value* enabled = stream->if_contains("StreamEnabled");
  const std::string view = text_at(*stream, "StreamViewType");
  return enabled != nullptr && enabled->is_bool() && enabled->get_bool() &&
         (view == "NEW_IMAGE" || view == "NEW_AND_OLD_IMAGES");
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

// --- Calls
// ------------------------------------------------------------------------------------------------------------

Task<Answer> call(Service& dynamodb, std::string action, json::object input) {
  return dynamodb.call(kDynamoTarget, kDynamoVersion, action, std::move(input), Repeat::kSafe);
}

// Nothing when there is no such table.
Task<std::optional<json::object>> describe(Service& dynamodb, std::string table) {
  Answer answer = co_await call(dynamodb, "DescribeTable", {{"TableName", table}});
  if (answer.error == "ResourceNotFoundException") co_return std::nullopt;
  throw_unless_ok(answer, "DescribeTable");
  const json::object* description = object_at(answer.body, "Table");
  if (description == nullptr) {
    throw Error(ErrorCode::kUnavailable, "store-unavailable", "The store cannot be reached.", "no description");
  }
  co_return *description;
}

Task<bool> do_rows_expire(Service& dynamodb, std::string table) {
  const Answer answer = co_await call(dynamodb, "DescribeTimeToLive", {{"TableName", table}});
  throw_unless_ok(answer, "DescribeTimeToLive");
  const json::object* description = object_at(answer.body, "TimeToLiveDescription");
  if (description == nullptr) co_return false;
  const std::string status = text_at(*description, "TimeToLiveStatus");
  co_return (status == "ENABLED" || status == "ENABLING") &&
      text_at(*description, "AttributeName") == layout::kTimeToLive;
}

Task<void> let_rows_expire(Service& dynamodb, std::string table) {
  if (co_await do_rows_expire(dynamodb, table)) co_return;
  json::object specification{{"AttributeName", layout::kTimeToLive}, {"Enabled", true}};
  json::object input{{"TableName", table}, {"TimeToLiveSpecification", std::move(specification)}};
  const Answer answer = co_await call(dynamodb, "UpdateTimeToLive", std::move(input));
  if (!answer.ok() && !co_await do_rows_expire(dynamodb, table)) throw_unless_ok(answer, "UpdateTimeToLive");
}

Task<void> wait_until_active(Service& dynamodb, std::string table) {
  ports::Clock& clock = dynamodb.context().clock;
  const Time latest = clock.now() + kReadyTimeMax;
  while (true) {
    const std::optional<json::object> description = co_await describe(dynamodb, table);
    if (description && is_active(*description)) co_return;
    if (clock.now() >= latest) {
      throw Error(ErrorCode::kUnavailable, "table-missing", "The table does not become ready.", table);
    }
    co_await clock.sleep(kLookAgain);
  }
}

}  // namespace

json::object table_definition(std::string_view table) {
  std::set<std::string, std::less<>> names{std::string(layout::kPartition), std::string(layout::kSort)};
  json::array indexes;
  for (const IndexKeys& index : all_indexes()) {
    names.insert({index.partition, index.sort});
    indexes.push_back(index_definition(index));
  }
  json::array attributes;
  for (const std::string& name : names) attributes.push_back(text_definition(name));
  return {{"TableName", table},
          {"BillingMode", "PAY_PER_REQUEST"},
          {"DeletionProtectionEnabled", false},
          {"KeySchema", key_schema(layout::kPartition, layout::kSort)},
          {"AttributeDefinitions", std::move(attributes)},
          {"GlobalSecondaryIndexes", std::move(indexes)},
          {"StreamSpecification", json::object{{"StreamEnabled", true}, {"StreamViewType", "NEW_IMAGE"}}}};
}

std::vector<std::string> what_is_missing(const json::object& description) {
  std::vector<std::string> missing;
  if (!has_keys(description, layout::kPartition, layout::kSort)) missing.emplace_back("keys pk and sk");
  for (const IndexKeys& index : all_indexes()) {
    const json::object* found = find_index(description, index.name);
    if (found == nullptr || !has_keys(*found, index.partition, index.sort)) missing.push_back("index " + index.name);
  }
  if (!has_stream(description)) missing.emplace_back("a stream of new images");
  if (missing.empty() && !is_active(description)) missing.emplace_back("ready tables and indexes");
  return missing;
}

Task<void> create_table(Service& dynamodb, std::string table) {
  if (!co_await describe(dynamodb, table)) {
    const Answer answer = co_await call(dynamodb, "CreateTable", table_definition(table));
    if (answer.error != "ResourceInUseException") throw_unless_ok(answer, "CreateTable");  // another was faster
  }
  co_await wait_until_active(dynamodb, table);
  co_await let_rows_expire(dynamodb, table);
}

Task<void> verify_table(Service& dynamodb, std::string table) {
  const std::optional<json::object> description = co_await describe(dynamodb, table);
  if (!description) throw Error(ErrorCode::kUnavailable, "table-missing", "The table is not there.", table);
  std::vector<std::string> missing = what_is_missing(*description);
  if (!co_await do_rows_expire(dynamodb, table)) missing.emplace_back("expiry by ttl");
  if (missing.empty()) co_return;
  throw Error(ErrorCode::kUnavailable, "table-unfit", "The table lacks what the shop needs.",
              table + ": " + joined(missing));
}

}  // namespace orderly::aws
