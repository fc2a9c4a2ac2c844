// What tests of stock in buckets do to a shop, and what they look at.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "app/catalog.h"
#include "app/check_samples.h"

namespace orderly::app::samples {

using fakes::World;

inline std::vector<std::int64_t> available(World& world, const std::string& product_id, std::int64_t buckets) {
  std::vector<std::int64_t> found;
  for (std::int64_t i = 0; i < buckets; ++i) found.push_back(world.bucket(product_id, i).available);
  return found;
}

inline Task<Answer> place(World& world, World::Lines lines) {
  PlaceOrder command = world.order_of(std::move(lines));
  command.pay_later = true;
  co_return co_await place_order(world.app, world.owner(), std::move(command), {});
}

inline Task<Answer> change_items(World& world, OrderId id, World::Lines lines) {
  UpdateOrder command;
  command.items = std::move(lines);
  co_return co_await update_order(world.app, world.owner(), id.text, std::move(command), {});
}

inline Task<void> put(World& world, std::string id, std::optional<std::int64_t> stock,
                      std::optional<std::int64_t> buckets) {
  PutProduct product{id, "SKU-" + id, "Product " + id, "", "things", 1000, Currency::of("USD"), "", stock, buckets};
  co_await put_product(world.app, world.owner(), std::move(product));
}

inline void expect_sound(World& world) {
  Picture picture(*world.store.inspect());
  const CheckReport report = check(picture, world.crypto, world.clock.now());
  EXPECT_TRUE(report.is_clean()) << findings_of(report);
}

}  // namespace orderly::app::samples
