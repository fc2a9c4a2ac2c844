// The load generator: one thread, epoll, keep-alive, never more than one request under way on a connection, so that it
// takes as little as it can from the machine that it shares with the server. It connects to 127.0.0.1 and to nothing
// else.
//
// Closed loop: each connection sends its next request as soon as it has its answer. Open loop: requests fall due at a
// fixed rate, whether the server keeps up or not, and their latency counts from when they were due, so that a server
// that stalls cannot hide it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "bench/histogram.h"

namespace orderly::bench {

struct Answer {
  int status = 0;
  std::string_view body;  // valid during the call
};

// Makes the requests and judges the answers. Called from the generator's thread.
class Workload {
 public:
  enum class Verdict {
    kGood,
    kWrong,  // not what it had to be: an error
    kAside,  // neither counted nor timed
  };

  virtual ~Workload() = default;

  // The bytes of the next request on that connection, at most 4 KiB, valid until the next call. Empty: none now; asked
  // again about a millisecond later.
  virtual std::string_view next(std::size_t connection) = 0;
  virtual Verdict answered(std::size_t connection, const Answer& answer) = 0;
};

struct LoadOptions {
  std::uint16_t port = 0;
  std::size_t connections = 64;
  std::chrono::nanoseconds warm_up{0};  // before the clock starts: answers are judged, good ones not counted
  std::chrono::nanoseconds duration = std::chrono::seconds(1);
  double rate_per_second = 0;      // of the open loop; 0: closed loop
  std::uint64_t requests_max = 0;  // stop after so many, warm-up included; 0: no bound but the time
};

struct LoadResult {
  Histogram latency;                      // of good answers within the time
  std::uint64_t good = 0;                 // likewise
  std::uint64_t wrong = 0;                // the whole run, warm-up included
  std::uint64_t transport_errors = 0;     // connections lost or refused, answers that are no HTTP or never came
  std::map<int, std::uint64_t> statuses;  // the whole run
  std::string first_wrong;                // for the person who looks into it
  double seconds = 0;                     // in which the good ones came
  double generator_cpu_seconds = 0;       // of the generator's thread, the whole run

  double per_second() const { return seconds > 0 ? static_cast<double>(good) / seconds : 0; }
  double generator_us_per_request() const;
  std::uint64_t errors() const { return wrong + transport_errors; }

  // As if both had been one run.
  void add(const LoadResult& other);
};

// Runs until the time is over and every answer under way has come (at most 10 s more). Gives up after 1,000 transport
// errors. Throws std::system_error when it cannot connect at first.
LoadResult run_load(const LoadOptions& options, Workload& workload);

}  // namespace orderly::bench
