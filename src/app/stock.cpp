#include "app/stock.h"

#include <numeric>

#include "app/draft.h"
#include "app/keys.h"
#include "base/json.h"
#include "base/limits.h"

namespace orderly::app {

namespace {

// Each is an action of the commit, and some are for the rest.
constexpr std::size_t kMovesMax = limits::kCommitActionsMax - 10;

Task<std::vector<std::int64_t>> load_counters(App& app, std::vector<ports::Key> keys) {
  const auto records = co_await app.store.get_many(std::move(keys));
  std::vector<std::int64_t> available(records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (records[i]) available[i] = json::read_stored<domain::StockCounters>(records[i]->document).available;
  }
  co_return available;
}

std::int64_t draw(App& app, std::int64_t buckets) {
  std::array<std::uint8_t, 1> chance;
  app.random.fill(chance);
  return chance[0] % buckets;
}

// Refuses, unless something has changed since `available` was read: two readings alike are what there was between them,
// whatever others took and gave back while they were made.
Task<void> refuse(App& app, domain::Quantity wanted, std::vector<std::int64_t> available) {
  const auto buckets = static_cast<std::int64_t>(available.size());
  const bool has_new = co_await count_buckets(app, wanted.product_id) != buckets;
  if (has_new || co_await load_buckets(app, wanted.product_id, buckets) != available) {
    throw LostRace{keys::stock(wanted.product_id)};
  }
  throw_out_of_stock(wanted.product_id);
}

// When the bucket that was drawn has too few.
Task<std::vector<domain::Quantity>> look_everywhere(App& app, domain::Quantity wanted, std::int64_t buckets) {
  std::vector<std::int64_t> available = co_await load_buckets(app, wanted.product_id, buckets);
  auto taken = domain::take_from(available, wanted, draw(app, buckets));
  if (!taken) co_await refuse(app, wanted, std::move(available));  // throws
  co_return std::move(*taken);
}

}  // namespace

Task<std::map<std::string, std::int64_t>> load_first_buckets(App& app, std::set<std::string> product_ids) {
  std::vector<ports::Key> wanted;
  for (const std::string& id : product_ids) wanted.push_back(keys::stock(id));
  const std::vector<std::int64_t> counters = co_await load_counters(app, std::move(wanted));
  std::map<std::string, std::int64_t> available;
  auto counter = counters.begin();
  for (const std::string& id : product_ids) available.emplace(id, *counter++);
  co_return available;
}

Task<std::vector<std::int64_t>> load_buckets(App& app, std::string product_id, std::int64_t buckets) {
  std::vector<ports::Key> wanted;
  for (std::int64_t bucket = 0; bucket < buckets; ++bucket) wanted.push_back(keys::stock(product_id, bucket));
  co_return co_await load_counters(app, std::move(wanted));
}

Task<std::vector<std::int64_t>> load_available(App& app, const std::vector<domain::Product>& products) {
  std::vector<ports::Key> wanted;
  std::vector<std::size_t> product_of;
  for (std::size_t i = 0; i < products.size(); ++i) {
    for (std::int64_t bucket = 0; bucket < domain::buckets_of(products[i]); ++bucket) {
      wanted.push_back(keys::stock(products[i].id, bucket));
      product_of.push_back(i);
    }
  }
  const std::vector<std::int64_t> counters = co_await load_counters(app, std::move(wanted));
  std::vector<std::int64_t> available(products.size());
  for (std::size_t i = 0; i < counters.size(); ++i) available[product_of[i]] += counters[i];
  co_return available;
}

Task<std::int64_t> count_buckets(App& app, std::string product_id) {
  const auto record = co_await app.store.get(keys::product(product_id));
  co_return record ? domain::buckets_of(json::read_stored<domain::Product>(record->document)) : 1;
}

Task<std::vector<domain::Quantity>> find_stock(App& app, std::vector<domain::Quantity> wanted, BucketCounts buckets) {
  std::erase_if(wanted, [&](const domain::Quantity& each) { return !buckets.contains(each.product_id); });
  if (wanted.empty()) co_return wanted;
  std::vector<ports::Key> drawn;
  for (domain::Quantity& each : wanted) {
    each.bucket = draw(app, buckets.at(each.product_id));
    drawn.push_back(keys::stock(each.product_id, each.bucket));
  }
  const std::vector<std::int64_t> available = co_await load_counters(app, std::move(drawn));
  std::vector<domain::Quantity> taken;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const domain::Quantity& each = wanted[i];
    if (available[i] >= each.quantity) {
      taken.push_back(each);
    } else {
      const auto parts = co_await look_everywhere(app, each, buckets.at(each.product_id));
      taken.insert(taken.end(), parts.begin(), parts.end());
    }
  }
  co_return taken;
}

void require_room(const std::vector<domain::StockMove>& moves) {
  if (moves.size() <= kMovesMax) return;
  throw Error(ErrorCode::kRefused, "too-many-products", "Too many products at once; place several orders.");
}

void throw_out_of_stock(const std::string& product_id) {
  throw Error(ErrorCode::kRefused, "out-of-stock", "There is not enough of product " + product_id + " in stock.");
}

}  // namespace orderly::app
