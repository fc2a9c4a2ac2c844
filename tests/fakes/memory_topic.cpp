#include "tests/fakes/memory_topic.h"

#include <algorithm>

#include "base/error.h"

namespace orderly::fakes {

namespace {

[[noreturn]] void throw_unavailable(std::string detail) {
  throw Error(ErrorCode::kUnavailable, "notifier-unavailable", "The notice could not be sent now.", std::move(detail));
}

}  // namespace

Task<std::string> MemoryTopic::publish_event(ports::EventNotice notice) {
  ++attempts;
  const auto place = under_way_.insert(notice.subject_id);
  at_once_max_ = std::max(at_once_max_, under_way_.size());
  at_once_of_one_max_ = std::max(at_once_of_one_max_, under_way_.count(notice.subject_id));
  co_await clock_.sleep(takes);
  under_way_.erase(place);
  if (is_down) throw_unavailable("connection refused");
  if (refused.contains(notice.event_id)) throw_unavailable("InvalidParameter");
  notices.push_back(notice);
  if (after_publish) after_publish(notice);
  co_return "published-" + std::to_string(notices.size());
}

Task<std::string> MemoryTopic::send_sms(ports::TextMessage) { throw_unavailable("a topic sends no texts"); }
Task<std::string> MemoryTopic::send_mail(ports::Mail) { throw_unavailable("a topic sends no mail"); }

std::vector<std::string> MemoryTopic::ids(const std::string& subject) const {
  std::vector<std::string> found;
  for (const ports::EventNotice& notice : notices) {
    const bool is_wanted = subject.empty() || notice.subject_id == subject;
    if (is_wanted && std::ranges::find(found, notice.event_id) == found.end()) found.push_back(notice.event_id);
  }
  return found;
}

std::size_t MemoryTopic::times(const std::string& event_id) const {
  return static_cast<std::size_t>(std::ranges::count(notices, event_id, &ports::EventNotice::event_id));
}

}  // namespace orderly::fakes
