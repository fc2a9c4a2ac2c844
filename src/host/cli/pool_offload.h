// ports::Offload over one of the host's pools.
#pragma once

#include <functional>
#include <utility>

#include "host/server/io_threads.h"
#include "ports/offload.h"

namespace orderly::cli {

class PoolOffload final : public ports::Offload {
 public:
  explicit PoolOffload(server::OffloadPool& pool) : pool_(pool) {}
  Task<void> run(std::function<void()> work) override { return pool_.run(std::move(work)); }

 private:
  server::OffloadPool& pool_;
};

}  // namespace orderly::cli
