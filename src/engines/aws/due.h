// Due records (layout.h): messages that wait longer than SQS can delay them, or for a FIFO queue, which delays none.
#pragma once

#include <vector>

#include "engines/aws/own_records.h"
#include "ports/queue.h"

namespace orderly::aws {

class DueRecords {
 public:
  explicit DueRecords(OwnRecords& records) : records_(records) {}

  // Safe to repeat.
  Task<void> put(std::vector<ports::OutgoingMessage> messages);
  Task<void> remove(std::vector<ports::OutgoingMessage> messages);

  // Some messages of a shard that are due before `moment`, by due time; go on with `next`. Records that cannot be read
  // are left out.
  struct Page {
    std::vector<ports::OutgoingMessage> messages;
    boost::json::object next;  // empty: nothing more
  };
  Task<Page> due_before(unsigned shard, Time moment, boost::json::object next);

  // Reads them all: for people, not for every second.
  Task<std::uint64_t> count(ports::QueueName queue);

 private:
  OwnRecords& records_;
};

}  // namespace orderly::aws
