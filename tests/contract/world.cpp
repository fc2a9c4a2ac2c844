#include "tests/contract/world.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <chrono>

namespace orderly::contract {

Time RealClock::now() const {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<Duration>(since_epoch).count()};
}

Task<void> RealClock::sleep(Duration duration) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, duration);
  co_await timer.async_wait(boost::asio::use_awaitable);
}

Threads::Threads() {
  for (const int threads : {1, 1, 2}) {
    Loop& loop = *loops_.emplace_back(std::make_unique<Loop>());
    for (int i = 0; i < threads; ++i) loop.threads.emplace_back([&loop] { loop.context.run(); });
  }
}

Threads::~Threads() {
  for (const auto& loop : loops_) {
    loop->context.stop();
    for (std::thread& thread : loop->threads) thread.join();
  }
}

boost::asio::io_context& Threads::next_loop() { return loops_[next_.fetch_add(1) % loops_.size()]->context; }

ports::Key key(std::string partition, std::string sort) { return {std::move(partition), std::move(sort)}; }

ports::Put put(ports::Key key, std::string document, ports::Condition condition, std::uint64_t version) {
  ports::Put put;
  put.key = std::move(key);
  put.document = std::move(document);
  put.condition = condition;
  put.version = version;
  return put;
}

ports::Commit commit_of(std::vector<ports::Write> writes) {
  ports::Commit commit;
  commit.writes = std::move(writes);
  return commit;
}

ports::Count count(ports::Key key, std::vector<ports::Count::Delta> deltas) {
  return {std::move(key), std::move(deltas)};
}

ports::OutgoingMessage message(std::string id, std::string body, ports::QueueName queue) {
  return {queue, std::move(id), std::move(body), RealClock().now()};
}

std::string padded(std::size_t number) {
  std::string digits = std::to_string(number);
  return std::string(6 - digits.size(), '0') + digits;
}

std::string outcome(const ports::CommitResult& result) {
  switch (result.kind) {
    case ports::CommitResult::Kind::kCommitted: return "committed";
    case ports::CommitResult::Kind::kConflict: return "conflict " + std::to_string(result.which);
    case ports::CommitResult::Kind::kBelowFloor: return "below-floor " + std::to_string(result.which);
    case ports::CommitResult::Kind::kAcknowledged: return "acknowledged " + std::to_string(result.which);
  }
  return "unknown";
}

}  // namespace orderly::contract
