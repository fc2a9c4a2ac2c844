// Who was erased, kept apart from the store: a backup of the store that is restored brings back what was erased after
// it was made, and this list says what to erase again.
#pragma once

#include <string>
#include <vector>

#include "ports/task.h"

namespace orderly::ports {

class Erasures {
 public:
  virtual ~Erasures() = default;

  // Durable when it returns. What names a client in the store, at most a hundred visible ASCII characters; nothing
  // about a person. Safe to repeat. Throws Error(kUnavailable, "erasures-unavailable").
  virtual Task<void> add(std::string client_id) = 0;
  // All of them, in no order. Throws like add.
  virtual Task<std::vector<std::string>> all() = 0;
};

}  // namespace orderly::ports
