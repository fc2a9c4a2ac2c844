// Messages between use cases. Sending is part of a commit (ports/store.h), and so is acknowledging; this is the
// receiving side. A message is delivered at least once, in about the order in which messages fell due.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "ports/task.h"

namespace orderly::ports {

// The queues there are. Their numbers are stored: append only.
enum class QueueName : std::uint8_t {
  kPayments = 1,    // take, charge or settle a payment
  kRefunds = 2,     // give money back
  kInvoices = 3,    // issue invoices and credit notes; one consumer
  kDocuments = 4,   // make and store the PDF of an invoice or credit note
  kFulfilment = 5,  // automatic shipping and delivery
  kMails = 6,       // write to a client
};
inline constexpr QueueName kAllQueues[] = {QueueName::kPayments,  QueueName::kRefunds,    QueueName::kInvoices,
                                           QueueName::kDocuments, QueueName::kFulfilment, QueueName::kMails};
// "payments", "refunds", …: in metrics, logs and the CLI.
std::string_view name_of(QueueName queue);
std::optional<QueueName> parse_queue_name(std::string_view name);

// What identifies a delivered message to the commit that acknowledges it.
struct Receipt {
  QueueName queue = QueueName::kPayments;
  std::string message_id;
  Time due;              // part of its place in the embedded queue
  std::string handle{};  // what else an engine needs to find it; opaque
};

// A message on its way out, inside a commit. `id` is ours ("msg_…"), unique; the same id sent twice is a bug.
struct OutgoingMessage {
  QueueName queue = QueueName::kPayments;
  std::string id;
  std::string body;  // JSON, at most limits::kMessageBytesMax
  Time due;          // not delivered before this moment
};

// A message delivered. It is hidden from other receivers for limits::kVisibilityTimeout from its delivery, then it
// comes again.
struct Message {
  Receipt receipt;
  std::string body;
  int attempts = 1;  // deliveries that failed or were lost, so far as known, and this one
};

struct DeadLetter {
  QueueName queue = QueueName::kPayments;
  std::string message_id;
  std::string body;
  std::string reason;  // of its last failure
  int attempts = 0;
  Time died_at;
};

struct QueueDepth {
  std::uint64_t messages = 0;      // due, waiting or in flight; on an engine that can only estimate, its estimate
  std::uint64_t delayed = 0;       // not due yet
  std::uint64_t dead = 0;          // in the dead-letter queue
  std::optional<Time> oldest_due;  // of the oldest message that is due and not acknowledged
};

class Queue {
 public:
  virtual ~Queue() = default;

  // At most `max` (≤ limits::kReceiveMax) messages that are due. When there is none, waits up to `wait` for the first,
  // but no longer than until `stop`. Any number of receivers may call at once; no two get the same message while it is
  // hidden.
  virtual Task<std::vector<Message>> receive(QueueName queue, std::size_t max, Duration wait,
                                             std::stop_token stop = {}) = 0;

  // Gives back a message whose handling failed: it comes again after `delay`, durably counted. After
  // limits::kDeliveriesMax deliveries it becomes a dead letter with `reason` (a slug, no personal data) instead.
  // A message that was acknowledged meanwhile stays acknowledged. Safe to repeat.
  virtual Task<void> retry_later(const Message& message, Duration delay, std::string reason) = 0;
  // Makes it a dead letter at once: no retry can help.
  virtual Task<void> bury(const Message& message, std::string reason) = 0;

  // Dead letters by age, oldest first, at most `max`.
  virtual Task<std::vector<DeadLetter>> dead_letters(QueueName queue, std::size_t max) = 0;
  // Sends a dead letter (or, with no id, all of them) to its queue again with attempts at zero; returns how many.
  virtual Task<std::size_t> redrive(QueueName queue, std::optional<std::string> message_id) = 0;

  virtual Task<QueueDepth> depth(QueueName queue) = 0;
};

}  // namespace orderly::ports
