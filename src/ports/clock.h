// Time and chance, injected so that a simulator can own them. Nothing below host asks the system for either.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stop_token>

#include "base/time.h"
#include "ports/task.h"

namespace orderly::ports {

class Clock {
 public:
  virtual ~Clock() = default;

  virtual Time now() const = 0;
  // Resumes on the caller's executor, not before now() + duration.
  virtual Task<void> sleep(Duration duration) = 0;
};

// Sleeps, but no longer than a quarter of a second after `stop`.
Task<void> sleep_unless_stopped(Clock& clock, Duration duration, std::stop_token stop);

// Thread-safe.
class Random {
 public:
  virtual ~Random() = default;

  // Unpredictable bytes, fit for tokens and nonces.
  virtual void fill(std::span<std::uint8_t> bytes) = 0;
};

}  // namespace orderly::ports
