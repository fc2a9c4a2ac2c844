#include "host/server/metrics.h"

#include <gtest/gtest.h>
#include <prometheus/counter.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <stdexcept>
#include <thread>

namespace orderly::server {
namespace {

std::string page_of(Metrics& metrics) {
  boost::asio::io_context context;
  auto page = boost::asio::co_spawn(context, metrics.page(), boost::asio::use_future);
  context.run();
  return page.get();
}

void expect_line(const std::string& page, const std::string& line) {
  EXPECT_NE(("\n" + page).find("\n" + line + "\n"), std::string::npos) << line << " is not in\n" << page;
}

TEST(Metrics, AddsUpTheThreads) {
  Metrics metrics(2);
  const std::string same_text_elsewhere = "/orders";
  {
    std::jthread first([&] {
      for (int i = 0; i < 1000; ++i) {
        metrics.requests(0).observe("/orders", "GET", 200, std::chrono::microseconds(200));
      }
    });
    std::jthread second([&] {
      metrics.requests(1).observe(same_text_elsewhere, "GET", 201, std::chrono::milliseconds(3));
      metrics.requests(1).observe("", "GET", 404, std::chrono::seconds(100));
    });
    EXPECT_FALSE(page_of(metrics).empty()) << "while they count";
  }
  const std::string page = page_of(metrics);
  expect_line(page, R"(orderly_http_requests_total{route="/orders",method="GET",status="2xx"} 1001)");
  expect_line(page, R"(orderly_http_requests_total{route="unmatched",method="GET",status="4xx"} 1)");
  const std::string bucket = R"(orderly_http_request_duration_seconds_bucket{route="/orders",method="GET",le=)";
  expect_line(page, bucket + R"("0.0001"} 0)");
  expect_line(page, bucket + R"("0.00025"} 1000)");
  expect_line(page, bucket + R"("0.005"} 1001)");
  expect_line(page, bucket + R"("+Inf"} 1001)");
  expect_line(page, R"(orderly_http_request_duration_seconds_sum{route="/orders",method="GET"} 0.203)");
}

TEST(Metrics, AsksItsSources) {
  Metrics metrics(1);
  metrics.add_source([](MetricsPage& page) -> Task<void> {
    page.gauge("depth", "Messages.", 3, {{"queue", "payments"}});
    page.gauge("depth", "Messages.", 4, {{"queue", "refunds"}});
    page.counter("commits_total", "Commits.", 12);
    page.histogram("group_size", "Commits a group.", {{1, 8}, {5, 6, 7}, 99.5});
    co_return;
  });
  metrics.add_source([](MetricsPage&) -> Task<void> {
    throw std::runtime_error("the queue is away");
    co_return;
  });
  auto& family = prometheus::BuildCounter().Name("kept_total").Help("Kept.").Register(metrics.registry());
  family.Add({{"outcome", "declined"}}).Increment(5);

  const std::string page = page_of(metrics);
  expect_line(page, "# TYPE depth gauge");
  expect_line(page, R"(depth{queue="payments"} 3)");
  expect_line(page, R"(depth{queue="refunds"} 4)");
  expect_line(page, "commits_total 12");
  expect_line(page, R"(group_size_bucket{le="1"} 5)");
  expect_line(page, R"(group_size_bucket{le="8"} 11)");
  expect_line(page, R"(group_size_bucket{le="+Inf"} 18)");
  expect_line(page, "group_size_sum 99.5");
  expect_line(page, "group_size_count 18");
  expect_line(page, R"(kept_total{outcome="declined"} 5)");
  expect_line(page, "orderly_metrics_sources_failed 1");
}

}  // namespace
}  // namespace orderly::server
