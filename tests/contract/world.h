// What each contract test stands on: an empty engine, threads that run coroutines, a real clock, and short ways to say
// what is written and read.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <functional>
#include <future>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "ports/clock.h"
#include "ports/store.h"
#include "tests/contract/engines.h"

namespace orderly::contract {

class RealClock : public ports::Clock {
 public:
  Time now() const override;
  Task<void> sleep(Duration duration) override;
};

// Two event loops of one thread and one of two, as a host may have them.
class Threads {
 public:
  Threads();
  ~Threads();

  template <class T>
  std::future<T> start(Task<T> task) {
    return boost::asio::co_spawn(next_loop(), std::move(task), boost::asio::use_future);
  }

 private:
  struct Loop {
    boost::asio::io_context context;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{context.get_executor()};
    std::vector<std::thread> threads;
  };
  boost::asio::io_context& next_loop();

  std::vector<std::unique_ptr<Loop>> loops_;
  std::atomic<std::size_t> next_ = 0;
};

ports::Key key(std::string partition, std::string sort = "META");
ports::Put put(ports::Key key, std::string document, ports::Condition condition = ports::Absent{},
               std::uint64_t version = 1);
ports::Commit commit_of(std::vector<ports::Write> writes);
ports::Count count(ports::Key key, std::vector<ports::Count::Delta> deltas);
// Due now.
ports::OutgoingMessage message(std::string id, std::string body = "{}",
                               ports::QueueName queue = ports::QueueName::kPayments);
std::string padded(std::size_t number);  // "000042"

// A query of which only some parts are named.
struct List {
  std::optional<ports::Index> index = std::nullopt;
  std::string partition = {};
  std::string from = {};
  std::string to = {};
  ports::Direction direction = ports::Direction::kForward;
  std::size_t limit = 20;
  std::string cursor = {};

  operator ports::Query() const { return {index, partition, from, to, direction, limit, cursor}; }
};

// A commit's outcome in a word: "committed", "conflict 1", "below-floor 0", "acknowledged 0".
std::string outcome(const ports::CommitResult& result);

template <class Engine>
class Contract : public ::testing::Test {
 protected:
  // While the executors of those who wait are there.
  ~Contract() override { engine_.stop(); }

  template <class T>
  T run(Task<T> task) {
    return threads_.start(std::move(task)).get();
  }
  // All at once.
  template <class T>
  void run_all(std::vector<Task<T>> tasks) {
    std::vector<std::future<T>> futures;
    for (Task<T>& task : tasks) futures.push_back(threads_.start(std::move(task)));
    for (std::future<T>& future : futures) future.get();
  }

  ports::Store& store() { return engine_.store(); }
  ports::Queue& queue() { return engine_.queue(); }

  std::string commit(ports::Commit commit) {
    std::string result = outcome(run(store().commit(std::move(commit))));
    engine_.settle();
    return result;
  }
  std::string write(ports::Write one) { return commit(commit_of({std::move(one)})); }
  std::optional<ports::Record> get(ports::Key at) { return run(store().get(std::move(at))); }
  std::string document(ports::Key at) {
    const std::optional<ports::Record> record = get(std::move(at));
    return record ? record->document : "none";
  }
  ports::Page query(const List& list) { return run(store().query(list)); }
  // Sort keys of all pages.
  std::vector<std::string> sorts(List list) {
    std::vector<std::string> all;
    do {
      const ports::Page page = query(list);
      for (const ports::Record& record : page.records) all.push_back(record.key.sort);
      list.cursor = page.cursor;
    } while (!list.cursor.empty());
    return all;
  }

  std::string send(std::vector<ports::OutgoingMessage> messages) {
    ports::Commit sending;
    sending.messages = std::move(messages);
    return commit(std::move(sending));
  }
  std::string acknowledge(const ports::Message& message) {
    ports::Commit acknowledging;
    acknowledging.acknowledged = {message.receipt};
    std::string result = commit(std::move(acknowledging));
    if (result == "committed") acknowledged_.insert(message.receipt.message_id);
    return result;
  }
  std::vector<ports::Message> receive(std::size_t max = 10, Duration wait = Duration{0},
                                      ports::QueueName from = ports::QueueName::kPayments) {
    if constexpr (Engine::kDeliversOnce) return run(queue().receive(from, max, wait));
    const Time end = clock_.now() + wait;
    while (true) {
      std::vector<ports::Message> messages = run(queue().receive(from, max, std::max(Duration{0}, end - clock_.now())));
      if (messages.empty()) return {};
      drop_repeated(messages);
      if (!messages.empty()) return messages;
    }
  }
  void bury(const ports::Message& message, std::string reason) {
    run(queue().bury(message, std::move(reason)));
    dead_.insert(message.receipt.message_id);
  }
  std::size_t redrive(std::optional<std::string> message_id) {
    delivered_.clear();  // what is redriven starts anew
    if (message_id) {
      dead_.erase(*message_id);
    } else {
      dead_.clear();
    }
    return run(queue().redrive(ports::QueueName::kPayments, std::move(message_id)));
  }

  // Given back so often that it is a dead letter.
  void note_dead(const std::string& message_id) { dead_.insert(message_id); }

  // Copies, which "at least once" allows at any time: they count their own deliveries. One of a message that is
  // acknowledged must not be taken for work.
  void drop_repeated(std::vector<ports::Message>& messages) {
    std::erase_if(messages, [&](const ports::Message& one) {
      if (acknowledged_.contains(one.receipt.message_id)) {
        EXPECT_EQ(acknowledge(one), "acknowledged 0");
        return true;
      }
      if (dead_.contains(one.receipt.message_id)) return true;
      return !delivered_.emplace(one.receipt.message_id, one.attempts).second;
    });
  }

  Time now() const { return clock_.now(); }
  void advance(Duration duration) { std::this_thread::sleep_for(duration); }
  // Some engines' indexes lag behind, and some engines are far away.
  static void eventually(const std::function<bool()>& holds) {
    const auto deadline = std::chrono::steady_clock::now() + kEventually;
    while (!holds()) {
      if (std::chrono::steady_clock::now() > deadline) FAIL() << "not within " << kEventually.count() << " seconds";
      std::this_thread::sleep_for(Duration{10});
    }
  }
  static constexpr std::chrono::seconds kEventually{120};

  // The slug of the Error that `task` throws, or "no error".
  template <class T>
  std::string slug_of(Task<T> task) {
    try {
      run(std::move(task));
      return "no error";
    } catch (const Error& error) {
      return error.slug();
    }
  }

  RealClock clock_;
  Engine engine_{clock_};
  Threads threads_;  // ended before the engine

 private:
  std::set<std::pair<std::string, int>> delivered_;  // message id and attempt
  std::set<std::string> acknowledged_;               // message ids
  std::set<std::string> dead_;
};

}  // namespace orderly::contract
