// Stock: two counters a product, each with floor 0. `available` may be sold; `reserved` is promised to orders that are
// not paid yet; what is on hand is their sum. At all times reserved = Σ quantities over pending, processing and
// declined orders (design: two counters, since a condition on DynamoDB cannot subtract two attributes).
//
// A product that sells faster than one record can be written keeps its stock in several buckets, 0 to n-1, each with
// counters of its own; all that is said above holds in each bucket. A piece goes back to the bucket it came from. Here
// is what can be decided about buckets without looking; app looks, and draws lots.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json_type.h"

namespace orderly::domain {

inline constexpr std::string_view kAvailable = "available";
inline constexpr std::string_view kReserved = "reserved";
inline constexpr std::string_view kReceived = "received";

// Of one bucket, or of all together.
struct StockCounters {
  std::int64_t available = 0;
  std::int64_t reserved = 0;
  std::int64_t received = 0;  // ever put on the shelf, corrections included: available = received + Σ moves of orders

  friend bool operator==(const StockCounters&, const StockCounters&) = default;
};
BOOST_DESCRIBE_STRUCT(StockCounters, (), (available, received, reserved))
std::vector<json::Rule> json_rules(const StockCounters*);

// What one event does to the counters of one bucket of a product.
struct StockMove {
  std::string product_id;
  std::int64_t available = 0;
  std::int64_t reserved = 0;
  std::int64_t bucket = 0;

  friend bool operator==(const StockMove&, const StockMove&) = default;
};
BOOST_DESCRIBE_STRUCT(StockMove, (), (product_id, available, reserved, bucket))
std::vector<json::Rule> json_rules(const StockMove*);

// A product and how many of it, in one bucket; lines of an order seen as stock.
struct Quantity {
  std::string product_id;
  std::int64_t quantity = 0;
  std::int64_t bucket = 0;

  friend bool operator==(const Quantity&, const Quantity&) = default;
};
BOOST_DESCRIBE_STRUCT(Quantity, (), (product_id, quantity, bucket))
std::vector<json::Rule> json_rules(const Quantity*);

// One move a product and bucket (lines of the same are added up), in order of product id and bucket.
std::vector<StockMove> reserve(const std::vector<Quantity>& lines);        // placed
std::vector<StockMove> release(const std::vector<Quantity>& lines);        // cancelled before it was paid
std::vector<StockMove> take_reserved(const std::vector<Quantity>& lines);  // paid: it leaves the shelf
std::vector<StockMove> put_back(const std::vector<Quantity>& lines);       // cancelled after it was paid
// From one reservation to another; what does not change is left out.
std::vector<StockMove> reserve_instead(const std::vector<Quantity>& before, const std::vector<Quantity>& after);

// --- An order's pieces in buckets
// ---------------------------------------------------------------------------------------------------------------------

// Lines, which name no bucket, with their pieces in `shares` where these say so and in bucket 0 otherwise. Throws
// Error(kBrokenInvariant) when there are more shares than lines.
std::vector<Quantity> in_buckets(std::vector<Quantity> lines, const std::vector<Quantity>& shares);

// By how much each product is wanted more than before, in order of product id; in no bucket yet.
std::vector<Quantity> wanted_more(const std::vector<Quantity>& before, const std::vector<Quantity>& lines);

// Other lines for an order whose pieces were in `before`: what is still wanted stays in its bucket, what is wanted more
// comes from the buckets in `taken`, and from bucket 0 where these say nothing. So no piece of a product goes back to
// one bucket while another comes from elsewhere. Throws as in_buckets() does when more is taken than wanted.
std::vector<Quantity> rearranged(const std::vector<Quantity>& before, std::vector<Quantity> lines,
                                 const std::vector<Quantity>& taken);

// --- A product's buckets: `available` is what each has, by its number, and never empty
// ---------------------------------------------------------------------------------------------------------------------

// Where `wanted.quantity` pieces come from: the first bucket, from `start` on and around, that has them all; else as
// few buckets as can be, the fullest first. Nothing when all of them together have too few.
std::optional<std::vector<Quantity>> take_from(const std::vector<std::int64_t>& available, const Quantity& wanted,
                                               std::int64_t start);

// By how much each bucket changes, so that there are `total` ≥ 0 pieces: what comes fills the emptiest, what goes is
// taken from the fullest, and nothing moves from one to another.
std::vector<std::int64_t> refill(const std::vector<std::int64_t>& available, std::int64_t total);
// The same with all buckets as full as each other in the end, to the piece: for new buckets beside old ones.
std::vector<std::int64_t> even_out(const std::vector<std::int64_t>& available, std::int64_t total);

}  // namespace orderly::domain
