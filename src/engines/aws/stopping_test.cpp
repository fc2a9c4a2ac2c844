// Work that ends early.
#include "engines/aws/stopping.h"

#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <stdexcept>
#include <thread>

#include "engines/aws/test_http.h"

namespace orderly::aws {
namespace {

using namespace orderly::aws::testing;  // NOLINT(google-build-using-namespace)
namespace asio = boost::asio;

Task<int> five() {
  co_await yield();
  co_return 5;
}

Task<int> broken() {
  co_await yield();
  throw std::runtime_error("broken");
}

// Until it is cancelled.
Task<int> forever(std::atomic<bool>& was_ended) {
  struct Ended {
    std::atomic<bool>& flag;
    ~Ended() { flag = true; }
  } ended{was_ended};
  StopSignal never;
  co_await never.wait();
  throw std::runtime_error("cancelled");
}

// The unless_stopped of a task, in a coroutine that keeps what it needs.
Task<std::optional<int>> raced(Task<int> work, StopSignal& stop) {
  co_return co_await unless_stopped(std::move(work), stop);
}

TEST(UnlessStopped, GivesTheResultOrTheException) {
  StopSignal stop;
  EXPECT_EQ(run(raced(five(), stop)), 5);
  EXPECT_THROW(run(raced(broken(), stop)), std::runtime_error);
}

TEST(UnlessStopped, AStopEndsTheWorkWhoeverCallsIt) {
  asio::io_context context;
  auto work = asio::make_work_guard(context);
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back([&] { context.run(); });
  for (int round = 0; round < 50; ++round) {
    StopSignal stop;
    std::vector<std::atomic<bool>> ended(8);
    std::vector<std::future<std::optional<int>>> waiting;
    for (auto& flag : ended) {
      waiting.push_back(asio::co_spawn(context, raced(forever(flag), stop), asio::use_future));
    }
    if (round % 2 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    stop.stop();
    for (auto& one : waiting) EXPECT_EQ(one.get(), std::nullopt);
    for (auto& flag : ended) EXPECT_TRUE(flag);
  }
  work.reset();
  for (std::thread& thread : threads) thread.join();
}

TEST(UnlessStopped, AfterAStopNothingWaits) {
  StopSignal stop;
  stop.stop();
  std::atomic<bool> was_ended = false;
  EXPECT_EQ(run(raced(forever(was_ended), stop)), std::nullopt);
}

}  // namespace
}  // namespace orderly::aws
