// A limit in time for a coroutine.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <utility>

#include "ports/clock.h"

namespace orderly::https {

// Awaits `work`, cancelled when `limit` is over: then nothing. To be awaited on a strand, or where one thread runs.
template <class T>
Task<std::optional<T>> within(ports::Clock& clock, Duration limit, Task<T> work) {
  namespace asio = boost::asio;
  const auto executor = co_await asio::this_coro::executor;
  auto [order, work_error, result, sleep_error] =
      co_await asio::experimental::make_parallel_group(asio::co_spawn(executor, std::move(work), asio::deferred),
                                                       asio::co_spawn(executor, clock.sleep(limit), asio::deferred))
          .async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  const bool is_over = order[0] == 1 && !sleep_error;
  if (is_over) co_return std::nullopt;
  if (work_error) std::rethrow_exception(work_error);
  co_return std::optional<T>(std::move(result));
}

}  // namespace orderly::https
