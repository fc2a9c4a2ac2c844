// A topic in memory, which takes a while, or fails, as a test wants. For one thread.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "ports/notifier.h"
#include "tests/fakes/virtual_clock.h"

namespace orderly::fakes {

class MemoryTopic final : public ports::Notifier {
 public:
  explicit MemoryTopic(VirtualClock& clock) : clock_(clock) {}

  Task<std::string> publish_event(ports::EventNotice notice) override;
  Task<std::string> send_sms(ports::TextMessage message) override;
  Task<std::string> send_mail(ports::Mail mail) override;

  // Event ids, in the order in which they arrived, of one subject or of all; repetitions left out.
  std::vector<std::string> ids(const std::string& subject = {}) const;
  std::size_t times(const std::string& event_id) const;
  // How many were on their way at once, at the most: of all subjects, and of one.
  std::size_t at_once_max() const { return at_once_max_; }
  std::size_t at_once_of_one_max() const { return at_once_of_one_max_; }

  // --- What tests do ---
  bool is_down = false;
  Duration takes{0};
  // Events that are refused for as long as they are in here.
  std::set<std::string> refused;
  // Called when a notice was taken over, before the caller knows.
  std::function<void(const ports::EventNotice&)> after_publish;

  // As they were taken over, repetitions too.
  std::vector<ports::EventNotice> notices;
  std::size_t attempts = 0;

 private:
  VirtualClock& clock_;
  std::multiset<std::string> under_way_;  // subjects
  std::size_t at_once_max_ = 0;
  std::size_t at_once_of_one_max_ = 0;
};

}  // namespace orderly::fakes
