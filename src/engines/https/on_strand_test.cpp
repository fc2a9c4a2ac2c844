#include "engines/https/on_strand.h"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <functional>
#include <optional>
#include <stdexcept>

namespace orderly::https {
namespace {

namespace asio = boost::asio;

Task<int> seven_in_two_steps() {
  const auto executor = co_await asio::this_coro::executor;
  co_await asio::post(executor, asio::use_awaitable);
  co_await asio::post(executor, asio::use_awaitable);
  co_return 7;
}

Task<int> fail() {
  throw std::runtime_error("no");
  co_return 0;
}

Task<int> sleep_long() {
  asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::hours(1));
  co_await timer.async_wait(asio::use_awaitable);
  co_return 0;
}

// A coroutine that awaits `work` on a strand, and then another operation.
struct Awaiter {
  explicit Awaiter(Task<int> work) {
    asio::co_spawn(
        context, await_on_strand(std::move(work)),
        asio::bind_cancellation_slot(signal.slot(), [this](std::exception_ptr thrown) { error = std::move(thrown); }));
  }

  Task<void> await_on_strand(Task<int> work) {
    result = co_await on_strand(asio::make_strand(context.get_executor()), std::move(work));
    co_await asio::post(context, asio::use_awaitable);
  }

  asio::io_context context{1};
  asio::cancellation_signal signal;
  std::optional<int> result;
  std::exception_ptr error;
};

TEST(OnStrand, HandsOnTheResultOrTheException) {
  Awaiter good(seven_in_two_steps());
  good.context.run();
  EXPECT_EQ(good.result, 7);
  EXPECT_EQ(good.error, nullptr);
  Awaiter bad(fail());
  bad.context.run();
  EXPECT_THROW(std::rethrow_exception(bad.error), std::runtime_error);
}

TEST(OnStrand, ACancellationReachesTheWork) {
  Awaiter awaiter(sleep_long());
  awaiter.context.run_for(std::chrono::milliseconds(20));
  awaiter.signal.emit(asio::cancellation_type::terminal);
  awaiter.context.run_for(std::chrono::seconds(5));
  EXPECT_TRUE(awaiter.context.stopped());
  EXPECT_THROW(std::rethrow_exception(awaiter.error), boost::system::system_error);
}

// With Asio's own co_spawn, some of these moments crash.
TEST(OnStrand, ACancellationMayComeAtAnyMoment) {
  constexpr int kMoments = 20;
  int finished = 0;
  for (int moment = 0; moment < kMoments; ++moment) {
    Awaiter awaiter(seven_in_two_steps());
    int left = moment;
    std::function<void()> count_down = [&] {
      if (left-- == 0) return awaiter.signal.emit(asio::cancellation_type::terminal);
      asio::post(awaiter.context, count_down);
    };
    asio::post(awaiter.context, count_down);
    awaiter.context.run();
    EXPECT_TRUE(awaiter.error != nullptr || awaiter.result == 7) << moment;
    if (awaiter.error == nullptr) ++finished;
  }
  EXPECT_GT(finished, 0);
  EXPECT_LT(finished, kMoments);
}

}  // namespace
}  // namespace orderly::https
