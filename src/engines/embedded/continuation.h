// A coroutine that waits for something that happens on another thread, and the way to let many of them go on at once.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <utility>
#include <vector>

#include "ports/task.h"

namespace orderly::embedded {

// Resumed exactly once, or destroyed, which destroys the coroutine. Keeps its executor busy until then.
class Continuation {
 public:
  virtual ~Continuation() = default;
  // On the executor's own thread only.
  virtual void resume() = 0;
  const boost::asio::any_io_executor& executor() const { return executor_; }

 protected:
  explicit Continuation(const boost::asio::any_io_executor& executor)
      : executor_(boost::asio::prefer(executor, boost::asio::execution::outstanding_work.tracked)) {}

 private:
  boost::asio::any_io_executor executor_;
};
using ContinuationPtr = std::unique_ptr<Continuation>;

template <class Handler>
class HandlerContinuation final : public Continuation {
 public:
  explicit HandlerContinuation(Handler handler)
      : Continuation(boost::asio::get_associated_executor(handler)), handler_(std::move(handler)) {}
  void resume() override { std::move(handler_)(); }

 private:
  Handler handler_;
};

// Suspends the calling coroutine and hands its continuation to `start`, which may pass it to another thread at once.
template <class Start>
Task<void> suspend(Start start) {
  return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void()>(
      [start = std::move(start)](auto handler) mutable {
        using Handler = decltype(handler);
        start(ContinuationPtr(std::make_unique<HandlerContinuation<Handler>>(std::move(handler))));
      },
      boost::asio::use_awaitable);
}

// Each on its own executor, in the order given, with few posts. From any thread.
void resume_all(std::vector<ContinuationPtr> continuations);

}  // namespace orderly::embedded
