// The dead-letter queues: letters put in, looked at and sent again.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engines/aws/sender.h"
#include "engines/aws/sqs_messages.h"

namespace orderly::aws {

// Thread-safe.
class DeadLetters {
 public:
  DeadLetters(Sqs& sqs, Sender& sender) : sqs_(sqs), sender_(sender) {}

  // Puts a message in; taking it out of its queue is the caller's.
  Task<void> bury(ports::Message message, std::string reason);
  // Oldest first, at most `max`; of the first kLookedAtMax that SQS shows. Takes a second at least, since only a long
  // poll asks all of SQS's servers. Meanwhile letters are hidden from other lookers.
  Task<std::vector<ports::DeadLetter>> peek(ports::QueueName queue, std::size_t max);
  // Sends the letter of that id, or all, to the queue again; returns how many.
  Task<std::size_t> redrive(ports::QueueName queue, std::optional<std::string> message_id);

  static constexpr std::size_t kLookedAtMax = 5'000;

 private:
  Task<std::vector<SqsMessage>> look(ports::QueueName queue);
  Task<void> send_again(ports::QueueName queue, const std::vector<SqsMessage>& letters);

  Sqs& sqs_;
  Sender& sender_;
};

}  // namespace orderly::aws
