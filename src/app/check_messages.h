// Invariant 9: messages. What waits for a worker is known before the records are walked, so that each order can be
// asked whether it has the message that it needs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/check_context.h"

namespace orderly::app::checks {

// The work that messages, dead letters included, are about: 8 bytes each, so that ten million fit.
class Work {
 public:
  void add(ports::QueueName queue, std::string_view subject);
  // Between the last add and the first has.
  void seal();
  bool has(ports::QueueName queue, std::string_view subject) const;

 private:
  std::vector<std::uint64_t> hashes_;  // sorted by seal()
};

// What a message is about: an attempt's or refund's id, an order's, an order's with a refund's, an invoice's number.
std::string credit_note_subject(const OrderId& order, const TransactionId& refund);

// Walks all messages: counts them, fills `work`, and finds what is wrong with each by itself.
void check_messages(Context& context, Work& work);

}  // namespace orderly::app::checks
