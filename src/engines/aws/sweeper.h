// What comes later than the stream: due records whose time is near, and events that the stream missed.
//
// Events are found again by index f, which lists them by minute: each minute that is older than `missed_after` is
// looked at once, and what no feed page of that time lists is relayed. ~SWEPT/META has the next minute to look at.
#pragma once

#include <stop_token>

#include "engines/aws/lease.h"
#include "engines/aws/relay.h"

namespace orderly::aws {

class Sweeper {
 public:
  struct Timing {
    Duration interval;      // between two looks at the due records
    Duration missed_after;  // an event's age
    Duration lease;
  };
  // All must outlive it.
  Sweeper(DueRecords& due, Sender& sender, FeedPages& pages, Relay& relay, RelayCounters& counters, OwnRecords& records,
          Timing timing);

  // Until `stop`; ends within a second of it, a call under way aside. Errors are counted and survived. One caller.
  Task<void> run(std::stop_token stop);

  // One round of each, as run() does them while it holds the lease.
  Task<void> sweep_due(std::stop_token stop);
  Task<void> sweep_missed(std::stop_token stop);

 private:
  Task<bool> try_round(std::stop_token stop);
  Task<void> hand_over(std::vector<ports::OutgoingMessage> messages);
  Task<std::optional<Time>> next_minute();
  Task<void> set_next_minute(Time minute);
  Task<void> sweep_minute(Time minute);
  Task<std::vector<ports::Key>> events_of(Time minute);

  DueRecords& due_;
  Sender& sender_;
  FeedPages& pages_;
  Relay& relay_;
  RelayCounters& counters_;
  OwnRecords& records_;
  ports::Clock& clock_;
  const Timing timing_;
  Lease lease_;
  bool is_holder_ = false;
  Time look_at_;  // no minute is old enough before
};

}  // namespace orderly::aws
