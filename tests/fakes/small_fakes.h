// The small ports: chance from a seed, offloaded work done at once, a monitor and a mailer that remember, and a list of
// those who were erased.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "ports/clock.h"
#include "ports/erasures.h"
#include "ports/monitor.h"
#include "ports/notifier.h"
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

// Mail alone, as it was taken over.
class RecordingMailer final : public ports::Notifier {
 public:
  Task<std::string> publish_event(ports::EventNotice notice) override;
  Task<std::string> send_mail(ports::Mail mail) override;
  Task<std::string> send_sms(ports::TextMessage message) override;

  std::vector<ports::Mail> mails;
  // Of the next mails so many are answered so; nothing of them is sent.
  std::size_t failures = 0;  // Error(kUnavailable)
  std::size_t refusals = 0;  // Error(kRefused)
};

// It outlives what a test does to the store, as the real ones do.
class MemoryErasures final : public ports::Erasures {
 public:
  Task<void> add(std::string client_id) override;
  Task<std::vector<std::string>> all() override;

  std::vector<std::string> ids;
  bool is_down = false;
};

// Lets everything else that is ready run first.
Task<void> yield_once();

}  // namespace orderly::fakes
