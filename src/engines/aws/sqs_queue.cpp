#include "engines/aws/sqs_queue.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "base/limits.h"
#include "engines/aws/layout.h"

namespace orderly::aws {
namespace {

namespace json = boost::json;
using ports::QueueName;

constexpr std::chrono::seconds kPollMax{20};           // ReceiveMessage's WaitTimeSeconds
constexpr std::chrono::seconds kHiddenMax{12 * 3600};  // ChangeMessageVisibility, counted from the delivery

constexpr std::string_view kVisible = "ApproximateNumberOfMessages";
constexpr std::string_view kInFlight = "ApproximateNumberOfMessagesNotVisible";
constexpr std::string_view kDelayed = "ApproximateNumberOfMessagesDelayed";

std::chrono::seconds to_poll_time(Duration left) {
  return std::clamp(std::chrono::ceil<std::chrono::seconds>(left), std::chrono::seconds{0}, kPollMax);
}

void sort_by_due(std::vector<SqsMessage>& messages) {
  std::ranges::sort(
      messages, [](const SqsMessage& a, const SqsMessage& b) { return std::tie(a.due, a.id) < std::tie(b.due, b.id); });
}

ports::Message to_message(QueueName queue, SqsMessage message) {
  return {{queue, std::move(message.id), message.due, std::move(message.handle)},
          std::move(message.body),
          message.receives};
}

std::uint64_t count_of(const json::object& answer, std::string_view name) {
  const json::value* attributes = answer.if_contains("Attributes");
  const json::value* text = attributes == nullptr ? nullptr : attributes->as_object().if_contains(name);
  if (text == nullptr) return 0;
  const std::string_view digits = text->as_string();
  std::uint64_t count = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), count);
  return count;
}

Task<json::object> counts(Sqs& sqs, QueueName queue, Side side) {
  json::object input{{"AttributeNames", json::array{kVisible, kInFlight, kDelayed}}};
  return sqs.call(queue, side, "GetQueueAttributes", std::move(input), Repeat::kSafe);
}

}  // namespace

Task<std::vector<SqsMessage>> SqsQueue::poll(QueueName queue, std::size_t max, std::chrono::seconds wait) {
  return receive_once(sqs_, queue, Side::kLive, max, wait, sqs_.visibility_timeout());
}

Task<std::vector<ports::Message>> SqsQueue::receive(QueueName queue, std::size_t max, Duration wait,
                                                    std::stop_token stop) {
  max = std::clamp<std::size_t>(max, 1, limits::kReceiveMax);
  std::vector<SqsMessage> found = co_await wait_for_some(queue, max, wait, std::move(stop));
  co_await add_more(queue, max, found);
  if (!is_fifo(queue)) sort_by_due(found);
  std::vector<ports::Message> messages;
  for (SqsMessage& message : found) messages.push_back(to_message(queue, std::move(message)));
  co_return messages;
}

Task<std::vector<SqsMessage>> SqsQueue::wait_for_some(QueueName queue, std::size_t max, Duration wait,
                                                      std::stop_token stop) {
  ports::Clock& clock = sqs_.context().clock;
  const Time end = clock.now() + wait;
  StopSignal over;
  const std::stop_callback when_told(stop, [&over] { over.stop(); });
  const std::stop_callback when_closing(stopping_.get_token(), [&over] { over.stop(); });
  while (!over.is_stopped()) {
    auto found = co_await unless_stopped(poll(queue, max, to_poll_time(end - clock.now())), over);
    if (found && (!found->empty() || clock.now() >= end)) co_return *std::move(found);
  }
  co_return std::vector<SqsMessage>{};
}

// SQS hands out ten at a time. A failure on the way leaves what was received before.
Task<void> SqsQueue::add_more(QueueName queue, std::size_t max, std::vector<SqsMessage>& messages) {
  bool was_full = messages.size() == kBatchEntriesMax;
  while (was_full && messages.size() < max && !stopping_.stop_requested()) {
    const std::size_t asked = std::min(max - messages.size(), kBatchEntriesMax);
    std::vector<SqsMessage> more;
    try {
      more = co_await poll(queue, asked, std::chrono::seconds{0});
    } catch (const Error&) {
      co_return;
    }
    was_full = more.size() == kBatchEntriesMax;
    std::ranges::move(more, std::back_inserter(messages));
  }
}

Task<void> SqsQueue::retry_later(const ports::Message& message, Duration delay, std::string reason) {
  if (message.attempts >= limits::kDeliveriesMax) co_return co_await make_dead(message, std::move(reason));
  const auto seconds = std::clamp(std::chrono::ceil<std::chrono::seconds>(delay), std::chrono::seconds{0}, kHiddenMax);
  co_await hide_for(sqs_, message.receipt.queue, message.receipt.handle, seconds);
}

Task<void> SqsQueue::bury(const ports::Message& message, std::string reason) {
  return make_dead(message, std::move(reason));
}

// A handle that is no longer good says that the message was acknowledged, buried before, or is another's by now.
Task<void> SqsQueue::make_dead(ports::Message message, std::string reason) {
  const ports::Receipt receipt = message.receipt;
  const bool is_ours = co_await hide_for(sqs_, receipt.queue, receipt.handle, sqs_.visibility_timeout());
  if (!is_ours) co_return;
  const bool was_handled = (co_await records_.get(layout::done(receipt.message_id))).has_value();
  if (!was_handled) co_await dead_.bury(std::move(message), std::move(reason));
  co_await delete_all(sqs_, receipt.queue, Side::kLive, {receipt.handle});
}

Task<std::vector<ports::DeadLetter>> SqsQueue::dead_letters(QueueName queue, std::size_t max) {
  return dead_.peek(queue, max);
}

Task<std::size_t> SqsQueue::redrive(QueueName queue, std::optional<std::string> message_id) {
  return dead_.redrive(queue, std::move(message_id));
}

Task<ports::QueueDepth> SqsQueue::depth(QueueName queue) {
  const json::object live = co_await counts(sqs_, queue, Side::kLive);
  const json::object dead = co_await counts(sqs_, queue, Side::kDead);
  const std::uint64_t due_records = co_await due_.count(queue);
  ports::QueueDepth depth;
  depth.delayed = count_of(live, kDelayed) + due_records;
  depth.messages = count_of(live, kVisible) + count_of(live, kInFlight) + depth.delayed;
  depth.dead = count_of(dead, kVisible) + count_of(dead, kInFlight) + count_of(dead, kDelayed);
  co_return depth;
}

Task<void> SqsQueue::delete_handled(std::vector<ports::Receipt> receipts) {
  std::map<QueueName, std::vector<std::string>> handles;
  for (ports::Receipt& receipt : receipts) {
    if (!receipt.handle.empty()) handles[receipt.queue].push_back(std::move(receipt.handle));
  }
  for (auto& [queue, of_queue] : handles) {
    try {
      co_await delete_all(sqs_, queue, Side::kLive, std::move(of_queue));
    } catch (const std::exception&) {  // they come again, and are turned away
    }
  }
}

}  // namespace orderly::aws
