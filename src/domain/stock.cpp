#include "domain/stock.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "base/money.h"

namespace orderly::domain {

namespace {

using Totals = std::map<std::pair<std::string, std::int64_t>, std::int64_t>;  // of each product and bucket, in order

void add(Totals& totals, const std::vector<Quantity>& lines) {
  for (const Quantity& line : lines) {
    std::int64_t& total = totals[{line.product_id, line.bucket}];
    total = checked_add(total, line.quantity);
  }
}

// One move a product and bucket: its quantity times what each piece does to the two counters.
std::vector<StockMove> moves(const Totals& totals, std::int64_t available, std::int64_t reserved) {
  std::vector<StockMove> moves;
  moves.reserve(totals.size());
  for (const auto& [place, quantity] : totals) {
    if (quantity != 0) moves.push_back({place.first, available * quantity, reserved * quantity, place.second});
  }
  return moves;
}

std::vector<StockMove> moves(const std::vector<Quantity>& lines, std::int64_t available, std::int64_t reserved) {
  Totals totals;
  add(totals, lines);
  return moves(totals, available, reserved);
}

// Of each product, whatever the bucket.
std::map<std::string, std::int64_t> pieces_of(const std::vector<Quantity>& lines) {
  std::map<std::string, std::int64_t> pieces;
  for (const Quantity& line : lines) pieces[line.product_id] = checked_add(pieces[line.product_id], line.quantity);
  return pieces;
}

std::int64_t sum_of(const std::vector<std::int64_t>& available) {
  return std::accumulate(available.begin(), available.end(), std::int64_t{0}, checked_add);
}

// The numbers of the buckets, the fullest first; of those as full as each other, from `start` on and around.
std::vector<std::size_t> fullest_first(const std::vector<std::int64_t>& available, std::size_t start) {
  std::vector<std::size_t> order(available.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto from_start = [&](std::size_t bucket) { return (bucket + order.size() - start) % order.size(); };
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    return available[a] != available[b] ? available[a] > available[b] : from_start(a) < from_start(b);
  });
  return order;
}

}  // namespace

std::vector<json::Rule> json_rules(const StockCounters*) {
  return {json::field("available").brief(), json::field("received").brief(), json::field("reserved").brief()};
}

std::vector<json::Rule> json_rules(const StockMove*) {
  return {json::field("available").brief(), json::field("reserved").brief(), json::field("bucket").brief()};
}

std::vector<json::Rule> json_rules(const Quantity*) { return {json::field("bucket").brief()}; }

std::vector<StockMove> reserve(const std::vector<Quantity>& lines) { return moves(lines, -1, 1); }

std::vector<StockMove> release(const std::vector<Quantity>& lines) { return moves(lines, 1, -1); }

std::vector<StockMove> take_reserved(const std::vector<Quantity>& lines) { return moves(lines, 0, -1); }

std::vector<StockMove> put_back(const std::vector<Quantity>& lines) { return moves(lines, 1, 0); }

std::vector<StockMove> reserve_instead(const std::vector<Quantity>& before, const std::vector<Quantity>& after) {
  Totals more;
  add(more, after);
  for (const Quantity& line : before) {
    std::int64_t& difference = more[{line.product_id, line.bucket}];
    difference = checked_subtract(difference, line.quantity);
  }
  return moves(more, -1, 1);
}

std::vector<Quantity> in_buckets(std::vector<Quantity> lines, const std::vector<Quantity>& shares) {
  if (shares.empty()) return lines;
  std::map<std::string, std::int64_t> rest = pieces_of(lines);
  std::vector<Quantity> placed;
  for (const Quantity& share : shares) {
    std::int64_t& left = rest[share.product_id];
    if (share.quantity < 1 || share.quantity > left) {
      throw_broken("bucket " + std::to_string(share.bucket) + " of product " + share.product_id +
                   " has more or fewer pieces for an order than it wants");
    }
    left -= share.quantity;
    placed.push_back(share);
  }
  for (const auto& [product_id, quantity] : rest) {
    if (quantity != 0) placed.push_back({product_id, quantity});
  }
  return placed;
}

std::vector<Quantity> wanted_more(const std::vector<Quantity>& before, const std::vector<Quantity>& lines) {
  const std::map<std::string, std::int64_t> had = pieces_of(before);
  std::vector<Quantity> more;
  for (const auto& [product_id, wanted] : pieces_of(lines)) {
    const auto held = had.find(product_id);
    const std::int64_t difference = checked_subtract(wanted, held == had.end() ? 0 : held->second);
    if (difference > 0) more.push_back({product_id, difference});
  }
  return more;
}

std::vector<Quantity> rearranged(const std::vector<Quantity>& before, std::vector<Quantity> lines,
                                 const std::vector<Quantity>& taken) {
  std::vector<Quantity> more = in_buckets(wanted_more(before, lines), taken);  // no more than is wanted
  std::map<std::string, std::int64_t> wanted = pieces_of(lines);
  std::vector<Quantity> shares = std::move(more);
  for (const Quantity& share : shares) wanted[share.product_id] -= share.quantity;
  for (const Quantity& held : before) {
    std::int64_t& left = wanted[held.product_id];
    const std::int64_t kept = std::min(held.quantity, left);
    if (kept == 0) continue;
    left -= kept;
    shares.push_back({held.product_id, kept, held.bucket});
  }
  return in_buckets(std::move(lines), shares);
}

std::optional<std::vector<Quantity>> take_from(const std::vector<std::int64_t>& available, const Quantity& wanted,
                                               std::int64_t start) {
  const auto buckets = static_cast<std::int64_t>(available.size());
  for (std::int64_t i = 0; i < buckets; ++i) {
    const std::int64_t bucket = (start + i) % buckets;
    if (available[static_cast<std::size_t>(bucket)] < wanted.quantity) continue;
    return std::vector<Quantity>{{wanted.product_id, wanted.quantity, bucket}};
  }
  std::vector<Quantity> taken;
  std::int64_t left = wanted.quantity;
  for (const std::size_t bucket : fullest_first(available, static_cast<std::size_t>(start))) {
    const std::int64_t share = std::min(left, available[bucket]);
    if (share <= 0) break;
    left -= share;
    taken.push_back({wanted.product_id, share, static_cast<std::int64_t>(bucket)});
  }
  if (left > 0) return std::nullopt;
  return taken;
}

std::vector<std::int64_t> refill(const std::vector<std::int64_t>& available, std::int64_t total) {
  const bool comes = total >= sum_of(available);
  std::vector<std::size_t> order = fullest_first(available, 0);
  if (comes) std::ranges::reverse(order);
  // The buckets that change all end at one level: those that are beyond it already are left out, the furthest first.
  std::int64_t level_total = total;
  std::size_t changed = order.size();
  const auto is_beyond = [&](std::int64_t pieces) {
    const auto count = static_cast<std::int64_t>(changed);
    return comes ? pieces > level_total / count : pieces < (level_total + count - 1) / count;
  };
  while (changed > 1 && is_beyond(available[order[changed - 1]])) {
    level_total -= available[order[changed - 1]];
    --changed;
  }
  std::vector<std::int64_t> differences(available.size());
  for (std::size_t i = 0; i < changed; ++i) {
    const auto count = static_cast<std::int64_t>(changed);
    const std::int64_t level = level_total / count + (static_cast<std::int64_t>(i) < level_total % count ? 1 : 0);
    differences[order[i]] = level - available[order[i]];
  }
  return differences;
}

std::vector<std::int64_t> even_out(const std::vector<std::int64_t>& available, std::int64_t total) {
  const auto buckets = static_cast<std::int64_t>(available.size());
  std::vector<std::int64_t> differences;
  for (std::int64_t i = 0; i < buckets; ++i) {
    const std::int64_t level = total / buckets + (i < total % buckets ? 1 : 0);
    differences.push_back(level - available[static_cast<std::size_t>(i)]);
  }
  return differences;
}

}  // namespace orderly::domain
