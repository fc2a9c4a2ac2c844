#include "host/cli/node.h"

#include <fcntl.h>
#include <sys/un.h>

#include <bit>

namespace orderly::cli {

namespace {

constexpr std::size_t kOffloadQueueMax = 1024;

embedded::EmbeddedOptions engine_options(const Config& config, server::SystemClock& clock, server::Log& log,
                                         std::atomic<bool>& failed, GroupSizes& group_sizes) {
  embedded::EmbeddedOptions options;
  options.folder = config.data.string();
  options.cache_bytes = config.cache_bytes;
  options.clock = &clock;
  options.on_fatal = [&log, &failed](std::string reason) {
    log.error("store-failed",
              {{"reason", reason}, {"what_now", "the process ends; nothing unsynced was acknowledged"}});
    failed.store(true);
    std::_Exit(70);  // no destructor may touch the disk again
  };
  options.on_group = [&group_sizes](const embedded::GroupReport& report) { group_sizes.observe(report.commits); };
  return options;
}

}  // namespace

void LogMonitor::payment_outcome(std::string_view outcome) {
  auto& count = outcome == "confirmed" ? confirmed : (outcome == "declined" ? declined : unknown);
  count.fetch_add(1, std::memory_order_relaxed);
}

void LogMonitor::alarm(std::string_view slug, std::string_view concerns, std::string_view detail) {
  alarms.fetch_add(1, std::memory_order_relaxed);
  log_.error("alarm", {{"alarm", slug}, {"concerns", concerns}, {"detail", detail}});
}

void GroupSizes::observe(std::size_t commits) {
  if (commits == 0) return;
  const std::size_t bucket = std::min<std::size_t>(std::bit_width(commits - 1), kBuckets - 1);
  counts_[bucket].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(commits, std::memory_order_relaxed);
}

server::MetricsPage::Histogram GroupSizes::histogram() const {
  server::MetricsPage::Histogram histogram;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    if (i + 1 < kBuckets) histogram.bounds.push_back(static_cast<double>(std::size_t{1} << i));
    histogram.counts.push_back(counts_[i].load(std::memory_order_relaxed));
  }
  histogram.sum = static_cast<double>(sum_.load(std::memory_order_relaxed));
  return histogram;
}

Node::Node(const Config& config, server::Log& log)
    : log_(log), pool_(config.offload_threads, kOffloadQueueMax), offload_(pool_), monitor_(log) {
  engine_ = embedded::EmbeddedEngine::open(engine_options(config, clock_, log_, failed_, group_sizes_));
  const ports::SecretKey master_key = load_master_key(config.data, random_);
  charge_ledger_ = simulated::open_ledger(config.data / "simulated-payments");
  simulated::SimulatedPaymentsSettings payment_settings;
  payment_settings.delay = config.simulated_delay;
  payments_ = std::make_unique<simulated::SimulatedPayments>(clock_, *charge_ledger_, payment_settings);
  app_ = std::unique_ptr<app::App>(new app::App{engine_->store(), engine_->queue(), engine_->blobs(), *payments_,
                                                clock_, random_, offload_, monitor_, crypto_, documents_, master_key,
                                                config.shop});
}

Node::~Node() { stop(); }

void Node::stop() { engine_->stop(); }

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
