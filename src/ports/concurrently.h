// Several coroutines at once on the caller's executor, all ended before the caller goes on.
#pragma once

#include <algorithm>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/concurrent_channel.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstddef>
#include <exception>
#include <memory>

#include "ports/task.h"

namespace orderly {

namespace detail {

// Works on the next number until there is none, or another lane has failed.
template <class Work>
Task<void> run_lane(Work& work, std::atomic<std::size_t>& next, std::atomic<bool>& has_failed, std::size_t count) {
  while (!has_failed) {
    const std::size_t number = next.fetch_add(1);
    if (number >= count) co_return;
    co_await work(number);
  }
}

}  // namespace detail

// work(0) … work(count - 1), each a Task<void>, at most `at_once` under way. When one throws, no further one begins,
// and its exception is thrown once those under way have ended. Not to be cancelled.
template <class Work>
Task<void> run_concurrently(std::size_t count, std::size_t at_once, Work work) {
  namespace asio = boost::asio;
  const auto executor = co_await asio::this_coro::executor;
  const std::size_t lanes = std::min(count, at_once);
  using Ended = asio::experimental::concurrent_channel<void(boost::system::error_code, std::exception_ptr)>;
  // Kept by the lanes too: the last of them may still be inside try_send when the caller goes on.
  const auto ended = std::make_shared<Ended>(executor, lanes);
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> has_failed = false;
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    asio::co_spawn(executor, detail::run_lane(work, next, has_failed, count),
                   [ended, &has_failed](std::exception_ptr failure) {
                     if (failure) has_failed = true;
                     ended->try_send(boost::system::error_code{}, failure);
                   });
  }
  std::exception_ptr first;
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const std::exception_ptr failure = co_await ended->async_receive(asio::use_awaitable);
    if (!first) first = failure;
  }
  if (first) std::rethrow_exception(first);
}

}  // namespace orderly
