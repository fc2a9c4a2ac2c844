// For tests of what calls over Http: one that answers from a function, and a loop to run a call to its end.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "engines/https/client.h"
#include "ports/task.h"

namespace orderly::https::test {

inline Task<void> yield() {
  co_await boost::asio::post(co_await boost::asio::this_coro::executor, boost::asio::use_awaitable);
}

// Answers by the function, which may throw; remembers what was asked. Thread-safe when the function is.
class ScriptedHttp final : public Http {
 public:
  using Script = std::function<Response(const Request&)>;
  explicit ScriptedHttp(Script script) : script_(std::move(script)) {}

  Task<Response> send(Request request) override {
    {
      const std::scoped_lock lock(mutex_);
      requests_.push_back(request);
    }
    for (int i = 0; i < 3; ++i) co_await yield();  // others come between
    co_return script_(request);
  }

  std::vector<Request> requests() const {
    const std::scoped_lock lock(mutex_);
    return requests_;
  }
  std::size_t count() const { return requests().size(); }

 private:
  Script script_;
  mutable std::mutex mutex_;
  std::vector<Request> requests_;
};

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

}  // namespace orderly::https::test
