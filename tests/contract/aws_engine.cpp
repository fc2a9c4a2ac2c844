#include "tests/contract/aws_engine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <cstdlib>
#include <mutex>
#include <random>
#include <set>
#include <stdexcept>
#include <string_view>

#include "base/error.h"

namespace orderly::contract {

namespace {

namespace asio = boost::asio;

class SystemRandom : public ports::Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override {
    thread_local std::random_device device;
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(device());
  }
};

SystemRandom& chance() {
  static SystemRandom random;
  return random;
}

std::string variable(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr)
    throw std::runtime_error(std::string(name) + " is not set: run this through tests/peers/peers.py");
  return text;
}

std::string dynamodb_url() {
  const char* faults = std::getenv("ORDERLY_TEST_FAULTS_URL");
  return faults != nullptr ? faults : variable("ORDERLY_TEST_DYNAMODB_URL");
}

// As the program takes them: an endpoint that renews them, or keys that stay.
aws::CredentialsSettings credentials() {
  aws::CredentialsSettings settings;
  if (const char* endpoint = std::getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI")) {
    settings.container_full_uri = endpoint;
  } else {
    settings.access_key_id = variable("AWS_ACCESS_KEY_ID");
    settings.secret_access_key = variable("AWS_SECRET_ACCESS_KEY");
  }
  return settings;
}

// Long enough for a busy machine and many faults; a relay that does not come at all is what it is for.
constexpr std::chrono::seconds kSettleTimeMax{60};

}  // namespace

// Knows how much the relay has to bring.
class AwsEngine::CountingStore : public ports::Store {
 public:
  explicit CountingStore(ports::Store& store) : store_(store) {}

  Task<std::optional<ports::Record>> get(ports::Key key) override { return store_.get(std::move(key)); }
  Task<std::vector<std::optional<ports::Record>>> get_many(std::vector<ports::Key> keys) override {
    return store_.get_many(std::move(keys));
  }
  Task<ports::Page> query(ports::Query query) override { return store_.query(std::move(query)); }
  Task<std::vector<ports::FeedEvent>> feed(std::uint64_t after, std::size_t limit) override {
    return store_.feed(after, limit);
  }
  Task<ports::CommitResult> commit(ports::Commit commit) override {
    const std::size_t event_count = commit.events.size();
    const std::size_t message_count = commit.messages.size();
    const std::string token = commit.token;
    const ports::CommitResult result = co_await store_.commit(std::move(commit));
    if (result.committed() && is_first(token)) {
      events += event_count;
      messages += message_count;
    }
    co_return result;
  }

  std::atomic<std::uint64_t> events{0};
  std::atomic<std::uint64_t> messages{0};

 private:
  bool is_first(const std::string& token) {
    const std::lock_guard lock(mutex_);
    return token.empty() || tokens_.insert(token).second;
  }

  ports::Store& store_;
  std::mutex mutex_;
  std::set<std::string> tokens_;
};

AwsEngine::AwsEngine(ports::Clock& clock) : clock_(clock) {
  std::array<std::uint8_t, 6> bytes;
  chance().fill(bytes);
  prefix_ = "contract-";
  for (const std::uint8_t byte : bytes) prefix_ += static_cast<char>('a' + byte % 26);
  open();
}

int AwsEngine::turns_of_crowd(int turns) {
  const char* is_long = std::getenv("ORDERLY_TEST_LONG");
  return is_long != nullptr && std::string_view(is_long) == "1" ? turns : std::max(2, turns / 5);
}

AwsEngine::~AwsEngine() { close(); }

ports::Store& AwsEngine::store() { return *counting_store_; }

void AwsEngine::open() {
  https::ClientOptions client_options;
  client_options.clock = &clock_;
  client_ = https::Client::make(client_options);
  aws::AwsOptions options;
  options.prefix = prefix_;
  options.dynamodb_url = dynamodb_url();
  options.streams_url = options.dynamodb_url;
  options.sqs_url = variable("ORDERLY_TEST_SQS_URL");
  options.s3_url = variable("ORDERLY_TEST_S3_URL");
  options.credentials = credentials();
  options.http = client_.get();
  options.clock = &clock_;
  options.random = &chance();
  options.visibility_timeout = kVisibilityTimeout;
  options.relay_pause = Duration{50};
  options.sweep_interval = Duration{1'000};
  engine_ = aws::AwsEngine::make(std::move(options));
  counting_store_ = std::make_unique<CountingStore>(engine_->store());

  background_ = std::make_unique<Background>();
  background_->thread = std::thread([this] { background_->context.run(); });
  try {
    asio::co_spawn(background_->context, engine_->create(), asio::use_future).get();
  } catch (...) {
    close();
    throw;
  }
  const std::stop_token stop = background_->stop.get_token();
  background_->loops.push_back(asio::co_spawn(background_->context, engine_->run_relay(stop), asio::use_future));
  background_->loops.push_back(asio::co_spawn(background_->context, engine_->run_sweeper(stop), asio::use_future));
}

void AwsEngine::close() {
  if (!background_) return;
  background_->stop.request_stop();
  engine_->stop();
  for (std::future<void>& loop : background_->loops) loop.get();
  client_->stop();
  background_->work.reset();
  background_->thread.join();
  background_.reset();
}

void AwsEngine::stop() { close(); }

void AwsEngine::reopen() {
  close();
  open();
}

void AwsEngine::settle() {
  const auto deadline = std::chrono::steady_clock::now() + kSettleTimeMax;
  while (true) {
    const aws::AwsStats stats = engine_->stats();
    if (stats.fed >= counting_store_->events && stats.relayed >= counting_store_->messages) return;
    if (std::chrono::steady_clock::now() > deadline) {
      ADD_FAILURE() << "the relay brought " << stats.fed << " of " << counting_store_->events << " events and "
                    << stats.relayed << " of " << counting_store_->messages << " messages";
      return;
    }
    std::this_thread::sleep_for(Duration{2});
  }
}

}  // namespace orderly::contract
