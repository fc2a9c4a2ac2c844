#include "engines/aws/test_cloud.h"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>
#include <stdexcept>

#include "engines/aws/item.h"
#include "engines/aws/message_item.h"

namespace orderly::aws::testing {
namespace {

namespace json = boost::json;
using ports::Key;

std::string text(const json::object& object, std::string_view name) {
  const json::value* member = object.if_contains(name);
  return member == nullptr ? "" : std::string(member->as_string());
}

json::object fault(std::string_view error) { return {{"__type", "x#" + std::string(error)}}; }

// The conditions that the engine's own records use.
bool holds(const json::object& input, const Item* there) {
  const std::string condition = text(input, "ConditionExpression");
  if (condition.empty()) return true;
  if (condition == "attribute_not_exists(#pk)") return there == nullptr;
  const json::object& values = input.at("ExpressionAttributeValues").as_object();
  const bool is_holder = there != nullptr && text_of(*there, "holder") == text_of(values, ":holder");
  if (condition == "#holder = :holder") return is_holder;
  if (condition != "attribute_not_exists(#pk) OR #until < :now OR #holder = :holder") {
    throw std::logic_error("the fake does not know " + condition);
  }
  return there == nullptr || is_holder || number_of(*there, "until") < number_of(values, ":now");
}

}  // namespace

Task<https::Response> FakeCloud::send(https::Request request) {
  for (int i = 0; i < 3; ++i) co_await yield();  // others come between
  const std::string target = header_of(request, "X-Amz-Target");
  const std::string action = target.substr(target.find('.') + 1);
  ++calls[action];
  const Fate fate = fate_of(action);
  if (fate == Fate::kDown) fail_unreachable();
  const json::object body = answer(action, json::parse(request.body).as_object());
  if (fate == Fate::kLost) fail_lost();
  co_return https::Response{body.contains("__type") ? 400 : 200, {}, json::serialize(body)};
}

json::object FakeCloud::answer(const std::string& action, const json::object& input) {
  if (action == "PutItem") return put_item(input);
  if (action == "DeleteItem") return delete_item(input);
  if (action == "GetItem") return get_item(input);
  if (action == "BatchGetItem") return batch_get(input);
  if (action == "BatchWriteItem") return batch_write(input);
  if (action == "Query") return query(input);
  if (action == "DescribeTable") return {{"Table", {{"LatestStreamArn", "arn:stream"}}}};
  if (action == "DescribeStream") return describe_stream();
  if (action == "GetShardIterator") return get_shard_iterator(input);
  if (action == "GetRecords") return get_records(input);
  if (action == "GetQueueUrl") return {{"QueueUrl", "http://queues/" + text(input, "QueueName")}};
  if (action == "SendMessageBatch") return send_messages(input);
  throw std::logic_error("the fake has no " + action);
}

// --- DynamoDB
// ---------------------------------------------------------------------------------------------------------

json::object FakeCloud::put_item(const json::object& input) {
  const Item& item = input.at("Item").as_object();
  const auto there = items.find(key_of(item));
  if (!holds(input, there == items.end() ? nullptr : &there->second)) return fault("ConditionalCheckFailedException");
  items[key_of(item)] = item;
  return {};
}

json::object FakeCloud::delete_item(const json::object& input) {
  const auto there = items.find(key_of(input.at("Key").as_object()));
  if (!holds(input, there == items.end() ? nullptr : &there->second)) return fault("ConditionalCheckFailedException");
  if (there != items.end()) items.erase(there);
  return {};
}

json::object FakeCloud::get_item(const json::object& input) {
  const auto there = items.find(key_of(input.at("Key").as_object()));
  return there == items.end() ? json::object{} : json::object{{"Item", there->second}};
}

json::object FakeCloud::batch_get(const json::object& input) {
  json::array found;
  for (const json::value& key : input.at("RequestItems").at("shop").at("Keys").as_array()) {
    const auto there = items.find(key_of(key.as_object()));
    if (there != items.end()) found.push_back(there->second);
  }
  return {{"Responses", json::object{{"shop", std::move(found)}}}};
}

json::object FakeCloud::batch_write(const json::object& input) {
  for (const json::value& request : input.at("RequestItems").at("shop").as_array()) {
    if (const json::value* put = request.as_object().if_contains("PutRequest")) {
      const Item& item = put->at("Item").as_object();
      items[key_of(item)] = item;
    } else {
      items.erase(key_of(request.at("DeleteRequest").at("Key").as_object()));
    }
  }
  return {};
}

json::object FakeCloud::query(const json::object& input) const {
  const json::object& values = input.at("ExpressionAttributeValues").as_object();
  const std::string partition_name = text(input.at("ExpressionAttributeNames").as_object(), "#p");
  const auto from = text_of(values, ":from");
  const auto before = text_of(values, ":before");
  json::array found;
  for (const auto& [key, item] : items) {
    const bool is_there = text_of(item, partition_name) == text_of(values, ":p");
    if (is_there && (!from || key.sort >= *from) && (!before || key.sort < *before)) found.push_back(item);
  }
  if (!input.at("ScanIndexForward").as_bool()) std::reverse(found.begin(), found.end());
  const json::value* limit = input.if_contains("Limit");
  if (limit != nullptr && found.size() > limit->to_number<std::size_t>()) found.resize(limit->to_number<std::size_t>());
  return {{"Count", found.size()}, {"Items", std::move(found)}};
}

// --- Streams
// ----------------------------------------------------------------------------------------------------------

json::object FakeCloud::describe_stream() const {
  json::array listed;
  for (const auto& [id, shard] : shards) {
    json::object one{{"ShardId", id}};
    if (!shard.parent.empty()) one["ParentShardId"] = shard.parent;
    listed.push_back(std::move(one));
  }
  return {{"StreamDescription", json::object{{"Shards", std::move(listed)}}}};
}

// An iterator: "<age> <shard> <position>"
json::object FakeCloud::get_shard_iterator(const json::object& input) {
  const std::string id = text(input, "ShardId");
  const auto shard = shards.find(id);
  if (shard == shards.end()) return fault("ResourceNotFoundException");
  std::size_t position = shard->second.trimmed;
  if (text(input, "ShardIteratorType") == "AFTER_SEQUENCE_NUMBER") {
    const auto& records = shard->second.records;
    position = 0;
    while (position < records.size() &&
           text(records[position].at("dynamodb").as_object(), "SequenceNumber") <= text(input, "SequenceNumber")) {
      ++position;
    }
    if (position < shard->second.trimmed) return fault("TrimmedDataAccessException");
  }
  return {{"ShardIterator", std::to_string(iterator_age_) + " " + id + " " + std::to_string(position)}};
}

json::object FakeCloud::get_records(const json::object& input) {
  const std::string iterator = text(input, "ShardIterator");
  const std::size_t first = iterator.find(' ');
  const std::size_t last = iterator.rfind(' ');
  if (std::stoi(iterator.substr(0, first)) != iterator_age_) return fault("ExpiredIteratorException");
  const std::string id = iterator.substr(first + 1, last - first - 1);
  const Shard& shard = shards.at(id);
  json::array records;
  for (std::size_t i = std::stoul(iterator.substr(last + 1)); i < shard.records.size(); ++i) {
    records.push_back(shard.records[i]);
  }
  json::object answer{{"Records", std::move(records)}};
  if (!shard.is_closed) {
    answer["NextShardIterator"] = std::to_string(iterator_age_) + " " + id + " " + std::to_string(shard.records.size());
  }
  return answer;
}

// --- SQS
// ----------------------------------------------------------------------------------------------------------------

json::object FakeCloud::send_messages(const json::object& input) {
  const std::string url = text(input, "QueueUrl");
  for (const json::value& entry : input.at("Entries").as_array()) {
    sent[url.substr(url.rfind('/') + 1)].push_back(entry.as_object());
  }
  return {{"Failed", json::array{}}};
}

// --- Around it
// -----------------------------------------------------------------------------------------------------------

void CountingRandom::fill(std::span<std::uint8_t> bytes) {
  ++count_;
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(count_ >> (8 * (i % 8)));
}

Process::Process(FakeCloud& cloud, ports::Clock& clock, ports::Random& random)
    : context{cloud, credentials, clock, random}, service(context, "http://cloud", {"us-east-1", "dynamodb"}) {}

RelayedEvent event(const std::string& partition, const std::string& sort) {
  RelayedEvent made;
  made.key = {partition, sort};
  made.messages = {{ports::QueueName::kPayments, "msg_" + partition + sort, "{}", Time{}}};
  return made;
}

Item event_item(const std::string& partition, const std::string& sort, Time at) {
  return to_event_item({{partition, sort}, "{}"}, event(partition, sort).messages, at, 0);
}

json::object inserted(const Item& item, const std::string& sequence, Time at) {
  return {
      {"eventName", "INSERT"},
      {"dynamodb", {{"NewImage", item}, {"SequenceNumber", sequence}, {"ApproximateCreationDateTime", at.ms / 1000}}}};
}

std::vector<std::string> feed_of(const FakeCloud& cloud) {
  std::vector<std::string> listed;
  for (const auto& [key, item] : cloud.items) {
    if (key.partition != layout::kFeed) continue;
    for (const Key& one : parse_feed_page(item).events) listed.push_back(one.partition + "/" + one.sort);
  }
  return listed;
}

std::vector<std::string> sent_to(const FakeCloud& cloud, const std::string& queue) {
  std::vector<std::string> ids;
  const auto entries = cloud.sent.find(queue);
  if (entries == cloud.sent.end()) return ids;
  for (const json::object& entry : entries->second) {
    ids.push_back(json::value_to<std::string>(entry.at("MessageAttributes").at("id").at("StringValue")));
  }
  return ids;
}

void run_all(Task<void> task) {
  auto with_result = [](Task<void> inner) -> Task<bool> {
    co_await std::move(inner);
    co_return true;
  };
  run(with_result(std::move(task)));
}

}  // namespace orderly::aws::testing
