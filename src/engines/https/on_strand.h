// A coroutine awaited on another executor, and cancelled with the one that awaits it.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <memory>
#include <utility>

#include "ports/task.h"

namespace orderly::https {

// As `co_spawn(strand, work, use_awaitable)`, but a cancellation that reaches the strand too late finds what it looks
// for: Asio 1.81 sends it there with a pointer into the slot of the awaiting coroutine, which has been used for
// something else if `work` ended meanwhile. `strand` must run one thing at a time.
template <class T>
Task<T> on_strand(boost::asio::any_io_executor strand, Task<T> work) {
  namespace asio = boost::asio;
  struct Crossing {
    asio::any_io_executor strand;
    asio::cancellation_signal signal;  // touched on the strand only
    bool is_done = false;              // likewise
  };
  const auto start = [](auto handler, asio::any_io_executor there, Task<T> task) {
    auto crossing = std::make_shared<Crossing>(std::move(there));
    if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) {
      slot.assign([crossing](asio::cancellation_type type) {
        asio::post(crossing->strand, [crossing, type] {
          if (!crossing->is_done) crossing->signal.emit(type);
        });
      });
    }
    auto finish = [crossing, handler = std::move(handler)](std::exception_ptr error, T result) mutable {
      crossing->is_done = true;
      const auto home = asio::get_associated_executor(handler);
      asio::post(home, [handler = std::move(handler), error, result = std::move(result)]() mutable {
        std::move(handler)(error, std::move(result));
      });
    };
    asio::co_spawn(crossing->strand, std::move(task),
                   asio::bind_cancellation_slot(crossing->signal.slot(), std::move(finish)));
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(std::exception_ptr, T)>(
      start, asio::use_awaitable, std::move(strand), std::move(work));
}

}  // namespace orderly::https
