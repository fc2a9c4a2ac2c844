#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "engines/aws/engine.h"
#include "engines/embedded/folder_lock.h"
#include "engines/https/client.h"
#include "host/cli/home.h"

namespace orderly::cli {

namespace {

namespace asio = boost::asio;

aws::AwsOptions engine_options(const Config& config, HomeParts parts, https::Http& http) {
  aws::AwsOptions options = config.aws;
  options.http = &http;
  options.clock = &parts.clock;
  options.random = &parts.random;
  if (config.mail.from) options.mail_from = mail::header_text(*config.mail.from);
  return options;
}

std::unique_ptr<https::Client> make_client(HomeParts parts) {
  https::ClientOptions options;
  options.clock = &parts.clock;
  return https::Client::make(options);
}

// What a home needs before it opens: all that it stands on is there, and its key.
Task<std::string> prepare(const Config& config, aws::AwsEngine& engine) {
  co_await (config.aws_create ? engine.create() : engine.verify());
  if (config.aws_master_key.empty()) co_return "";
  co_return co_await engine.secret(config.aws_master_key);
}

// Connections belong to the event loop they were opened on, so what is asked before the program's own loops run has a
// client and an engine of its own.
std::string prepare(const Config& config, HomeParts parts) {
  asio::io_context context;
  const auto client = make_client(parts);
  const auto engine = aws::AwsEngine::make(engine_options(config, parts, *client));
  auto prepared = asio::co_spawn(context, prepare(config, *engine), asio::use_future);
  context.run();
  engine->stop();
  client->stop();
  return prepared.get();
}

class AwsHome final : public Home {
 public:
  AwsHome(const Config& config, HomeParts parts)
      : folder_lock_(config.data.string()),
        master_key_(prepare(config, parts)),
        client_(make_client(parts)),
        engine_(aws::AwsEngine::make(engine_options(config, parts, *client_))) {}

  ports::Store& store() override { return engine_->store(); }
  ports::Queue& queue() override { return engine_->queue(); }
  ports::Blobs& blobs() override { return engine_->blobs(); }
  ports::Erasures& erasures() override { return engine_->erasures(); }
  bool compact() override { return false; }
  ports::Inspectable& inspectable() override { return engine_->inspectable(); }
  ports::Notifier* notifier() override { return &engine_->notifier(); }

  std::optional<std::string> master_key_text() override {
    return master_key_.empty() ? std::nullopt : std::optional(master_key_);
  }

  std::vector<Loop> loops() override {
    return {[this](std::stop_token stop) { return engine_->run_relay(std::move(stop)); },
            [this](std::stop_token stop) { return engine_->run_sweeper(std::move(stop)); }};
  }

  void add_metrics(server::MetricsPage& page) const override {
    const aws::AwsStats stats = engine_->stats();
    page.counter("orderly_commits_total", "Commits made durable.", static_cast<double>(stats.commits));
    page.counter("orderly_commit_conflicts_total",
                 "Commits refused by a condition, a floor or an acknowledged message.",
                 static_cast<double>(stats.conflicts));
    page.counter("orderly_commit_failures_total", "Commits answered with an error.",
                 static_cast<double>(stats.failures));
    page.counter("orderly_commit_retries_total", "Tries repeated after a conflict, throttling or a lost answer.",
                 static_cast<double>(stats.retries));
    page.counter("orderly_relayed_messages_total", "Messages that this process sent to their queue.",
                 static_cast<double>(stats.relayed));
    page.counter("orderly_missed_events_total", "Events that the table's stream did not show in time.",
                 static_cast<double>(stats.missed));
  }

  bool healthy() const override { return true; }
  void stop() override { engine_->stop(); }
  void close() override { client_->stop(); }

 private:
  const embedded::FolderLock folder_lock_;  // the admin socket, the master key and the simulated provider are in it
  const std::string master_key_;
  std::unique_ptr<https::Client> client_;
  std::unique_ptr<aws::AwsEngine> engine_;
};

}  // namespace

std::unique_ptr<Home> open_aws_home(const Config& config, HomeParts parts) {
  return std::make_unique<AwsHome>(config, parts);
}

}  // namespace orderly::cli
