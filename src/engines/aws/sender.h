// Messages on their way into SQS: at once, with SQS's own delay, or as a due record until their time comes near.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "engines/aws/due.h"
#include "engines/aws/sqs.h"

namespace orderly::aws {

enum class Route {
  kNow,      // to SQS
  kDelayed,  // to SQS with DelaySeconds
  kDue,      // a due record
};
Route route_of(const ports::OutgoingMessage& message, Time now);
// Whole seconds, rounded up, so that no message comes early; 0 for what is due.
std::chrono::seconds delay_of(const ports::OutgoingMessage& message, Time now);

// One message as an entry of SendMessageBatch, without its Id.
struct SqsEntry {
  boost::json::object entry;
  std::size_t bytes = 0;  // as SQS counts: body, and names, types and values of attributes
};
// `attempt` tells sendings of one id apart: a FIFO queue drops what it has had within five minutes under the same one.
SqsEntry to_entry(const ports::OutgoingMessage& message, Time now, std::string_view attempt);
// Adds a message attribute of that type ("String", "Number").
void add_attribute(SqsEntry& entry, std::string_view name, std::string_view type, std::string value);

// In order: at most kBatchEntriesMax entries and kBatchBytesMax bytes each.
std::vector<boost::json::array> to_batches(std::vector<SqsEntry> entries);

// Thread-safe.
class Sender {
 public:
  Sender(Sqs& sqs, DueRecords& due) : sqs_(sqs), due_(due) {}

  // Returns when all are durable in SQS or the table. Some may be when it throws; safe to repeat, since handlers turn
  // away what was handled before. Those of a FIFO queue keep their order.
  Task<void> send(std::vector<ports::OutgoingMessage> messages);
  // Entries as to_entry makes them.
  Task<void> send_entries(ports::QueueName queue, Side side, std::vector<SqsEntry> entries);

 private:
  Task<void> send_batch(ports::QueueName queue, Side side, boost::json::array entries);

  Sqs& sqs_;
  DueRecords& due_;
};

}  // namespace orderly::aws
