#include "host/server/io_threads.h"

#include "base/error.h"

namespace orderly::server {

IoThreads::IoThreads(std::size_t count) {
  ORDERLY_ASSERT(count > 0);
  for (std::size_t i = 0; i < count; ++i) loops_.push_back(std::make_unique<Loop>());
}

IoThreads::~IoThreads() { stop(); }

IoThreads::Executor IoThreads::next_executor() {
  return executor(next_.fetch_add(1, std::memory_order_relaxed) % loops_.size());
}

void IoThreads::start() {
  for (const auto& loop : loops_) {
    ORDERLY_ASSERT(!loop->thread.joinable());
    loop->thread = std::thread([&context = loop->context] { context.run(); });
  }
}

void IoThreads::stop() {
  for (const auto& loop : loops_) loop->context.stop();
  for (const auto& loop : loops_) {
    if (loop->thread.joinable()) loop->thread.join();
  }
  for (const auto& loop : loops_) loop->context.shutdown();
}

OffloadPool::OffloadPool(std::size_t thread_count, std::size_t queue_max)
    : under_way_max_(thread_count + queue_max), pool_(thread_count) {}

OffloadPool::~OffloadPool() { pool_.join(); }

OffloadPool::Place::Place(OffloadPool& pool) : pool_(pool) {
  if (pool_.under_way_.fetch_add(1, std::memory_order_relaxed) >= pool_.under_way_max_) {
    pool_.under_way_.fetch_sub(1, std::memory_order_relaxed);
    throw Error(ErrorCode::kUnavailable, "overloaded", "The server has too much to do. Try again in a moment.",
                "the offload queue is full");
  }
}

OffloadPool::Place::~Place() { pool_.under_way_.fetch_sub(1, std::memory_order_relaxed); }

}  // namespace orderly::server
