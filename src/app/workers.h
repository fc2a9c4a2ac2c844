// The loops behind the API: each takes messages off one queue and hands them to the use case that they are for, or does
// what the clock asks. They run on the host's executors and never end by themselves.
#pragma once

#include <cstddef>
#include <stop_token>
#include <string_view>

#include "app/app.h"
#include "base/error.h"
#include "ports/queue.h"

namespace orderly::app {

// How many messages one loop has under way at once.
inline constexpr std::size_t kMessagesUnderWayMax = 64;

// What becomes of a message whose handling failed.
enum class Remedy {
  kRetryLater,  // it comes again after retry_delay; a dead letter after limits::kDeliveriesMax deliveries
  kBury,        // a dead letter at once
};
Remedy remedy_for(ErrorCode code);

// 1 s, 2 s, 4 s, … 60 s: until a message that was delivered `attempts` times comes again.
Duration retry_delay(int attempts);

// Handles the queue's messages until `stop`, up to kMessagesUnderWayMax at once and in no order; returns soon after it,
// once all that were under way are done. Any number of loops may serve one queue, in any number of processes, but for
// the invoices queue: that one is handled in order, one batch after the other, by one loop only.
//
// Nothing that a handler throws leaves the loop: the message is retried or buried as remedy_for says, with the error's
// slug as reason, and an alarm is raised when it is buried or has used up its deliveries. A failure of the queue itself
// is waited out. On the invoices queue nothing is ever buried or skipped: a batch that fails is tried again until it
// succeeds, and everything behind it waits; where waiting alone will not help, an alarm names the message.
Task<void> run_worker(App& app, ports::QueueName queue, std::stop_token stop);

// Cancels unpaid orders whose time is over, every `interval`, until `stop`.
Task<void> run_sweeper(App& app, std::stop_token stop, Duration interval);
// How late they may be cancelled, measured by the time they had: a thirtieth of it, at least a second, at most a
// minute. Each look costs something on some engines.
Duration sweep_interval(Duration expire_after);

}  // namespace orderly::app
