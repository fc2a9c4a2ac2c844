// Work that takes longer than an I/O thread may wait: PDFs, password hashing, checks. The host's one bounded pool.
#pragma once

#include <functional>

#include "ports/task.h"

namespace orderly::ports {

class Offload {
 public:
  virtual ~Offload() = default;

  // Runs `work` on a pool thread and resumes on the caller's executor; rethrows what it throws. Throws
  // Error(kUnavailable, "overloaded") when too much is waiting already.
  virtual Task<void> run(std::function<void()> work) = 0;
};

}  // namespace orderly::ports
