#include "engines/aws/stopping.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <utility>

#include "engines/https/on_strand.h"

namespace orderly::aws {
namespace {

namespace asio = boost::asio;

// Never throws, so that the race below ends with the first that ends.
Task<std::exception_ptr> caught(Task<void> work) {
  try {
    co_await std::move(work);
  } catch (...) {
    co_return std::current_exception();
  }
  co_return nullptr;
}

Task<bool> race(Task<void> work, StopSignal& stop) {
  using namespace asio::experimental::awaitable_operators;
  const auto outcome = co_await (caught(std::move(work)) || stop.wait());
  const std::exception_ptr* failure = std::get_if<0>(&outcome);
  if (failure != nullptr && *failure) std::rethrow_exception(*failure);
  co_return failure != nullptr;
}

}  // namespace

void StopSignal::stop() {
  const std::lock_guard lock(mutex_);
  is_stopped_ = true;
  for (const auto& channel : waiting_) channel->close();
}

// Left, too, when the coroutine is destroyed where it waits.
class StopSignal::Place {
 public:
  Place(StopSignal& signal, std::shared_ptr<Channel> channel) : signal_(signal) {
    const std::lock_guard lock(signal_.mutex_);
    place_ = signal_.waiting_.insert(signal_.waiting_.end(), std::move(channel));
  }
  ~Place() {
    const std::lock_guard lock(signal_.mutex_);
    signal_.waiting_.erase(place_);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

 private:
  StopSignal& signal_;
  std::list<std::shared_ptr<Channel>>::iterator place_;
};

Task<void> StopSignal::wait() {
  auto channel = std::make_shared<Channel>(co_await asio::this_coro::executor, 0);
  const Place place(*this, channel);
  if (is_stopped_) co_return;
  co_await channel->async_receive(asio::as_tuple(asio::use_awaitable));
}

// On a strand, since a cancellation must not run beside what it cancels.
Task<void> detail::run_until_stopped(Task<void> work, StopSignal& stop) {
  const auto strand = asio::make_strand(co_await asio::this_coro::executor);
  co_await https::on_strand(strand, race(std::move(work), stop));
}

}  // namespace orderly::aws
