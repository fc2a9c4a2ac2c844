#include "host/cli/node.h"

#include <fcntl.h>
#include <sys/un.h>

namespace orderly::cli {

namespace {

constexpr std::size_t kOffloadQueueMax = 1024;

}  // namespace

void LogMonitor::payment_outcome(std::string_view outcome) {
  auto& count = outcome == "confirmed" ? confirmed : (outcome == "declined" ? declined : unknown);
  count.fetch_add(1, std::memory_order_relaxed);
}

void LogMonitor::alarm(std::string_view slug, std::string_view concerns, std::string_view detail) {
  alarms.fetch_add(1, std::memory_order_relaxed);
  log_.error("alarm", {{"alarm", slug}, {"concerns", concerns}, {"detail", detail}});
}

Node::Node(const Config& config, server::Log& log)
    : log_(log),
      pool_(config.offload_threads, kOffloadQueueMax),
      offload_(pool_),
      monitor_(log),
      mailer_(config, {clock_, random_}) {
  home_ = open_home(config, {clock_, random_, log_});
  const auto kept_at_home = home_->master_key_text();
  const ports::SecretKey master_key =
      kept_at_home ? parse_master_key(*kept_at_home) : load_master_key(config.data, random_);
  charge_ledger_ = simulated::open_ledger(config.data / "simulated-payments");
  simulated::SimulatedPaymentsSettings payment_settings;
  payment_settings.delay = config.simulated_delay;
  payments_ = std::make_unique<simulated::SimulatedPayments>(clock_, *charge_ledger_, payment_settings);
  app_ = std::unique_ptr<app::App>(new app::App{home_->store(), home_->queue(), home_->blobs(), *payments_, clock_,
                                                random_, offload_, monitor_, crypto_, documents_, master_key,
                                                config.shop});
  app_->erasures = &home_->erasures();
  app_->notifier = choose_notifier(config);
  if (config.issuers.empty()) return;
  https::ClientOptions client;
  client.clock = &clock_;
  issuers_client_ = https::Client::make(client);
  std::vector<jwt::IssuerSettings> issuers;
  for (const auto& [number, issuer] : config.issuers) issuers.push_back(issuer);
  issuers_ = std::make_unique<jwt::Issuers>(std::move(issuers), *issuers_client_, clock_, monitor_);
  app_->tokens = issuers_.get();
}

// A server or a folder that somebody named, or else the home's own way, once there is a sender.
ports::Notifier* Node::choose_notifier(const Config& config) {
  if (mailer_.notifier() != nullptr) return mailer_.notifier();
  return config.mail.from ? home_->notifier() : nullptr;
}

void Node::stop() {
  mailer_.stop();
  home_->stop();
}

void Node::close() {
  home_->close();
  if (issuers_client_) issuers_client_->stop();
}

Node::~Node() {
  stop();
  close();
}

bool holds_a_shop(const std::filesystem::path& folder) {
  std::error_code ignored;
  return std::filesystem::exists(folder / "master.key", ignored);
}

std::filesystem::path socket_path(const std::filesystem::path& folder) {
  const std::filesystem::path name = "orderly.sock";
  std::filesystem::path path = folder / name;
  if (path.native().size() < sizeof(sockaddr_un::sun_path)) return path;  // unix(7): 108 bytes with the NUL
  const int opened = ::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (opened < 0) return path;
  return std::filesystem::path("/proc/self/fd") / std::to_string(opened) / name;
}

}  // namespace orderly::cli
