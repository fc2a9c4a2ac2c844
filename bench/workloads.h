// What the load generator asks the server for, and what it must be answered.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bench/catalog.h"
#include "bench/load_client.h"

namespace orderly::bench {

// An order's id and its total, as placed.
struct PlacedOrder {
  static constexpr std::size_t kIdBytes = 30;  // "ord_" and 26 characters
  std::array<char, kIdBytes> id{};
  std::int64_t total_minor = 0;

  std::string_view text() const { return {id.data(), id.size()}; }
};

// The id that an order's JSON begins with; empty when it does not.
std::string_view order_id_in(std::string_view body);

// The first integer behind `"name":` in a JSON text; -1: none.
std::int64_t integer_in(std::string_view body, std::string_view name);

// POST /orders, over and over. Every answer must be 200 with an order's id and the total that the catalog's prices
// give.
class PlaceOrders : public Workload {
 public:
  struct Options {
    WishOptions wish;
    bool with_idempotency_key = false;
    std::string api_key{};           // empty: none is shown
    std::uint64_t first_number = 0;  // so that two runs on one folder place different orders
    std::size_t kept_max = 1'000'000;
  };

  PlaceOrders(const Options& options, std::size_t connections);

  std::string_view next(std::size_t connection) override;
  Verdict answered(std::size_t connection, const Answer& answer) override;

  // The first kept_max orders that were placed.
  const std::vector<PlacedOrder>& placed() const { return placed_; }
  std::uint64_t placed_count() const { return placed_count_; }
  // Of an answer's body: what the raw HTTP server is to answer with.
  std::size_t body_bytes() const { return body_bytes_; }

 private:
  void write_request();

  const Options options_;
  std::uint64_t number_;
  OrderWish wish_;
  std::string body_;
  std::string request_;
  std::vector<std::int64_t> totals_;  // expected on each connection
  std::vector<PlacedOrder> placed_;
  std::uint64_t placed_count_ = 0;
  std::size_t body_bytes_ = 0;
};

// GET /orders/{id} of orders placed before, at random. Every answer must be that order.
class ReadOrders : public Workload {
 public:
  // `orders` must outlive it and hold one at least.
  ReadOrders(const std::vector<PlacedOrder>& orders, std::size_t connections);

  std::string_view next(std::size_t connection) override;
  Verdict answered(std::size_t connection, const Answer& answer) override;

 private:
  const std::vector<PlacedOrder>& orders_;
  std::uint64_t chance_ = 88172645463325252;
  std::string request_;
  std::vector<std::size_t> asked_;  // on each connection
};

// The same GET over and over. Every answer must be 200 and as long as the first one.
class RepeatGet : public Workload {
 public:
  explicit RepeatGet(std::string_view path);

  std::string_view next(std::size_t connection) override;
  Verdict answered(std::size_t connection, const Answer& answer) override;
  const std::string& first_body() const { return first_body_; }

 private:
  std::string request_;
  std::string first_body_;
};

// Whole lives: places orders that are paid, invoiced and documented by the server's workers, and keeps the number under
// way bounded. Connection 0 asks for /metrics every 10 ms: an order under way has one message in one of the queues, so
// that the lives done are the orders placed, less the messages there are.
class WholeLives : public Workload {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  WholeLives(const PlaceOrders::Options& options, std::size_t connections, std::uint64_t under_way_max);

  std::string_view next(std::size_t connection) override;
  Verdict answered(std::size_t connection, const Answer& answer) override;

  const PlaceOrders& orders() const { return orders_; }

  // What a look at the metrics showed.
  struct Sight {
    TimePoint at;
    std::uint64_t done = 0;       // lives
    std::uint64_t under_way = 0;  // messages
  };
  const std::vector<Sight>& sights() const { return sights_; }

 private:
  PlaceOrders orders_;
  const std::uint64_t under_way_max_;
  std::string metrics_request_;
  std::vector<Sight> sights_;
  TimePoint next_sight_{};
  std::uint64_t sent_ = 0;
  std::uint64_t placed_when_asked_ = 0;
};

// The sum of a labelled metric over all its labels in a page of metrics; -1: there is none.
std::int64_t gauge_sum(std::string_view metrics_page, std::string_view name);
// Of `orderly_queue_messages`: over all queues.
std::int64_t queued_messages(std::string_view metrics_page);

// "GET <path>" with what HTTP/1.1 requires.
std::string get_request(std::string_view path);

}  // namespace orderly::bench
