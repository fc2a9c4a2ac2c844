// The embedded engine, opened on a simulated disk.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>

#include "engines/embedded/engine.h"
#include "ports/clock.h"
#include "tests/power_loss/simulated_disk.h"
#include "tests/power_loss/workload.h"

namespace orderly::power_loss {

// Moves only when told to, and for those who sleep on it. Thread-safe.
class StillClock : public ports::Clock {
 public:
  Time now() const override { return Time{now_ms_.load()}; }
  Task<void> sleep(Duration duration) override {
    pass(duration);
    co_return;
  }
  void pass(Duration duration) { now_ms_ += duration.count(); }

 private:
  std::atomic<std::int64_t> now_ms_ = 1'790'000'000'000;  // in 2026
};

class EngineOnDisk {
 public:
  // Throws what EmbeddedEngine::open throws.
  explicit EngineOnDisk(std::shared_ptr<SimulatedDisk> disk);

  const System& system() const { return *system_; }
  StillClock& clock() { return clock_; }
  // How often on_fatal was called.
  int fatal_calls() const { return fatal_calls_; }

 private:
  std::shared_ptr<SimulatedDisk> disk_;
  std::unique_ptr<rocksdb::Env> env_;
  StillClock clock_;
  boost::asio::io_context context_;
  std::atomic<int> fatal_calls_ = 0;
  std::unique_ptr<embedded::EmbeddedEngine> engine_;
  std::unique_ptr<System> system_;
};

}  // namespace orderly::power_loss
