// What this process has relayed; thread-safe.
#pragma once

#include <atomic>
#include <cstdint>

namespace orderly::aws {

struct RelayCounters {
  std::atomic<std::uint64_t> relayed = 0;   // messages sent to SQS, or kept as due records
  std::atomic<std::uint64_t> fed = 0;       // events listed in the feed
  std::atomic<std::uint64_t> missed = 0;    // events that only the sweeper found
  std::atomic<std::uint64_t> failures = 0;  // rounds that ended with an error, and are done again
};

}  // namespace orderly::aws
