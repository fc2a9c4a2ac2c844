#include "engines/aws/sqs.h"

#include <boost/json/serialize.hpp>
#include <utility>

#include "base/error.h"
#include "base/limits.h"
#include "engines/aws/own_records.h"

namespace orderly::aws {
namespace {

namespace json = boost::json;
using ports::QueueName;

constexpr Duration kTimeout{10'000};
constexpr std::chrono::seconds kRetention{14 * 24 * 3600};  // the longest that SQS offers
// Our own count moves a message first, with its reason; SQS's is for handlers that die. In a FIFO queue nothing may go
// past a message that fails, so that there it only ends what would never end.
constexpr int kReceivesMax = limits::kDeliveriesMax + 1;
constexpr int kReceivesMaxFifo = 1000;

bool is_missing(const Answer& answer) {
  return answer.error == "QueueDoesNotExist" || answer.error == "AWS.SimpleQueueService.NonExistentQueue";
}

[[noreturn]] void throw_missing(const std::string& names) {
  throw Error(ErrorCode::kUnavailable, "queue-missing", "A queue of the shop is missing.", names);
}

// One that is there with other attributes is refused under one of these names.
bool is_there_already(const Answer& answer) {
  return answer.error == "QueueNameExists" || answer.error == "QueueAlreadyExists";
}

std::string text_member(const json::object& object, std::string_view name) {
  const json::value* member = object.if_contains(name);
  return member != nullptr && member->is_string() ? std::string(member->get_string()) : std::string();
}

}  // namespace

bool is_fifo(QueueName queue) { return queue == QueueName::kInvoices; }

Sqs::Sqs(Service& service, std::string prefix, std::chrono::seconds visibility_timeout)
    : service_(service), prefix_(std::move(prefix)), visibility_timeout_(visibility_timeout) {}

std::string Sqs::name(QueueName queue, Side side) const {
  std::string name = prefix_ + "-" + std::string(ports::name_of(queue));
  if (side == Side::kDead) name += "-dead";
  return is_fifo(queue) ? name + ".fifo" : name;
}

Task<Answer> Sqs::ask(std::string_view action, json::object input, Repeat repeat, Duration timeout) {
  return service_.call("AmazonSQS", "1.0", action, std::move(input), repeat, timeout);
}

Task<Answer> Sqs::try_call(QueueName queue, Side side, std::string_view action, json::object input, Repeat repeat,
                           Duration timeout) {
  input["QueueUrl"] = co_await url(queue, side);
  Answer answer = co_await ask(action, std::move(input), repeat, timeout);
  if (is_missing(answer)) throw_missing(name(queue, side));
  co_return answer;
}

Task<json::object> Sqs::call(QueueName queue, Side side, std::string_view action, json::object input, Repeat repeat,
                             Duration timeout) {
  Answer answer = co_await try_call(queue, side, action, std::move(input), repeat, timeout);
  if (!answer.ok()) throw_refused("queue-unavailable", action, answer);
  co_return std::move(answer.body);
}

std::string Sqs::known_url(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto known = urls_.find(name);
  return known == urls_.end() ? std::string() : known->second;
}

Task<std::string> Sqs::url(QueueName queue, Side side) {
  const std::string queue_name = name(queue, side);
  std::string found = known_url(queue_name);
  if (found.empty()) found = co_await find(queue_name);
  if (found.empty()) throw_missing(queue_name);
  co_return found;
}

// Nothing when there is no such queue.
Task<std::string> Sqs::find(std::string name) {
  const Answer answer = co_await ask("GetQueueUrl", {{"QueueName", name}}, Repeat::kSafe, kTimeout);
  if (is_missing(answer)) co_return std::string();
  if (!answer.ok()) throw_refused("queue-unavailable", "GetQueueUrl", answer);
  std::string url = text_member(answer.body, "QueueUrl");
  const std::lock_guard lock(mutex_);
  urls_[name] = url;
  co_return url;
}

Task<void> Sqs::verify() {
  std::string missing;
  for (const QueueName queue : ports::kAllQueues) {
    for (const Side side : {Side::kLive, Side::kDead}) {
      const std::string url = co_await find(name(queue, side));
      if (url.empty()) missing += (missing.empty() ? "" : ", ") + name(queue, side);
    }
  }
  if (!missing.empty()) throw_missing(missing);
}

Task<void> Sqs::create() {
  for (const QueueName queue : ports::kAllQueues) {
    json::object attributes{{"MessageRetentionPeriod", std::to_string(kRetention.count())},
                            {"VisibilityTimeout", std::to_string(visibility_timeout_.count())}};
    if (is_fifo(queue)) attributes["FifoQueue"] = "true";
    co_await create(name(queue, Side::kDead), attributes);
    const int receives_max = is_fifo(queue) ? kReceivesMaxFifo : kReceivesMax;
    json::object policy{{"deadLetterTargetArn", co_await arn_of_dead(queue)},
                        {"maxReceiveCount", std::to_string(receives_max)}};
    attributes["RedrivePolicy"] = json::serialize(policy);
    co_await create(name(queue, Side::kLive), std::move(attributes));
  }
}

Task<void> Sqs::create(std::string name, json::object attributes) {
  json::object input{{"QueueName", std::move(name)}, {"Attributes", std::move(attributes)}};
  const Answer answer = co_await ask("CreateQueue", std::move(input), Repeat::kSafe, kTimeout);
  if (!answer.ok() && !is_there_already(answer)) throw_refused("queue-unavailable", "CreateQueue", answer);
}

Task<std::string> Sqs::arn_of_dead(QueueName queue) {
  json::object input{{"AttributeNames", json::array{"QueueArn"}}};
  const json::object body =
      co_await call(queue, Side::kDead, "GetQueueAttributes", std::move(input), Repeat::kSafe, kTimeout);
  const json::value* attributes = body.if_contains("Attributes");
  co_return attributes == nullptr ? std::string() : text_member(attributes->as_object(), "QueueArn");
}

}  // namespace orderly::aws
