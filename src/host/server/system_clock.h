// The machine's time.
#pragma once

#include "ports/clock.h"

namespace orderly::server {

// Thread-safe.
class SystemClock final : public ports::Clock {
 public:
  Time now() const override;
  // Measured on the steady clock, so that a change of the machine's time neither shortens nor lengthens it.
  Task<void> sleep(Duration duration) override;
};

}  // namespace orderly::server
