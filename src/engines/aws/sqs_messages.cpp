#include "engines/aws/sqs_messages.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <charconv>
#include <utility>

#include "base/limits.h"
#include "engines/aws/own_records.h"

namespace orderly::aws {
namespace {

namespace json = boost::json;
using ports::QueueName;

constexpr Duration kTimeoutBeyondWait{10'000};

std::string text(const json::object& object, std::string_view name) {
  const json::value* member = object.if_contains(name);
  return member != nullptr && member->is_string() ? std::string(member->get_string()) : std::string();
}

std::string attribute(const json::object& message, std::string_view name) {
  const json::value* attributes = message.if_contains("MessageAttributes");
  if (attributes == nullptr || !attributes->is_object()) return "";
  const json::value* one = attributes->get_object().if_contains(name);
  return one != nullptr && one->is_object() ? text(one->get_object(), "StringValue") : "";
}

std::string system_attribute(const json::object& message, std::string_view name) {
  const json::value* attributes = message.if_contains("Attributes");
  return attributes != nullptr && attributes->is_object() ? text(attributes->get_object(), name) : "";
}

std::int64_t number_or(const std::string& digits, std::int64_t otherwise) {
  std::int64_t number = otherwise;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc() && end == digits.data() + digits.size() ? number : otherwise;
}

// An action on many handles, ten at a time; `extra` goes into each entry.
Task<void> change_all(Sqs& sqs, QueueName queue, Side side, std::string_view action, std::vector<std::string> handles,
                      json::object extra) {
  for (std::size_t begin = 0; begin < handles.size(); begin += kBatchEntriesMax) {
    json::array entries;
    for (std::size_t i = begin; i < std::min(handles.size(), begin + kBatchEntriesMax); ++i) {
      json::object entry = extra;
      entry["Id"] = std::to_string(i - begin);
      entry["ReceiptHandle"] = handles[i];
      entries.push_back(std::move(entry));
    }
    json::object input{{"Entries", std::move(entries)}};
    co_await sqs.call(queue, side, action, std::move(input), Repeat::kSafe);
  }
}

}  // namespace

SqsMessage parse_sqs_message(const json::object& message) {
  SqsMessage parsed;
  parsed.handle = text(message, "ReceiptHandle");
  parsed.sqs_id = text(message, "MessageId");
  parsed.id = attribute(message, "id");
  if (parsed.id.empty()) parsed.id = "sqs_" + parsed.sqs_id;
  parsed.body = text(message, "Body");
  const std::int64_t sent = number_or(system_attribute(message, "SentTimestamp"), 0);
  parsed.due = Time{number_or(attribute(message, "due"), sent)};
  parsed.receives = static_cast<int>(number_or(system_attribute(message, "ApproximateReceiveCount"), 1));
  parsed.reason = attribute(message, "reason");
  parsed.attempts = static_cast<int>(number_or(attribute(message, "attempts"), limits::kDeliveriesMax));
  parsed.died_at = Time{number_or(attribute(message, "died"), sent)};
  if (parsed.reason.empty()) parsed.reason = "handler-died";
  return parsed;
}

Task<std::vector<SqsMessage>> receive_once(Sqs& sqs, QueueName queue, Side side, std::size_t max,
                                           std::chrono::seconds wait, std::chrono::seconds hidden_for) {
  json::object input{{"MaxNumberOfMessages", std::clamp<std::size_t>(max, 1, kBatchEntriesMax)},
                     {"WaitTimeSeconds", wait.count()},
                     {"VisibilityTimeout", hidden_for.count()},
                     {"MessageAttributeNames", json::array{"All"}},
                     {"MessageSystemAttributeNames", json::array{"ApproximateReceiveCount", "SentTimestamp"}}};
  const Duration timeout = kTimeoutBeyondWait + wait;
  const json::object answer =
      co_await sqs.call(queue, side, "ReceiveMessage", std::move(input), Repeat::kNever, timeout);
  std::vector<SqsMessage> messages;
  const json::value* found = answer.if_contains("Messages");
  if (found == nullptr || !found->is_array()) co_return messages;
  for (const json::value& one : found->get_array()) messages.push_back(parse_sqs_message(one.as_object()));
  co_return messages;
}

Task<void> delete_all(Sqs& sqs, QueueName queue, Side side, std::vector<std::string> handles) {
  return change_all(sqs, queue, side, "DeleteMessageBatch", std::move(handles), {});
}

Task<void> show_all(Sqs& sqs, QueueName queue, Side side, std::vector<std::string> handles) {
  return change_all(sqs, queue, side, "ChangeMessageVisibilityBatch", std::move(handles), {{"VisibilityTimeout", 0}});
}

Task<bool> hide_for(Sqs& sqs, QueueName queue, std::string handle, std::chrono::seconds duration) {
  json::object input{{"ReceiptHandle", std::move(handle)}, {"VisibilityTimeout", duration.count()}};
  const Answer answer =
      co_await sqs.try_call(queue, Side::kLive, "ChangeMessageVisibility", std::move(input), Repeat::kSafe);
  if (answer.ok()) co_return true;
  if (answer.is_throttled() || answer.is_server_fault()) {
    throw_refused("queue-unavailable", "ChangeMessageVisibility", answer);
  }
  co_return false;
}

}  // namespace orderly::aws
