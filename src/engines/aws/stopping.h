// Ways to end a wait early.
#pragma once

#include <atomic>
#include <boost/asio/experimental/concurrent_channel.hpp>
#include <list>
#include <memory>
#include <mutex>
#include <optional>

#include "ports/task.h"

namespace orderly::aws {

// Thread-safe.
class StopSignal {
 public:
  // All waits end, now and later.
  void stop();
  bool is_stopped() const { return is_stopped_; }
  // Until stop(). May be cancelled; then it returns too.
  Task<void> wait();

 private:
  class Place;
  using Channel = boost::asio::experimental::concurrent_channel<void(boost::system::error_code)>;

  std::mutex mutex_;
  std::list<std::shared_ptr<Channel>> waiting_;
  std::atomic<bool> is_stopped_ = false;
};

namespace detail {
Task<void> run_until_stopped(Task<void> work, StopSignal& stop);
}  // namespace detail

// What `work` gives. When `stop` comes first, `work` is cancelled, and has ended when this returns: with nothing,
// unless it was faster than its cancellation. Rethrows what it throws by itself.
template <class T>
Task<std::optional<T>> unless_stopped(Task<T> work, StopSignal& stop) {
  std::optional<T> result;
  auto keep = [](Task<T> inner, std::optional<T>& kept) -> Task<void> { kept = co_await std::move(inner); };
  co_await detail::run_until_stopped(keep(std::move(work), result), stop);
  co_return result;
}

}  // namespace orderly::aws
