// Messages as SQS hands them out, and what is done with them by their handles.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "engines/aws/sqs.h"
#include "ports/queue.h"

namespace orderly::aws {

struct SqsMessage {
  std::string handle;
  std::string sqs_id;  // SQS's own: one a sending, kept when SQS moves it to the dead-letter queue
  std::string id;      // ours; made of SQS's for a message that somebody else sent
  std::string body;
  Time due;
  int receives = 1;
  // Of a dead letter. One that SQS moved itself has no reason, and died when it was sent, as far as can be known.
  std::string reason;
  int attempts = 0;
  Time died_at;
};
// An element of ReceiveMessage's answer. Members that are missing are empty.
SqsMessage parse_sqs_message(const boost::json::object& message);

// One ReceiveMessage: at most `max` (≤ 10), waiting up to `wait` (≤ 20 s) for the first.
Task<std::vector<SqsMessage>> receive_once(Sqs& sqs, ports::QueueName queue, Side side, std::size_t max,
                                           std::chrono::seconds wait, std::chrono::seconds hidden_for);

// What SQS refuses for single handles is ignored: they are old.
Task<void> delete_all(Sqs& sqs, ports::QueueName queue, Side side, std::vector<std::string> handles);
Task<void> show_all(Sqs& sqs, ports::QueueName queue, Side side, std::vector<std::string> handles);

// Whether SQS took it: false for a handle that is no longer good (deleted, visible again, made up).
Task<bool> hide_for(Sqs& sqs, ports::QueueName queue, std::string handle, std::chrono::seconds duration);

}  // namespace orderly::aws
