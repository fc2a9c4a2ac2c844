// The figures behind GET /metrics, in Prometheus' text format. Requests are counted for each I/O thread apart, without
// locks; everything else is asked for when the page is made, from the sources that the host has registered.
#pragma once

#include <prometheus/metric_family.h>
#include <prometheus/registry.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "api/http.h"
#include "ports/task.h"

namespace orderly::server {

// The page while it is being made. Samples of one name must be of one kind; the first one's help text stays.
class MetricsPage {
 public:
  using Labels = std::vector<std::pair<std::string, std::string>>;

  // counts[i] is the number of observations ≤ bounds[i] and > bounds[i - 1]; one more count for those above all.
  struct Histogram {
    std::vector<double> bounds;
    std::vector<std::uint64_t> counts;
    double sum = 0;
  };

  // By convention the name of a counter ends in _total, and a unit is spelt out: _seconds, _bytes.
  void counter(const std::string& name, const std::string& help, double value, const Labels& labels = {});
  void gauge(const std::string& name, const std::string& help, double value, const Labels& labels = {});
  void histogram(const std::string& name, const std::string& help, const Histogram& value, const Labels& labels = {});

  void add(std::vector<prometheus::MetricFamily> families);
  std::string text() const;

 private:
  prometheus::ClientMetric& sample(const std::string& name, const std::string& help, prometheus::MetricType type,
                                   const Labels& labels);

  std::vector<prometheus::MetricFamily> families_;
};

// What one thread has seen: written by that thread alone, read by any.
class RequestCounts {
 public:
  // Upper bounds of the latency buckets, in seconds.
  static constexpr std::array kBoundsSeconds = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                0.1,    0.25,    0.5,    1.0,   2.5,    5.0,   10.0, 30.0};
  static constexpr std::size_t kBucketCount = kBoundsSeconds.size() + 1;

  struct Series {
    std::string_view route;
    std::string_view method;
    int status_class = 0;  // 2 for 2xx
    std::array<std::atomic<std::uint64_t>, kBucketCount> counts{};
    std::atomic<std::uint64_t> nanoseconds{0};
  };

  // `route` and `method` must have static storage.
  void observe(std::string_view route, std::string_view method, int status, std::chrono::nanoseconds duration);
  // Calls `visit` for each series, of which several may have equal labels.
  void visit(const std::function<void(const Series&)>& visit) const;

 private:
  struct SeriesKey {
    const char* route;
    const char* method;
    int status_class;
    friend bool operator==(const SeriesKey&, const SeriesKey&) = default;
  };
  struct SeriesKeyHash {
    std::size_t operator()(const SeriesKey& key) const;
  };

  Series& series_of(std::string_view route, std::string_view method, int status_class);

  std::unordered_map<SeriesKey, Series*, SeriesKeyHash> by_key_;  // for the writing thread
  mutable std::mutex mutex_;                                      // guards the list, not the figures
  std::vector<std::unique_ptr<Series>> list_;
};

class Metrics {
 public:
  // Adds samples to the page; runs on the executor of whoever asks for the page. One that throws is left out.
  using Source = std::function<Task<void>(MetricsPage&)>;

  explicit Metrics(std::size_t thread_count);

  // Before the first page is made, or at any time: thread-safe.
  void add_source(Source source);
  // For counters, gauges and histograms that are kept by prometheus-cpp itself.
  prometheus::Registry& registry() { return registry_; }
  RequestCounts& requests(std::size_t thread) { return *requests_[thread]; }

  // The whole page. Its content type is kContentType.
  Task<std::string> page();
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

 private:
  void add_requests(MetricsPage& page) const;

  std::vector<std::unique_ptr<RequestCounts>> requests_;
  prometheus::Registry registry_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<Source>> sources_;
};

}  // namespace orderly::server
