// The I/O threads: one io_context each, run by that thread alone (concurrency hint 1), so that what lives on one needs
// no lock. And the one bounded pool for work that would block them.
#pragma once

#include <atomic>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstddef>
#include <memory>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "ports/task.h"

namespace orderly::server {

// Declare it before everything that uses its executors, and call stop() while what suspended coroutines refer to is
// still there: stop() destroys them.
class IoThreads {
 public:
  using Executor = boost::asio::io_context::executor_type;

  explicit IoThreads(std::size_t count);
  IoThreads(const IoThreads&) = delete;
  IoThreads& operator=(const IoThreads&) = delete;
  ~IoThreads();

  std::size_t count() const { return loops_.size(); }
  Executor executor(std::size_t index) { return loops_[index]->context.get_executor(); }
  // Each in its turn, for work that may run on any of them.
  Executor next_executor();

  void start();
  // Ends the threads, then destroys every coroutine that is still suspended on them. Not from one of the I/O threads.
  // Work posted afterwards is kept and never run. Once is enough; more often does no harm.
  void stop();

 private:
  // Lets stop() do early what ~io_context does.
  struct Context : boost::asio::io_context {
    using boost::asio::execution_context::shutdown;
    using boost::asio::io_context::io_context;
  };
  struct Loop {
    Context context{1};
    boost::asio::executor_work_guard<Executor> work = boost::asio::make_work_guard(context);
    std::thread thread;
  };

  std::vector<std::unique_ptr<Loop>> loops_;
  std::atomic<std::size_t> next_ = 0;
};

// Threads for what takes long: password hashing, PDFs, long reads. Thread-safe.
class OffloadPool {
 public:
  // At most `queue_max` calls wait for a thread; more are refused.
  OffloadPool(std::size_t thread_count, std::size_t queue_max);
  OffloadPool(const OffloadPool&) = delete;
  OffloadPool& operator=(const OffloadPool&) = delete;
  // Waits for the calls under way and those that wait.
  ~OffloadPool();

  // Runs `work` on a thread of the pool, then resumes on the caller's executor with its result or exception. Throws
  // Error(kUnavailable, "overloaded") at once when the queue is full. A cancellation is not seen before the work has
  // ended.
  template <class Work>
  Task<std::invoke_result_t<Work&>> run(Work work) {
    Place place(*this);
    // An empty slot, since a cancellation would cross to the pool's threads unguarded.
    co_return co_await boost::asio::co_spawn(
        pool_, [&work]() -> Task<std::invoke_result_t<Work&>> { co_return work(); },
        boost::asio::bind_cancellation_slot(boost::asio::cancellation_slot{}, boost::asio::use_awaitable));
  }

  std::size_t under_way() const { return under_way_.load(std::memory_order_relaxed); }

 private:
  // A call's place among those that run or wait.
  class Place {
   public:
    explicit Place(OffloadPool& pool);
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place();

   private:
    OffloadPool& pool_;
  };

  const std::size_t under_way_max_;
  std::atomic<std::size_t> under_way_ = 0;
  boost::asio::thread_pool pool_;
};

template <class Work>
auto offload(OffloadPool& pool, Work work) {
  return pool.run(std::move(work));
}

}  // namespace orderly::server
