#include "ports/clock.h"

#include <algorithm>

namespace orderly::ports {

namespace {

constexpr Duration kStopPollInterval{250};

}  // namespace

Task<void> sleep_unless_stopped(Clock& clock, Duration duration, std::stop_token stop) {
  const Time end = clock.now() + duration;
  while (!stop.stop_requested() && clock.now() < end) {
    co_await clock.sleep(std::min(kStopPollInterval, end - clock.now()));
  }
}

}  // namespace orderly::ports
