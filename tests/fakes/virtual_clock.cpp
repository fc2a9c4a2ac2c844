#include "tests/fakes/virtual_clock.h"

#include <boost/asio/async_result.hpp>

namespace orderly::fakes {

namespace asio = boost::asio;

template <class Handler>
class VirtualClock::SleeperWith final : public Sleeper {
 public:
  explicit SleeperWith(Handler handler) : handler_(std::move(handler)) {}
  void resume() override { asio::post(std::move(handler_)); }

 private:
  Handler handler_;
};

Task<void> VirtualClock::sleep(Duration duration) { return sleep_unless_woken(duration, nullptr); }

Task<void> VirtualClock::sleep_unless_woken(Duration duration, const void* tag) {
  const Time until = now_ + std::max(duration, Duration{0});
  auto fall_asleep = [this, until, tag](auto handler) {
    auto sleeper = std::make_unique<SleeperWith<decltype(handler)>>(std::move(handler));
    sleeper->tag = tag;
    sleepers_.emplace(Place{until, ++sleeps_}, std::move(sleeper));
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(fall_asleep, asio::use_awaitable);
}

void VirtualClock::wake(const void* tag) {
  for (auto place = sleepers_.begin(); place != sleepers_.end();) {
    if (place->second->tag != tag) {
      ++place;
      continue;
    }
    const std::unique_ptr<Sleeper> sleeper = std::move(place->second);
    place = sleepers_.erase(place);
    sleeper->resume();
  }
}

bool VirtualClock::jump_to_next(Time limit) {
  if (sleepers_.empty() || sleepers_.begin()->first.first > limit) return false;
  now_ = std::max(now_, sleepers_.begin()->first.first);
  while (!sleepers_.empty() && sleepers_.begin()->first.first <= now_) {
    const std::unique_ptr<Sleeper> sleeper = std::move(sleepers_.begin()->second);
    sleepers_.erase(sleepers_.begin());
    sleeper->resume();
  }
  return true;
}

void VirtualClock::set(Time now) { now_ = std::max(now_, now); }

}  // namespace orderly::fakes
