#include "tests/fakes/small_fakes.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>

#include "base/error.h"

namespace orderly::fakes {

std::uint64_t SeededRandom::next() {
  state_ += 0x9e3779b97f4a7c15;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

void SeededRandom::fill(std::span<std::uint8_t> bytes) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i % 8 == 0) bits = next();
    bytes[i] = static_cast<std::uint8_t>(bits >> (8 * (i % 8)));
  }
}

std::size_t RecordingMonitor::alarms_of(std::string_view slug) const {
  return static_cast<std::size_t>(std::ranges::count(alarms, slug, &Alarm::slug));
}

Task<std::string> RecordingMailer::publish_event(ports::EventNotice) {
  throw Error(ErrorCode::kUnavailable, "notifier-unavailable", "The notice could not be sent now.",
              "a mailer publishes no events");
}

Task<std::string> RecordingMailer::send_sms(ports::TextMessage) {
  throw Error(ErrorCode::kUnavailable, "notifier-unavailable", "The text could not be sent now.",
              "a mailer sends no texts");
}

Task<std::string> RecordingMailer::send_mail(ports::Mail mail) {
  if (failures > 0) {
    --failures;
    throw Error(ErrorCode::kUnavailable, "notifier-unavailable", "The mail could not be sent now.", "greylisted");
  }
  if (refusals > 0) {
    --refusals;
    throw Error(ErrorCode::kRefused, "notice-refused", "The mail will never be sent.", "no such mailbox");
  }
  mails.push_back(std::move(mail));
  co_return "mail-" + std::to_string(mails.size());
}

Task<void> MemoryErasures::add(std::string client_id) {
  if (is_down) throw Error(ErrorCode::kUnavailable, "erasures-unavailable", "The list cannot be used.");
  if (std::ranges::find(ids, client_id) == ids.end()) ids.push_back(std::move(client_id));
  co_return;
}

Task<std::vector<std::string>> MemoryErasures::all() {
  if (is_down) throw Error(ErrorCode::kUnavailable, "erasures-unavailable", "The list cannot be used.");
  co_return ids;
}

Task<void> yield_once() {
  co_await boost::asio::post(co_await boost::asio::this_coro::executor, boost::asio::use_awaitable);
}

}  // namespace orderly::fakes
