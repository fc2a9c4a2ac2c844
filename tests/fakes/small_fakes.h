// The small ports: chance from a seed, offloaded work done at once, and a monitor that remembers.
#pragma once

#include <string>
#include <vector>

#include "ports/clock.h"
#include "ports/monitor.h"
#include "ports/offload.h"

namespace orderly::fakes {

// splitmix64 (Steele, Lea, Flood 2014): the same bytes for the same seed, on every machine.
class SeededRandom final : public ports::Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  void fill(std::span<std::uint8_t> bytes) override;

 private:
  std::uint64_t next();
  std::uint64_t state_;
};

class InlineOffload final : public ports::Offload {
 public:
  Task<void> run(std::function<void()> work) override {
    work();
    co_return;
  }
};

class RecordingMonitor final : public ports::Monitor {
 public:
  struct Alarm {
    std::string slug;
    std::string concerns;
    std::string detail;
  };

  void payment_outcome(std::string_view outcome) override { outcomes.emplace_back(outcome); }
  void alarm(std::string_view slug, std::string_view concerns, std::string_view detail) override {
    alarms.push_back({std::string(slug), std::string(concerns), std::string(detail)});
  }
  std::size_t alarms_of(std::string_view slug) const;

  std::vector<std::string> outcomes;
  std::vector<Alarm> alarms;
};

// Lets everything else that is ready run first.
Task<void> yield_once();

}  // namespace orderly::fakes
