#include "host/server/io_threads.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <set>
#include <stdexcept>
#include <string>

#include "base/error.h"
#include "host/server/system_clock.h"
#include "host/server/system_random.h"

namespace orderly::server {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

template <class Work>
auto run_on(IoThreads& io, std::size_t index, Work work) {
  return asio::co_spawn(io.executor(index), std::move(work), asio::use_future);
}

TEST(IoThreads, EachExecutorHasAThreadOfItsOwn) {
  IoThreads io(3);
  io.start();
  std::set<std::thread::id> threads;
  for (std::size_t i = 0; i < io.count(); ++i) {
    for (int again = 0; again < 2; ++again) {
      threads.insert(run_on(io, i, []() -> Task<std::thread::id> { co_return std::this_thread::get_id(); }).get());
    }
  }
  EXPECT_EQ(threads.size(), 3u);
}

TEST(IoThreads, StopDestroysWhatIsSuspended) {
  IoThreads io(1);
  const auto held = std::make_shared<int>(0);
  SystemClock clock;
  std::promise<void> begun;
  asio::co_spawn(
      io.executor(0),
      [&clock, &begun, held]() -> Task<void> {
        begun.set_value();
        co_await clock.sleep(Duration(1'000'000));
      },
      asio::detached);
  io.start();
  begun.get_future().wait();
  io.stop();
  EXPECT_EQ(held.use_count(), 1);
  io.stop();
}

TEST(OffloadPool, RunsElsewhereAndResumesAtHome) {
  IoThreads io(1);
  io.start();
  OffloadPool pool(2, 10);
  const auto [home, elsewhere, back] = run_on(io, 0, [&]() -> Task<std::array<std::thread::id, 3>> {
                                         const auto before = std::this_thread::get_id();
                                         const auto there =
                                             co_await offload(pool, [] { return std::this_thread::get_id(); });
                                         co_return std::array{before, there, std::this_thread::get_id()};
                                       }).get();
  EXPECT_EQ(home, back);
  EXPECT_NE(home, elsewhere);
  EXPECT_EQ(pool.under_way(), 0u);
}

TEST(OffloadPool, HandsOnAnException) {
  IoThreads io(1);
  io.start();
  OffloadPool pool(1, 1);
  auto result = run_on(io, 0, [&]() -> Task<void> { co_await pool.run([] { throw std::runtime_error("no"); }); });
  EXPECT_THROW(result.get(), std::runtime_error);
  EXPECT_EQ(pool.under_way(), 0u);
}

TEST(OffloadPool, RefusesWhatItsQueueCannotHold) {
  IoThreads io(1);
  io.start();
  OffloadPool pool(1, 2);
  std::promise<void> gate;
  const std::shared_future<void> open = gate.get_future().share();
  std::vector<std::future<int>> accepted;
  const auto work = [&]() -> Task<int> {
    co_return co_await pool.run([open] {
      open.wait();
      return 7;
    });
  };
  for (int i = 0; i < 3; ++i) accepted.push_back(run_on(io, 0, work));
  auto refused = run_on(io, 0, [&]() -> Task<std::string> {
    try {
      co_await work();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUnavailable);
      co_return error.slug();
    }
    co_return "a fourth call was taken";
  });
  EXPECT_EQ(refused.get(), "overloaded");
  gate.set_value();
  for (auto& result : accepted) EXPECT_EQ(result.get(), 7);
  EXPECT_EQ(run_on(io, 0, work).get(), 7) << "there is room again";
}

TEST(SystemClock, SleepsLongEnough) {
  IoThreads io(1);
  io.start();
  SystemClock clock;
  const auto begun = std::chrono::steady_clock::now();
  const Time before = clock.now();
  run_on(io, 0, [&]() -> Task<void> { co_await clock.sleep(Duration(30)); }).get();
  EXPECT_GE(std::chrono::steady_clock::now() - begun, 30ms);
  EXPECT_GE(clock.now(), before);
}

TEST(SystemRandom, NoPieceComesTwiceOverThreads) {
  constexpr int kThreads = 4;
  constexpr int kPieces = 5000;
  SystemRandom random;
  std::vector<std::future<std::vector<std::string>>> results;
  for (int t = 0; t < kThreads; ++t) {
    results.push_back(std::async(std::launch::async, [&] {
      std::vector<std::string> pieces;
      for (int i = 0; i < kPieces; ++i) {
        std::string piece(static_cast<std::size_t>(12 + i % 7), '\0');
        random.fill({reinterpret_cast<std::uint8_t*>(piece.data()), piece.size()});
        pieces.push_back(piece.substr(0, 12));
      }
      return pieces;
    }));
  }
  std::set<std::string> all;
  for (auto& result : results) {
    for (std::string& piece : result.get()) all.insert(std::move(piece));
  }
  EXPECT_EQ(all.size(), static_cast<std::size_t>(kThreads * kPieces));
}

TEST(SystemRandom, FillsPiecesOfAnySizeToTheLastByte) {
  SystemRandom random;
  for (const std::size_t size : {0u, 1u, 511u, 512u, 513u, 2048u, 5000u}) {
    std::vector<std::uint8_t> ever_set(size, 0);
    for (int i = 0; i < 20; ++i) {
      std::vector<std::uint8_t> bytes(size, 0);
      random.fill(bytes);
      for (std::size_t at = 0; at < size; ++at) ever_set[at] |= bytes[at];
    }
    EXPECT_EQ(std::count(ever_set.begin(), ever_set.end(), 0), 0) << size;
  }
}

}  // namespace
}  // namespace orderly::server
