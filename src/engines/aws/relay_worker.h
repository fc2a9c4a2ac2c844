// The loop that relays: whoever holds the lease reads the table's stream and relays what it shows.
#pragma once

#include <stop_token>

#include "engines/aws/lease.h"
#include "engines/aws/relay.h"
#include "engines/aws/stream_reader.h"

namespace orderly::aws {

// How long to wait after so many rounds in a row that failed: doubled each time, 5 s at most.
Duration pause_after_failures(int failures);

class RelayWorker {
 public:
  struct Timing {
    Duration pause;  // between two readings of a shard
    Duration lease;
  };
  // All must outlive it.
  RelayWorker(StreamReader& reader, FeedPages& pages, Relay& relay, RelayCounters& counters, OwnRecords& records,
              Timing timing);

  // Until `stop`; ends within a second of it, a call under way aside. Errors are counted and survived. One caller.
  Task<void> run(std::stop_token stop);

 private:
  Task<bool> try_round();
  Task<void> round();

  StreamReader& reader_;
  FeedPages& pages_;
  Relay& relay_;
  RelayCounters& counters_;
  ports::Clock& clock_;
  const Timing timing_;
  Lease lease_;
  bool is_holder_ = false;  // and the reader stands where the feed does
};

}  // namespace orderly::aws
