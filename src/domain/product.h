// What the shop sells. Its stock is a counter record apart (domain/stock.h), so that buyers never fight over a version.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json_type.h"
#include "base/limits.h"
#include "base/money.h"
#include "base/time.h"

namespace orderly::domain {

struct Product {
  std::string id;  // ours or the shop's own: [A-Za-z0-9._-]{1,64}
  std::string sku;
  std::string name;
  std::string description;
  std::string category;    // lower case, [a-z0-9-]
  std::int64_t price = 0;  // minor units of `currency`, without tax
  Currency currency;
  std::string image;  // a path of ours or empty
  std::int64_t version = 1;
  Time created_at;
  Time updated_at;
  std::optional<std::int64_t> stock_buckets{};  // in how many its stock is kept; nothing: one. Never falls
};
BOOST_DESCRIBE_STRUCT(Product, (),
                      (id, sku, name, description, category, price, currency, image, version, created_at, updated_at,
                       stock_buckets))
std::vector<json::Rule> json_rules(const Product*);

inline std::int64_t buckets_of(const Product& product) { return product.stock_buckets.value_or(1); }

// [A-Za-z0-9._-]{1,64}; also the form of product ids in requests and paths.
bool is_product_id(std::string_view text);
// [a-z0-9-]{1,64}
bool is_category_name(std::string_view text);

}  // namespace orderly::domain
