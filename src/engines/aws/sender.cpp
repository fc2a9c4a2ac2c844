#include "engines/aws/sender.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "engines/aws/own_records.h"
#include "ports/concurrently.h"

namespace orderly::aws {
namespace {

namespace json = boost::json;
using ports::OutgoingMessage;
using ports::QueueName;

constexpr std::size_t kBatchesAtOnce = 8;
constexpr int kRoundsMax = 8;  // of what a batch left unsent

// The entries that SQS says it did not take, with their old Ids.
json::array unsent(json::array& entries, const json::object& answer) {
  json::array left;
  const json::value* failed = answer.if_contains("Failed");
  if (failed == nullptr || !failed->is_array()) return left;
  for (const json::value& failure : failed->get_array()) {
    const json::value& id = failure.as_object().at("Id");
    const auto same = std::ranges::find_if(entries, [&](const json::value& entry) { return entry.at("Id") == id; });
    if (same != entries.end()) left.push_back(*same);
  }
  return left;
}

std::vector<SqsEntry> to_entries(QueueName queue, std::vector<OutgoingMessage> messages, Time now) {
  // Elsewhere the order is only roughly kept, and that of due times is the better one.
  if (!is_fifo(queue)) {
    std::ranges::sort(messages, [](const OutgoingMessage& a, const OutgoingMessage& b) {
      return std::tie(a.due, a.id) < std::tie(b.due, b.id);
    });
  }
  std::vector<SqsEntry> entries;
  for (const OutgoingMessage& message : messages) entries.push_back(to_entry(message, now, "0"));
  return entries;
}

}  // namespace

std::chrono::seconds delay_of(const OutgoingMessage& message, Time now) {
  return std::max(std::chrono::ceil<std::chrono::seconds>(message.due - now), std::chrono::seconds{0});
}

Route route_of(const OutgoingMessage& message, Time now) {
  if (message.due <= now) return Route::kNow;
  return is_fifo(message.queue) || delay_of(message, now) > kDelayMax ? Route::kDue : Route::kDelayed;
}

void add_attribute(SqsEntry& entry, std::string_view name, std::string_view type, std::string value) {
  entry.bytes += name.size() + type.size() + value.size();
  json::value& attributes = entry.entry["MessageAttributes"];
  if (!attributes.is_object()) attributes.emplace_object();
  attributes.get_object()[name] = json::object{{"DataType", type}, {"StringValue", std::move(value)}};
}

SqsEntry to_entry(const OutgoingMessage& message, Time now, std::string_view attempt) {
  SqsEntry made;
  made.entry = {{"MessageBody", message.body}};
  made.bytes = message.body.size();
  add_attribute(made, "id", "String", message.id);
  add_attribute(made, "due", "Number", std::to_string(message.due.ms));
  if (is_fifo(message.queue)) {
    made.entry["MessageGroupId"] = ports::name_of(message.queue);  // one group: one writer
    made.entry["MessageDeduplicationId"] = message.id + "." + std::string(attempt);
  } else if (const auto delay = delay_of(message, now); delay.count() > 0) {
    made.entry["DelaySeconds"] = std::min(delay, kDelayMax).count();
  }
  return made;
}

std::vector<json::array> to_batches(std::vector<SqsEntry> entries) {
  std::vector<json::array> batches;
  std::size_t bytes = 0;
  for (SqsEntry& one : entries) {
    if (batches.empty() || batches.back().size() == kBatchEntriesMax || bytes + one.bytes > kBatchBytesMax) {
      batches.emplace_back();
      bytes = 0;
    }
    bytes += one.bytes;
    one.entry["Id"] = std::to_string(batches.back().size());
    batches.back().push_back(std::move(one.entry));
  }
  return batches;
}

Task<void> Sender::send(std::vector<OutgoingMessage> messages) {
  const Time now = sqs_.context().clock.now();
  std::vector<OutgoingMessage> due;
  std::map<QueueName, std::vector<OutgoingMessage>> ready;
  for (OutgoingMessage& message : messages) {
    const bool waits = route_of(message, now) == Route::kDue;
    (waits ? due : ready[message.queue]).push_back(std::move(message));
  }
  if (!due.empty()) co_await due_.put(std::move(due));
  for (auto& [queue, of_queue] : ready) {
    co_await send_entries(queue, Side::kLive, to_entries(queue, std::move(of_queue), now));
  }
}

Task<void> Sender::send_entries(QueueName queue, Side side, std::vector<SqsEntry> entries) {
  std::vector<json::array> batches = to_batches(std::move(entries));
  const std::size_t at_once = is_fifo(queue) ? 1 : kBatchesAtOnce;
  auto send_one = [&](std::size_t number) { return send_batch(queue, side, std::move(batches[number])); };
  co_await run_concurrently(batches.size(), at_once, send_one);
}

Task<void> Sender::send_batch(QueueName queue, Side side, json::array entries) {
  for (int round = 1; !entries.empty(); ++round) {
    const json::object answer =
        co_await sqs_.call(queue, side, "SendMessageBatch", {{"Entries", entries}}, Repeat::kSafe);
    entries = unsent(entries, answer);
    if (entries.empty()) co_return;
    if (round == kRoundsMax) {
      throw Error(ErrorCode::kUnavailable, "queue-unavailable", "Messages cannot be sent at the moment.",
                  json::serialize(answer.at("Failed").as_array().front().as_object().at("Code")));
    }
    co_await back_off(sqs_.context(), round);
  }
}

}  // namespace orderly::aws
