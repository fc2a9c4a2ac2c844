#include "tests/fakes/small_fakes.h"

#include <boost/asio/this_coro.hpp>

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

Task<void> yield_once() {
  co_await boost::asio::post(co_await boost::asio::this_coro::executor, boost::asio::use_awaitable);
}

}  // namespace orderly::fakes
