// Stock: two counters a product, each with floor 0. `available` may be sold; `reserved` is promised to orders that are
// not paid yet; what is on hand is their sum. At all times reserved = Σ quantities over pending, processing and
// declined orders (design: two counters, since a condition on DynamoDB cannot subtract two attributes).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json_type.h"

namespace orderly::domain {

inline constexpr std::string_view kAvailable = "available";
inline constexpr std::string_view kReserved = "reserved";
inline constexpr std::string_view kReceived = "received";

struct StockCounters {
  std::int64_t available = 0;
  std::int64_t reserved = 0;
  std::int64_t received = 0;  // ever put on the shelf, corrections included: available = received + Σ moves of orders

  friend bool operator==(const StockCounters&, const StockCounters&) = default;
};
BOOST_DESCRIBE_STRUCT(StockCounters, (), (available, received, reserved))
std::vector<json::Rule> json_rules(const StockCounters*);

// What one event does to one product's counters.
struct StockMove {
  std::string product_id;
  std::int64_t available = 0;
  std::int64_t reserved = 0;

  friend bool operator==(const StockMove&, const StockMove&) = default;
};
BOOST_DESCRIBE_STRUCT(StockMove, (), (product_id, available, reserved))
std::vector<json::Rule> json_rules(const StockMove*);

// A product and how many of it; lines of an order seen as stock.
struct Quantity {
  std::string product_id;
  std::int64_t quantity = 0;
};

// One move a product (lines of the same product are added up), in order of product id.
std::vector<StockMove> reserve(const std::vector<Quantity>& lines);        // placed
std::vector<StockMove> release(const std::vector<Quantity>& lines);        // cancelled before it was paid
std::vector<StockMove> take_reserved(const std::vector<Quantity>& lines);  // paid: it leaves the shelf
std::vector<StockMove> put_back(const std::vector<Quantity>& lines);       // cancelled after it was paid
// From one reservation to another; products whose reservation does not change are left out.
std::vector<StockMove> reserve_instead(const std::vector<Quantity>& before, const std::vector<Quantity>& after);

}  // namespace orderly::domain
