#include <array>
#include <atomic>
#include <bit>
#include <cstdlib>

#include "engines/embedded/engine.h"
#include "host/cli/home.h"

namespace orderly::cli {

namespace {

constexpr std::size_t kSweptAtOnceMax = 500;

// Groups of commits by how many they held, in powers of two.
class GroupSizes {
 public:
  static constexpr std::size_t kBuckets = 12;  // 1, 2, 4, … 1024, more

  void observe(std::size_t commits) {
    if (commits == 0) return;
    const std::size_t bucket = std::min<std::size_t>(std::bit_width(commits - 1), kBuckets - 1);
    counts_[bucket].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(commits, std::memory_order_relaxed);
  }

  server::MetricsPage::Histogram histogram() const {
    server::MetricsPage::Histogram histogram;
    for (std::size_t i = 0; i < kBuckets; ++i) {
      if (i + 1 < kBuckets) histogram.bounds.push_back(static_cast<double>(std::size_t{1} << i));
      histogram.counts.push_back(counts_[i].load(std::memory_order_relaxed));
    }
    histogram.sum = static_cast<double>(sum_.load(std::memory_order_relaxed));
    return histogram;
  }

 private:
  std::array<std::atomic<std::uint64_t>, kBuckets> counts_{};
  std::atomic<std::uint64_t> sum_{0};
};

class EmbeddedHome final : public Home {
 public:
  EmbeddedHome(const Config& config, HomeParts parts) : parts_(parts) {
    embedded::EmbeddedOptions options;
    options.folder = config.data.string();
    options.erasures_file = config.erasures_file;
    options.cache_bytes = config.cache_bytes;
    options.clock = &parts.clock;
    options.on_fatal = [this](std::string reason) {
      parts_.log.error("store-failed",
                       {{"reason", reason}, {"what_now", "the process ends; nothing unsynced was acknowledged"}});
      failed_.store(true);
      std::_Exit(70);  // no destructor may touch the disk again
    };
    options.on_group = [this](const embedded::GroupReport& report) { group_sizes_.observe(report.commits); };
    engine_ = embedded::EmbeddedEngine::open(options);
  }

  ports::Store& store() override { return engine_->store(); }
  ports::Queue& queue() override { return engine_->queue(); }
  ports::Blobs& blobs() override { return engine_->blobs(); }
  ports::Erasures& erasures() override { return engine_->erasures(); }
  bool compact() override {
    engine_->compact();
    return true;
  }

  ports::Inspectable& inspectable() override { return engine_->inspectable(); }

  std::vector<Loop> loops() override {
    return {[this](std::stop_token stop) { return sweep_expired(std::move(stop)); }};
  }

  void add_metrics(server::MetricsPage& page) const override {
    const embedded::EngineStats stats = engine_->stats();
    page.counter("orderly_commits_total", "Commits made durable.", static_cast<double>(stats.commits));
    page.counter("orderly_commit_conflicts_total",
                 "Commits refused by a condition, a floor or an acknowledged message.",
                 static_cast<double>(stats.conflicts));
    page.counter("orderly_commit_failures_total", "Commits answered with an error.",
                 static_cast<double>(stats.failures));
    page.gauge("orderly_commits_pending", "Commits waiting for the committer.", static_cast<double>(stats.pending));
    page.histogram("orderly_commit_group_size", "Commits that shared one synced write.", group_sizes_.histogram());
  }

  bool healthy() const override { return !failed_.load(); }
  void stop() override { engine_->stop(); }
  void close() override {}

 private:
  // Removes what has expired, for as long as the process runs.
  Task<void> sweep_expired(std::stop_token stop) {
    while (!stop.stop_requested()) {
      std::size_t removed = 0;
      try {
        removed = co_await engine_->sweep_expired(kSweptAtOnceMax);
      } catch (const Error&) {  // a full disk, a stopping store: the next round tries again
      }
      if (removed < kSweptAtOnceMax) co_await parts_.clock.sleep(std::chrono::seconds(1));
    }
  }

  HomeParts parts_;
  GroupSizes group_sizes_;
  std::atomic<bool> failed_{false};
  std::unique_ptr<embedded::EmbeddedEngine> engine_;
};

}  // namespace

std::unique_ptr<Home> open_embedded_home(const Config& config, HomeParts parts) {
  return std::make_unique<EmbeddedHome>(config, parts);
}

}  // namespace orderly::cli
