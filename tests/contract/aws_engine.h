// The AWS engine against peers on this machine; the environment says where they are (tests/peers/peers.py), and whether
// DynamoDB is behind the fault proxy.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <future>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "engines/aws/engine.h"
#include "engines/https/client.h"

namespace orderly::contract {

class AwsEngine {
 public:
  explicit AwsEngine(ports::Clock& clock);
  ~AwsEngine();

  ports::Store& store();
  ports::Queue& queue() { return engine_->queue(); }
  ports::Blobs& blobs() { return engine_->blobs(); }
  ports::Erasures& erasures() { return engine_->erasures(); }
  ports::Inspectable& inspectable() { return engine_->inspectable(); }

  void reopen();
  void stop();
  // Returns once the relay has seen all that was committed.
  void settle();

  static constexpr Duration kVisibilityTimeout{2'000};
  static constexpr Duration kDelayGrain{1'000};
  static constexpr Duration kRelayTime{1'000};
  static constexpr bool kKeepsOrder = false;
  static constexpr bool kKnowsOldestDue = false;
  // The relay sends again what it cannot know to have sent, and SQS hands out again what takes long to acknowledge.
  static constexpr bool kDeliversOnce = false;
  static constexpr Duration kCallsTime{2'000};
  static constexpr Duration kRerunPauseMax{1'000};
  // DynamoDB on this machine does one transaction after the other; ORDERLY_TEST_LONG=1 waits for it.
  static int turns_of_crowd(int turns);

 private:
  class CountingStore;

  void open();
  void close();

  ports::Clock& clock_;
  std::string prefix_;
  std::unique_ptr<https::Client> client_;
  std::unique_ptr<aws::AwsEngine> engine_;
  std::unique_ptr<CountingStore> counting_store_;

  // The loops that a host would run.
  struct Background {
    boost::asio::io_context context{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{context.get_executor()};
    std::thread thread;
    std::stop_source stop;
    std::vector<std::future<void>> loops;
  };
  std::unique_ptr<Background> background_;
};

}  // namespace orderly::contract
