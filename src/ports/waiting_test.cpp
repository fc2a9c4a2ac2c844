// Sleeps that end early, and several things at once.
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <stdexcept>

#include "ports/clock.h"
#include "ports/concurrently.h"

namespace orderly {
namespace {

namespace asio = boost::asio;

Task<void> yield() { co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable); }

template <class T>
T run(Task<T> task) {
  asio::io_context context;
  auto result = asio::co_spawn(context, std::move(task), asio::use_future);
  context.run();
  return result.get();
}

// Moved by sleepers alone. Requests the stop, if there is one, after so many sleeps.
class JumpingClock final : public ports::Clock {
 public:
  Time now() const override { return now_; }
  Task<void> sleep(Duration duration) override {
    now_ = now_ + duration;
    if (++sleeps_ == stop_after) stop.request_stop();
    co_await yield();
  }

  std::stop_source stop;
  int stop_after = 0;

 private:
  Time now_{1'800'000'000'000};
  int sleeps_ = 0;
};

Task<Duration> time_slept(JumpingClock& clock, Duration duration) {
  const Time begin = clock.now();
  co_await ports::sleep_unless_stopped(clock, duration, clock.stop.get_token());
  co_return clock.now() - begin;
}

TEST(SleepUnlessStopped, EndsSoonAfterAStop) {
  JumpingClock clock;
  EXPECT_EQ(run(time_slept(clock, Duration{10'100})), Duration{10'100});
  EXPECT_EQ(run(time_slept(clock, Duration{-1})), Duration{0});
  JumpingClock stopping;
  stopping.stop_after = 3;
  EXPECT_EQ(run(time_slept(stopping, Duration{10'000})), Duration{750});
  EXPECT_EQ(run(time_slept(stopping, Duration{10'000})), Duration{0});
}

// How many were done, and how many at once at most; done is -1 when number `failing` threw.
struct Tally {
  int done = 0;
  int under_way = 0;
  int at_once = 0;
};
Task<Tally> tally_of(std::size_t count, std::size_t at_once, std::size_t failing) {
  Tally tally;
  auto work = [&tally, failing](std::size_t number) -> Task<void> {
    tally.at_once = std::max(tally.at_once, ++tally.under_way);
    co_await yield();
    --tally.under_way;
    if (number == failing) throw std::runtime_error("broken");
    ++tally.done;
  };
  try {
    co_await run_concurrently(count, at_once, work);
  } catch (const std::runtime_error&) {
    EXPECT_EQ(tally.under_way, 0) << "it left some behind";
    EXPECT_LT(tally.done, static_cast<int>(count));
    tally.done = -1;
  }
  co_return tally;
}

TEST(RunConcurrently, DoesAllSoManyAtOnce) {
  const Tally tally = run(tally_of(20, 4, 1000));
  EXPECT_EQ(tally.done, 20);
  EXPECT_EQ(tally.at_once, 4);
  EXPECT_EQ(run(tally_of(0, 4, 1000)).done, 0);
  EXPECT_EQ(run(tally_of(2, 4, 1000)).done, 2);
}

TEST(RunConcurrently, ThrowsOnceTheOthersHaveEnded) { EXPECT_EQ(run(tally_of(20, 4, 5)).done, -1); }

}  // namespace
}  // namespace orderly
