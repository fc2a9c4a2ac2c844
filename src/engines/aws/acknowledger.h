// What is told of messages that a commit has acknowledged, so that they leave their queue too.
#pragma once

#include <vector>

#include "ports/queue.h"
#include "ports/task.h"

namespace orderly::aws {

class Acknowledger {
 public:
  virtual ~Acknowledger() = default;

  // After the commit that wrote the messages' ~DONE records (layout.h). What it cannot delete comes again and is found
  // to be done; what it throws is ignored.
  virtual Task<void> delete_handled(std::vector<ports::Receipt> receipts) = 0;
};

}  // namespace orderly::aws
