// What the HTTP server puts up with. The defaults are those of base/limits.h; tests shorten the times.
#pragma once

#include <chrono>
#include <cstddef>

#include "base/limits.h"

namespace orderly::server {

struct ServerLimits {
  using Milliseconds = std::chrono::milliseconds;

  std::size_t connections_max = 20'000;        // more are answered with 503 and closed
  std::size_t requests_under_way_max = 4'096;  // long-polling ones included; more are answered with 503
  std::size_t body_bytes_max = limits::kBodyBytesMax;

  Milliseconds header_timeout = limits::kHeaderTimeout;  // from a request's first byte to the end of its head
  Milliseconds idle_timeout = limits::kIdleTimeout;      // without a byte, before a request or between two
  std::size_t transfer_bytes_per_second_min = limits::kBodyBytesPerSecondMin;  // of a body and of an answer
  Milliseconds transfer_grace{5'000};                                          // before that rate is asked for
  Milliseconds linger_timeout{2'000};  // for reading on after a last answer, so that no reset overtakes it
  Milliseconds stop_timeout{10'000};   // for the requests under way when the server stops
  Milliseconds tick{100};              // between two looks at the deadlines, and two flushes of the request log
};

}  // namespace orderly::server
