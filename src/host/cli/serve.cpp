#include "host/cli/serve.h"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_future.hpp>
#include <cstdio>
#include <future>
#include <stop_token>
#include <thread>

#include "api/api.h"
#include "app/announcements.h"
#include "app/api_keys.h"
#include "app/erasure.h"
#include "app/workers.h"
#include "base/json.h"
#include "host/cli/admin.h"
#include "host/cli/node.h"
#include "host/cli/version.h"
#include "host/server/http_server.h"

namespace orderly::cli {

namespace {

namespace asio = boost::asio;

struct Address {
  std::string host;
  std::uint16_t port = 0;
  bool is_loopback = true;
};

// "127.0.0.1:8080", "localhost:8080", "[::1]:8080", "0.0.0.0:8080".
Address parse_listen(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  Address address;
  if (colon == std::string::npos) throw ConfigError{"listen must be HOST:PORT"};
  address.host = text.substr(0, colon);
  const std::string port = text.substr(colon + 1);
  char* end = nullptr;
  const unsigned long number = std::strtoul(port.c_str(), &end, 10);
  if (port.empty() || *end != '\0' || number > 65535)
    throw ConfigError{"listen must be HOST:PORT, with a port up to 65535"};
  address.port = static_cast<std::uint16_t>(number);
  if (address.host.starts_with('[') && address.host.ends_with(']')) {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  boost::system::error_code error;
  const auto ip = asio::ip::make_address(address.host, error);
  address.is_loopback = address.host == "localhost" || (!error && ip.is_loopback());
  return address;
}

Task<void> add_queue_metrics(Node& node, server::MetricsPage& page) {
  const Time now = node.app().clock.now();
  for (const ports::QueueName queue : ports::kAllQueues) {
    const ports::QueueDepth depth = co_await node.app().queue.depth(queue);
    const server::MetricsPage::Labels labels{{"queue", std::string(ports::name_of(queue))}};
    page.gauge("orderly_queue_messages", "Messages not yet acknowledged.", static_cast<double>(depth.messages), labels);
    page.gauge("orderly_queue_delayed_messages", "Messages that are not due yet.", static_cast<double>(depth.delayed),
               labels);
    page.gauge("orderly_queue_dead_letters", "Messages in the dead-letter queue.", static_cast<double>(depth.dead),
               labels);
    const double age = depth.oldest_due ? static_cast<double>((now - *depth.oldest_due).count()) / 1000 : 0;
    page.gauge("orderly_queue_oldest_message_age_seconds", "How long the oldest due message has waited.",
               std::max(age, 0.0), labels);
  }
}

Task<void> add_metrics(Node& node, server::MetricsPage& page) {
  node.home().add_metrics(page);
  const LogMonitor& monitor = node.monitor();
  const auto payments = [&](const char* outcome, std::uint64_t count) {
    page.counter("orderly_payments_total", "Payment outcomes written.", static_cast<double>(count),
                 {{"outcome", outcome}});
  };
  payments("confirmed", monitor.confirmed.load());
  payments("declined", monitor.declined.load());
  payments("unknown", monitor.unknown.load());
  page.counter("orderly_alarms_total", "Alarms raised for a person.", static_cast<double>(monitor.alarms.load()));
  co_await add_queue_metrics(node, page);
}

Task<void> add_topic_metrics(Node& node, const app::Topic& topic, server::MetricsPage& page) {
  page.counter("orderly_announced_events_total", "Order events that this process published to the topic.",
               static_cast<double>(topic.published.load()));
  page.counter("orderly_announcement_failures_total", "Rounds of publishing that failed and were tried again.",
               static_cast<double>(topic.failures.load()));
  const Duration behind = co_await app::announcements_behind(node.app(), topic.name);
  page.gauge("orderly_announcements_behind_seconds", "How long the oldest order event not yet published has waited.",
             static_cast<double>(behind.count()) / 1000);
}

void show_first_key(const std::string& key) {
  fmt::print(
      "\nThis is the owner's API key. Keep it: it is not shown again (`orderly key create` makes another).\n\n  {}\n\n",
      key);
  std::fflush(stdout);
}

// Without API keys the caller is trusted, so that only loopback is served so. Otherwise the first start makes an
// owner's key; it is shown once it is stored, and nothing is served before.
Task<std::optional<std::string>> prepare_keys(app::App& app, bool keys_required) {
  co_await app::find_out_about_api_keys(app);
  if (app.has_api_keys || !keys_required) co_return std::nullopt;
  const app::Caller setup{app::Role::kOwner, {}, {}, "setup", {}, std::string(kLocalSource)};
  const app::Answer answer = co_await app::create_api_key(app, setup, {"the first", app::Role::kOwner, {}, {}, {}}, {});
  co_return json::read_stored<app::ApiKeyView>(answer.body).key;
}

// Everything that runs while the program serves.
class Service {
 public:
  Service(const Config& config, server::Log& log, server::LogSink& sink, server::LogFormat format)
      : config_(config),
        log_(log),
        io_(config.io_threads > 0 ? config.io_threads : std::max(1U, std::thread::hardware_concurrency())),
        request_log_(sink, format, config.log_level, config.log_requests, io_.count()),
        metrics_(io_.count()),
        node_(config, log),
        api_(node_.app(),
             {std::string(kVersion), [this] { return metrics_.page(); }, [this] { return node_.healthy(); }},
             config.request_limits),
        server_({io_, clock_, log, request_log_, metrics_, config.trusted_proxies}) {
    metrics_.add_source([this](server::MetricsPage& page) { return add_metrics(node_, page); });
    ports::Notifier* notifier = node_.home().notifier();
    if (notifier == nullptr || config.aws.topic_arn.empty()) return;
    topic_ = std::make_unique<app::Topic>(*notifier, config.aws.topic_arn, clock_.now());
    metrics_.add_source([this](server::MetricsPage& page) { return add_topic_metrics(node_, *topic_, page); });
  }

  // Listens and starts the workers; returns the port.
  std::uint16_t start(const Address& address) {
    io_.start();
    try {
      return open(address);
    } catch (...) {
      stop();
      throw;
    }
  }
  bool asks_for_keys() { return node_.app().has_api_keys; }

  // Lets requests and messages under way finish, then ends.
  void stop() {
    stop_.request_stop();
    node_.app().is_stopping = true;
    asio::co_spawn(io_.executor(0), server_.stop(), asio::use_future).wait();
    node_.stop();
    for (std::future<void>& worker : workers_) worker.wait_for(std::chrono::seconds(5));
    node_.close();
    io_.stop();
  }

 private:
  std::uint16_t open(const Address& address) {
    const bool keys_required = config_.keys_required || !address.is_loopback || node_.app().tokens != nullptr ||
                               !config_.trusted_proxies.empty();  // which bring the whole world to a loopback address
    const auto first_key =
        asio::co_spawn(io_.executor(0), prepare_keys(node_.app(), keys_required), asio::use_future).get();
    if (first_key) show_first_key(*first_key);  // whatever may fail from now on
    const std::size_t erased = asio::co_spawn(io_.executor(0), app::erase_again(node_.app()), asio::use_future).get();
    if (erased > 0) log_.warning("erased-again", {{"clients", erased}});
    server::raise_open_files_max();
    const std::uint16_t port = server_.listen_tcp(
        address.host, address.port, [this](api::Request request) { return api_.handle(std::move(request)); });
    server_.listen_unix(socket_path(config_.data),
                        [this](api::Request request) { return handle_admin(node_, std::move(request)); });
    start_workers();
    return port;
  }

  void run(Task<void> work) {
    workers_.push_back(asio::co_spawn(io_.next_executor(), std::move(work), asio::use_future));
  }

  void start_workers() {
    if (config_.run_workers) {
      for (const ports::QueueName queue : ports::kAllQueues) {
        const std::size_t loops = queue == ports::QueueName::kInvoices ? 1 : io_.count();
        for (std::size_t i = 0; i < loops; ++i) run(app::run_worker(node_.app(), queue, stop_.get_token()));
      }
      run(app::run_sweeper(node_.app(), stop_.get_token(), app::sweep_interval(config_.shop.expire_after)));
      if (topic_) run(app::run_announcer(node_.app(), *topic_, stop_.get_token()));
    }
    for (const Home::Loop& loop : node_.home().loops()) run(loop(stop_.get_token()));
  }

  const Config& config_;
  server::Log& log_;
  server::SystemClock clock_;
  server::IoThreads io_;
  server::RequestLog request_log_;
  server::Metrics metrics_;
  Node node_;
  std::unique_ptr<app::Topic> topic_;  // nothing: nobody is told of order events
  api::Api api_;
  server::HttpServer server_;
  std::stop_source stop_;
  std::vector<std::future<void>> workers_;
};

// SIGTERM and SIGINT, caught from its construction on: one that comes while the server starts is not lost.
class StopSignal {
 public:
  // Blocks; returns the signal's number.
  int wait() {
    int received = 0;
    signals_.async_wait([&](const boost::system::error_code&, int number) { received = number; });
    context_.run();
    return received;
  }

 private:
  asio::io_context context_;
  asio::signal_set signals_{context_, SIGTERM, SIGINT};
};

void greet(const Config& config, const Address& address, std::uint16_t port) {
  if (!config.demo) return;
  const std::string url = fmt::format("http://{}:{}", address.host, port);
  fmt::print(
      "\nThe shop is open at {0}. Try, in another terminal:\n\n"
      "  API={0}\n"
      "  curl $API/products\n"
      "  curl -X POST $API/orders -H 'content-type: application/json' \\\n"
      "    -d '{{\"client_id\":\"u1\",\"items\":[{{\"product_id\":\"1\",\"quantity\":2}}]}}'\n"
      "  curl $API/orders\n\n",
      url);
  if (!config.mail.folder.empty()) {
    fmt::print("Mails are not sent: each becomes a file in {}.\n\n", config.mail.folder.string());
  }
  std::fflush(stdout);
}

}  // namespace

int serve(const Config& config) {
  server::SystemClock clock;
  server::LogSink sink(STDERR_FILENO);
  const server::LogFormat format = config.log_format.value_or(server::log_format_for(STDERR_FILENO));
  server::Log log(sink, format, config.log_level, clock);
  try {
    const Address address = parse_listen(config.listen);
    StopSignal stop_signal;
    Service service(config, log, sink, format);
    const std::uint16_t port = service.start(address);
    log.info("server-started", {{"listen", fmt::format("{}:{}", address.host, port)},
                                {"engine", name_of(config.engine)},
                                {"data", config.data.string()},
                                {"version", kVersion},
                                {"demo", config.demo},
                                {"keys", service.asks_for_keys()}});
    if (!address.is_loopback) {
      log.warning("plain-http",
                  {{"message", "Keys and orders travel readable: put a proxy that speaks TLS before it."}});
    }
    if (!service.asks_for_keys()) greet(config, address, port);
    const int signal = stop_signal.wait();
    log.info("server-stopping", {{"signal", signal}});
    service.stop();
    log.info("server-stopped");
    return 0;
  } catch (const ConfigError& error) {
    fmt::print(stderr, "orderly: {}\n", error.message);
  } catch (const Error& error) {
    log.error("server-not-started",
              {{"reason", error.slug()}, {"message", error.message()}, {"detail", error.detail()}});
  }
  return 3;
}

}  // namespace orderly::cli
