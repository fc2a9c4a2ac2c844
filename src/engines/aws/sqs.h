// Amazon SQS as the shop uses it: five queues with a dead-letter queue each, found by name. JSON protocol.
// Sources: Amazon SQS API Reference; Developer Guide, "Amazon SQS message quotas", "Exactly-once processing".
#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <mutex>
#include <string>

#include "engines/aws/service.h"
#include "ports/queue.h"

namespace orderly::aws {

inline constexpr std::size_t kBatchEntriesMax = 10;
inline constexpr std::size_t kBatchBytesMax = 256 * 1024;
inline constexpr std::chrono::seconds kDelayMax{900};

// One consumer, and the order in which its messages were sent.
bool is_fifo(ports::QueueName queue);

// Which of the two queues of a name.
enum class Side { kLive, kDead };

// Thread-safe.
class Sqs {
 public:
  Sqs(Service& service, std::string prefix, std::chrono::seconds visibility_timeout);

  // "orderly-payments", "orderly-invoices-dead.fifo"
  std::string name(ports::QueueName queue, Side side) const;
  std::chrono::seconds visibility_timeout() const { return visibility_timeout_; }

  // An action on a queue, with QueueUrl put into `input`. Throws Error(kUnavailable): "queue-missing", or
  // "queue-unavailable" for any other refusal.
  Task<boost::json::object> call(ports::QueueName queue, Side side, std::string_view action, boost::json::object input,
                                 Repeat repeat, Duration timeout = Duration{10'000});
  // The same, with the refusal as the answer.
  Task<Answer> try_call(ports::QueueName queue, Side side, std::string_view action, boost::json::object input,
                        Repeat repeat, Duration timeout = Duration{10'000});

  // Makes the queues that are missing; those that are there stay as they are.
  Task<void> create();
  // Throws Error(kUnavailable, "queue-missing") with the names of those that are not there.
  Task<void> verify();

  const Context& context() { return service_.context(); }

 private:
  Task<Answer> ask(std::string_view action, boost::json::object input, Repeat repeat, Duration timeout);
  Task<std::string> url(ports::QueueName queue, Side side);
  Task<std::string> find(std::string name);
  Task<void> create(std::string name, boost::json::object attributes);
  Task<std::string> arn_of_dead(ports::QueueName queue);
  std::string known_url(const std::string& name) const;

  Service& service_;
  const std::string prefix_;
  const std::chrono::seconds visibility_timeout_;

  mutable std::mutex mutex_;
  std::map<std::string, std::string> urls_;  // by name
};

}  // namespace orderly::aws
