#include "host/server/metrics.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "base/error.h"

namespace orderly::server {

namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

// For a figure with one writer: cheaper than an atomic addition, and no reader sees half of it.
void add_as_only_writer(std::atomic<std::uint64_t>& figure, std::uint64_t by) {
  figure.store(figure.load(kRelaxed) + by, kRelaxed);
}

}  // namespace

// --- The page
// ---------------------------------------------------------------------------------------------------------

prometheus::ClientMetric& MetricsPage::sample(const std::string& name, const std::string& help,
                                              prometheus::MetricType type, const Labels& labels) {
  auto family = std::find_if(families_.begin(), families_.end(), [&](const auto& f) { return f.name == name; });
  if (family == families_.end()) {
    families_.push_back({name, help, type, {}});
    family = families_.end() - 1;
  }
  prometheus::ClientMetric& metric = family->metric.emplace_back();
  for (const auto& [key, value] : labels) metric.label.push_back({key, value});
  return metric;
}

void MetricsPage::counter(const std::string& name, const std::string& help, double value, const Labels& labels) {
  sample(name, help, prometheus::MetricType::Counter, labels).counter.value = value;
}

void MetricsPage::gauge(const std::string& name, const std::string& help, double value, const Labels& labels) {
  sample(name, help, prometheus::MetricType::Gauge, labels).gauge.value = value;
}

void MetricsPage::histogram(const std::string& name, const std::string& help, const Histogram& value,
                            const Labels& labels) {
  ORDERLY_ASSERT(value.counts.size() == value.bounds.size() + 1);
  auto& histogram = sample(name, help, prometheus::MetricType::Histogram, labels).histogram;
  std::uint64_t so_far = 0;
  for (std::size_t i = 0; i < value.counts.size(); ++i) {
    so_far += value.counts[i];
    const double bound = i < value.bounds.size() ? value.bounds[i] : std::numeric_limits<double>::infinity();
    histogram.bucket.push_back({so_far, bound});
  }
  histogram.sample_count = so_far;
  histogram.sample_sum = value.sum;
}

void MetricsPage::add(std::vector<prometheus::MetricFamily> families) {
  std::move(families.begin(), families.end(), std::back_inserter(families_));
}

std::string MetricsPage::text() const { return prometheus::TextSerializer().Serialize(families_); }

// --- Requests
// ---------------------------------------------------------------------------------------------------------

std::size_t RequestCounts::SeriesKeyHash::operator()(const SeriesKey& key) const {
  const auto route = reinterpret_cast<std::uintptr_t>(key.route);
  const auto method = reinterpret_cast<std::uintptr_t>(key.method);
  return (route * 31 + method) * 31 + static_cast<std::size_t>(key.status_class);
}

void RequestCounts::observe(std::string_view route, std::string_view method, int status,
                            std::chrono::nanoseconds duration) {
  Series& series = series_of(route, method, status / 100);
  const double seconds = std::chrono::duration<double>(duration).count();
  const auto bucket = std::lower_bound(kBoundsSeconds.begin(), kBoundsSeconds.end(), seconds) - kBoundsSeconds.begin();
  add_as_only_writer(series.counts[static_cast<std::size_t>(bucket)], 1);
  add_as_only_writer(series.nanoseconds, static_cast<std::uint64_t>(duration.count()));
}

// Found by the addresses of the names, not by their text: they have static storage.
RequestCounts::Series& RequestCounts::series_of(std::string_view route, std::string_view method, int status_class) {
  // NOLINTNEXTLINE(bugprone-suspicious-stringview-data-usage)
  const SeriesKey key{route.data(), method.data(), status_class};
  if (const auto found = by_key_.find(key); found != by_key_.end()) return *found->second;

  auto series = std::make_unique<Series>();
  series->route = route;
  series->method = method;
  series->status_class = status_class;
  Series& result = *series;
  by_key_.emplace(key, &result);
  const std::lock_guard lock(mutex_);
  list_.push_back(std::move(series));
  return result;
}

void RequestCounts::visit(const std::function<void(const Series&)>& visit) const {
  const std::lock_guard lock(mutex_);
  for (const auto& series : list_) visit(*series);
}

// --- Metrics
// ----------------------------------------------------------------------------------------------------------

Metrics::Metrics(std::size_t thread_count) {
  for (std::size_t i = 0; i < thread_count; ++i) requests_.push_back(std::make_unique<RequestCounts>());
}

void Metrics::add_source(Source source) {
  const std::lock_guard lock(mutex_);
  sources_.push_back(std::make_shared<Source>(std::move(source)));
}

Task<std::string> Metrics::page() {
  MetricsPage page;
  add_requests(page);
  page.add(registry_.Collect());
  std::vector<std::shared_ptr<Source>> sources;
  {
    const std::lock_guard lock(mutex_);
    sources = sources_;
  }
  int failed = 0;
  for (const auto& source : sources) {
    try {
      co_await (*source)(page);
    } catch (const std::exception&) {
      ++failed;  // the others still count, and this shows that one is missing
    }
  }
  page.gauge("orderly_metrics_sources_failed", "Sources of figures that failed while this page was made.", failed);
  co_return page.text();
}

void Metrics::add_requests(MetricsPage& page) const {
  using Counts = std::array<std::uint64_t, RequestCounts::kBucketCount>;
  struct Latency {
    Counts counts{};
    std::uint64_t nanoseconds = 0;
  };
  std::map<std::tuple<std::string_view, std::string_view, int>, std::uint64_t> totals;
  std::map<std::pair<std::string_view, std::string_view>, Latency> latencies;
  for (const auto& thread : requests_) {
    thread->visit([&](const RequestCounts::Series& series) {
      std::uint64_t& total = totals[{series.route, series.method, series.status_class}];
      Latency& latency = latencies[{series.route, series.method}];
      for (std::size_t i = 0; i < RequestCounts::kBucketCount; ++i) {
        const std::uint64_t count = series.counts[i].load(kRelaxed);
        total += count;
        latency.counts[i] += count;
      }
      latency.nanoseconds += series.nanoseconds.load(kRelaxed);
    });
  }
  const auto route_text = [](std::string_view route) { return std::string(route.empty() ? "unmatched" : route); };
  for (const auto& [key, count] : totals) {
    const auto& [route, method, status_class] = key;
    page.counter("orderly_http_requests_total", "Requests answered.", static_cast<double>(count),
                 {{"route", route_text(route)},
                  {"method", std::string(method)},
                  {"status", std::to_string(status_class) + "xx"}});
  }
  for (const auto& [key, latency] : latencies) {
    const auto& [route, method] = key;
    page.histogram("orderly_http_request_duration_seconds",
                   "From the end of a request's head to the end of its answer.",
                   {{RequestCounts::kBoundsSeconds.begin(), RequestCounts::kBoundsSeconds.end()},
                    {latency.counts.begin(), latency.counts.end()},
                    static_cast<double>(latency.nanoseconds) / 1e9},
                   {{"route", route_text(route)}, {"method", std::string(method)}});
  }
}

}  // namespace orderly::server
