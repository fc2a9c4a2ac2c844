// The kernel's random bytes, getrandom(2), fetched a page at a time for each thread.
#pragma once

#include "ports/clock.h"

namespace orderly::server {

// Thread-safe. A byte is handed out once and wiped here; the rest of a thread's page is wiped when the thread ends.
// The process must not fork and go on in both halves, which would share a page.
class SystemRandom final : public ports::Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override;
};

}  // namespace orderly::server
