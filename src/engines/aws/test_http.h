// For this room's tests, beside engines/https/test_http.h: a clock that only sleepers move, chance that counts.
#pragma once

#include <atomic>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "engines/aws/credentials.h"
#include "engines/https/client.h"
#include "engines/https/test_http.h"
#include "ports/clock.h"

namespace orderly::aws::testing {

using https::test::run;
using https::test::ScriptedHttp;
using https::test::yield;

// Thread-safe.
class JumpingClock final : public ports::Clock {
 public:
  explicit JumpingClock(std::string_view start) : now_ms_(parse_time(start).value().ms) {}

  Time now() const override { return {now_ms_}; }
  Task<void> sleep(Duration duration) override {
    {
      const std::scoped_lock lock(mutex_);
      slept_.push_back(duration);
    }
    advance(duration);
    co_await yield();
  }

  void advance(Duration duration) { now_ms_ += duration.count(); }
  std::vector<Duration> slept() const {
    const std::scoped_lock lock(mutex_);
    return slept_;
  }

 private:
  std::atomic<std::int64_t> now_ms_;
  mutable std::mutex mutex_;
  std::vector<Duration> slept_;
};

// Every byte is the same.
class ConstantRandom final : public ports::Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override {
    for (std::uint8_t& each : bytes) each = byte;
  }
  std::uint8_t byte = 0;
};

[[noreturn]] inline void fail_unreachable() {
  throw Error(ErrorCode::kUnavailable, "peer-unreachable", "Not available.", "test: unreachable");
}
[[noreturn]] inline void fail_lost() {
  throw Error(ErrorCode::kUnavailable, "answer-lost", "Not available.", "test: lost");
}

// "" when there is none.
inline std::string header_of(const https::Request& request, std::string_view name) {
  for (const auto& [each, value] : request.headers) {
    if (each == name) return value;
  }
  return "";
}

// The slug of the error that the task ends with; "" when it ends well.
template <class T>
std::string slug_of(Task<T> task) {
  try {
    run(std::move(task));
    return "";
  } catch (const Error& error) {
    return error.slug();
  }
}

}  // namespace orderly::aws::testing
