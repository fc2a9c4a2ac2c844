// For this room's tests: an Http that answers from a function, a clock that only sleepers move, chance that counts.
#pragma once

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "engines/aws/credentials.h"
#include "engines/https/client.h"
#include "ports/clock.h"

namespace orderly::aws::testing {

inline Task<void> yield() {
  co_await boost::asio::post(co_await boost::asio::this_coro::executor, boost::asio::use_awaitable);
}

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

// Answers by the function, which may throw; remembers what was asked. Thread-safe when the function is.
class ScriptedHttp final : public https::Http {
 public:
  using Script = std::function<https::Response(const https::Request&)>;
  explicit ScriptedHttp(Script script) : script_(std::move(script)) {}

  Task<https::Response> send(https::Request request) override {
    {
      const std::scoped_lock lock(mutex_);
      requests_.push_back(request);
    }
    for (int i = 0; i < 3; ++i) co_await yield();  // others come between
    co_return script_(request);
  }

  std::vector<https::Request> requests() const {
    const std::scoped_lock lock(mutex_);
    return requests_;
  }
  std::size_t count() const { return requests().size(); }

 private:
  Script script_;
  mutable std::mutex mutex_;
  std::vector<https::Request> requests_;
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

template <class T>
T run(Task<T> task) {
  boost::asio::io_context io;
  std::optional<T> result;
  std::exception_ptr failure;
  boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr error, T value) {
    failure = error;
    result = std::move(value);
  });
  io.run();
  if (failure) std::rethrow_exception(failure);
  return std::move(result).value();
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
