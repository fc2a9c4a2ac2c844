// How many requests somebody may send: so many a second in the long run, and a burst at once. Counted in this process
// alone.
#pragma once

#include <array>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.h"

namespace orderly::api {

struct Rate {
  double per_second = 0;  // 0: no limit
  double burst = 0;       // so many at once, at least 1
};

// What callers may send once keys are asked for; the demo has no limits.
struct RequestLimits {
  Rate of_key{1000, 2000};   // each API key
  Rate of_address{50, 200};  // all guests and strangers of an address
  Rate refused{0.2, 20};     // credentials that were wrong, from an address
};

// Whom an address is counted as: IPv6 by its first 64 bits, since whoever has one such network has all of its addresses
// (RFC 6177); IPv4 that came through IPv6 as IPv4.
std::string counted_as(std::string_view address);

// Thread-safe. Remembers at most kCallersMax callers; beyond that it forgets those who have not asked for longest.
class RateLimiter {
 public:
  static constexpr std::size_t kCallersMax = 100'000;

  // One request of `who`. Nothing when it may pass; otherwise how long until one may.
  std::optional<Duration> take(std::string_view who, Rate rate, Time now);
  // A request that was taken and does not count after all.
  void give_back(std::string_view who, Rate rate, Time now);

 private:
  // The generic cell rate algorithm (ITU-T I.371): all there is to know of a caller is when the requests so far would
  // have come at the long-run rate.
  struct Shard {
    std::mutex mutex;
    // When `recent` is full it takes the place of `older`, whose callers are forgotten unless they asked meanwhile.
    std::unordered_map<std::string, double> recent;
    std::unordered_map<std::string, double> older;

    double& due_ms_of(std::string_view who, double now_ms);
  };
  static constexpr std::size_t kShards = 16;

  std::array<Shard, kShards> shards_;
};

}  // namespace orderly::api
