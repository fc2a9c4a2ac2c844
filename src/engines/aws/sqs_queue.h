// ports::Queue on SQS. What SQS cannot do as the embedded queue does: delays are whole seconds, rounded up; the order
// is roughly that of sending; how many messages there are is an estimate, and how old the oldest is, is not known. A
// message whose handling is durable may be delivered once more: its ~DONE record turns that away.
#pragma once

#include "engines/aws/acknowledger.h"
#include "engines/aws/dead_letters.h"
#include "engines/aws/own_records.h"
#include "engines/aws/stopping.h"

namespace orderly::aws {

// Thread-safe. Receipt.handle is SQS's receipt handle.
class SqsQueue final : public ports::Queue, public Acknowledger {
 public:
  // All must outlive it.
  SqsQueue(Sqs& sqs, DeadLetters& dead, DueRecords& due, OwnRecords& records)
      : sqs_(sqs), dead_(dead), due_(due), records_(records) {}

  Task<std::vector<ports::Message>> receive(ports::QueueName queue, std::size_t max, Duration wait,
                                            std::stop_token stop) override;
  Task<void> retry_later(const ports::Message& message, Duration delay, std::string reason) override;
  Task<void> bury(const ports::Message& message, std::string reason) override;
  Task<std::vector<ports::DeadLetter>> dead_letters(ports::QueueName queue, std::size_t max) override;
  Task<std::size_t> redrive(ports::QueueName queue, std::optional<std::string> message_id) override;
  // Messages in the table's stream that are not relayed yet are not counted.
  Task<ports::QueueDepth> depth(ports::QueueName queue) override;

  Task<void> delete_handled(std::vector<ports::Receipt> receipts) override;

  // Waiting receivers return with nothing; what SQS was about to hand to them comes again after its time in hiding.
  void stop() { stopping_.request_stop(); }

 private:
  Task<std::vector<SqsMessage>> poll(ports::QueueName queue, std::size_t max, std::chrono::seconds wait);
  Task<std::vector<SqsMessage>> wait_for_some(ports::QueueName queue, std::size_t max, Duration wait,
                                              std::stop_token stop);
  Task<void> add_more(ports::QueueName queue, std::size_t max, std::vector<SqsMessage>& messages);
  Task<void> make_dead(ports::Message message, std::string reason);

  Sqs& sqs_;
  DeadLetters& dead_;
  DueRecords& due_;
  OwnRecords& records_;
  std::stop_source stopping_;
};

}  // namespace orderly::aws
