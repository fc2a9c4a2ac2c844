#include "engines/aws/stream_reader.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "engines/aws/own_records.h"
#include "ports/concurrently.h"

namespace orderly::aws {
namespace {

namespace json = boost::json;

constexpr std::size_t kRecordsAtOnce = 1000;
constexpr std::size_t kShardsAtOnce = 8;
constexpr std::chrono::seconds kDescribeInterval{30};

const json::object* object_member(const json::object& object, std::string_view name) {
  const json::value* member = object.if_contains(name);
  return member == nullptr ? nullptr : member->if_object();
}

std::string text_member(const json::object& object, std::string_view name) {
  const json::value* member = object.if_contains(name);
  return member != nullptr && member->is_string() ? std::string(member->get_string()) : std::string();
}

// Seconds since 1970, with or without a fraction.
Time time_member(const json::object& object, std::string_view name) {
  const json::value* member = object.if_contains(name);
  if (member == nullptr || !member->is_number()) return {};
  return Time{std::llround(member->to_number<double>() * 1000)};
}

}  // namespace

StreamRecord parse_stream_record(const json::object& record) {
  StreamRecord parsed;
  const json::object* change = object_member(record, "dynamodb");
  if (change == nullptr) return parsed;
  parsed.sequence = text_member(*change, "SequenceNumber");
  parsed.created = time_member(*change, "ApproximateCreationDateTime");
  const json::object* image = object_member(*change, "NewImage");
  if (image != nullptr && text_member(record, "eventName") == "INSERT") parsed.event = parse_relayed(*image);
  return parsed;
}

void StreamReader::start(Checkpoints checkpoints) {
  start_ = std::move(checkpoints);
  shards_.clear();
  gone_.clear();
  describe_at_ = {};
}

void StreamReader::confirm() {
  for (auto& [id, shard] : shards_) shard.confirmed = shard.read;
  gone_.clear();
}

void StreamReader::rewind() {
  for (auto& [id, shard] : shards_) {
    shard.read = shard.confirmed;
    shard.iterator.clear();
  }
  describe_at_ = {};
}

Task<Answer> StreamReader::call(std::string_view action, json::object input) {
  return streams_.call("DynamoDBStreams_20120810", "1.0", action, std::move(input), Repeat::kSafe);
}

// --- Shards
// -----------------------------------------------------------------------------------------------------------

Task<std::string> StreamReader::stream_arn() {
  const json::object answer = co_await table_.call("DescribeTable", {{"TableName", table_.name()}});
  const json::object* table = object_member(answer, "Table");
  std::string arn = table == nullptr ? "" : text_member(*table, "LatestStreamArn");
  if (arn.empty()) throw Error(ErrorCode::kUnavailable, "stream-missing", "The shop's table has no stream.");
  co_return arn;
}

Task<std::vector<StreamShard>> StreamReader::describe() {
  std::vector<StreamShard> shards;
  std::string from;
  do {
    json::object input{{"StreamArn", arn_}};
    if (!from.empty()) input["ExclusiveStartShardId"] = from;
    const Answer answer = co_await call("DescribeStream", std::move(input));
    if (!answer.ok()) {
      arn_.clear();  // the table may have been made anew
      throw_refused("stream-unavailable", "DescribeStream", answer);
    }
    const json::object* description = object_member(answer.body, "StreamDescription");
    if (description == nullptr) throw_refused("stream-unavailable", "DescribeStream", answer);
    for (const json::value& shard : description->at("Shards").as_array()) {
      const json::object& listed = shard.as_object();
      shards.push_back({text_member(listed, "ShardId"), text_member(listed, "ParentShardId")});
    }
    from = text_member(*description, "LastEvaluatedShardId");
  } while (!from.empty());
  co_return shards;
}

Task<void> StreamReader::find_shards() {
  const Time now = streams_.context().clock.now();
  if (now < describe_at_) co_return;
  if (arn_.empty()) arn_ = co_await stream_arn();
  take_in(co_await describe());
  describe_at_ = now + kDescribeInterval;
}

void StreamReader::take_in(const std::vector<StreamShard>& listed) {
  std::set<std::string> ids;
  for (const StreamShard& one : listed) {
    ids.insert(one.id);
    const auto [place, is_new] = shards_.try_emplace(one.id);
    if (!is_new) continue;
    Shard& shard = place->second;
    shard.parent = one.parent;
    if (const auto known = start_.find(one.id); known != start_.end()) shard.read.sequence = known->second;
    shard.confirmed = shard.read;
  }
  for (const auto& [id, sequence] : start_) {
    if (!ids.contains(id)) gone_.insert(id);
  }
  start_.clear();
  std::erase_if(shards_, [&](const auto& entry) {
    const bool is_over = entry.second.confirmed.is_finished && !ids.contains(entry.first);
    if (is_over) gone_.insert(entry.first);
    return is_over;
  });
}

// Those that are not read to their end, but whose parent is.
std::vector<std::string> StreamReader::ready() const {
  std::vector<std::string> ids;
  for (const auto& [id, shard] : shards_) {
    const auto parent = shards_.find(shard.parent);
    const bool waits = parent != shards_.end() && !parent->second.read.is_finished;
    if (!shard.read.is_finished && !waits) ids.push_back(id);
  }
  return ids;
}

// --- Records
// ----------------------------------------------------------------------------------------------------------

Task<RelayBatch> StreamReader::read() {
  co_await find_shards();
  const std::vector<std::string> ids = ready();
  std::vector<Records> read(ids.size());
  auto read_one = [&](std::size_t i) -> Task<void> { read[i] = co_await read_shard(ids[i]); };
  co_await run_concurrently(ids.size(), kShardsAtOnce, read_one);
  co_return to_batch(std::move(read));
}

// False: the shard is no more.
Task<bool> StreamReader::find_place(std::string id, Shard& shard) {
  while (shard.iterator.empty()) {
    json::object input{{"StreamArn", arn_}, {"ShardId", id}};
    if (shard.read.sequence.empty()) {
      input["ShardIteratorType"] = "TRIM_HORIZON";
    } else {
      input["ShardIteratorType"] = "AFTER_SEQUENCE_NUMBER";
      input["SequenceNumber"] = shard.read.sequence;
    }
    const Answer answer = co_await call("GetShardIterator", std::move(input));
    if (answer.error == "ResourceNotFoundException") co_return false;
    if (answer.error == "TrimmedDataAccessException" && !shard.read.sequence.empty()) {
      shard.read.sequence.clear();  // older than a day: the sweeper finds what was between
      continue;
    }
    if (!answer.ok()) throw_refused("stream-unavailable", "GetShardIterator", answer);
    shard.iterator = text_member(answer.body, "ShardIterator");
    if (shard.iterator.empty()) throw_refused("stream-unavailable", "GetShardIterator", answer);
  }
  co_return true;
}

Task<StreamReader::Records> StreamReader::read_shard(std::string id) {
  Shard& shard = shards_.at(id);
  Records read;
  read.shard = id;
  if (!co_await find_place(id, shard)) {
    shard.read.is_finished = true;
    co_return read;
  }
  json::object input{{"ShardIterator", shard.iterator}, {"Limit", kRecordsAtOnce}};
  const Answer answer = co_await call("GetRecords", std::move(input));
  if (!answer.ok()) {
    shard.iterator.clear();
    if (answer.error == "ExpiredIteratorException") co_return read;
    if (answer.error == "TrimmedDataAccessException") {
      shard.read.sequence.clear();
      co_return read;
    }
    if (answer.error != "ResourceNotFoundException") throw_refused("stream-unavailable", "GetRecords", answer);
    shard.read.is_finished = true;
    co_return read;
  }
  if (const json::value* records = answer.body.if_contains("Records")) {
    for (const json::value& record : records->as_array()) {
      read.records.push_back(parse_stream_record(record.as_object()));
    }
  }
  if (!read.records.empty()) shard.read.sequence = read.records.back().sequence;
  shard.iterator = text_member(answer.body, "NextShardIterator");
  shard.read.is_finished = shard.iterator.empty();
  co_return read;
}

RelayBatch StreamReader::to_batch(std::vector<Records> read) {
  RelayBatch batch;
  batch.reached = streams_.context().clock.now();
  for (Records& of_shard : read) {
    if (shards_.at(of_shard.shard).read.is_finished) describe_at_ = {};  // its children may be there
    if (of_shard.records.empty()) continue;
    batch.shards[of_shard.shard] = of_shard.records.back().sequence;
    batch.reached = std::min(batch.reached, of_shard.records.back().created);
    for (StreamRecord& record : of_shard.records) {
      if (record.event) batch.events.push_back(*std::move(record.event));
    }
  }
  restore_commit_order(batch.events);
  batch.gone = gone_;
  return batch;
}

}  // namespace orderly::aws
