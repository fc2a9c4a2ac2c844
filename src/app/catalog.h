// The catalog: what there is to buy, how much of it, and how a product comes to be.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/views.h"

namespace orderly::app {

// Which page of a list.
struct PageOf {
  std::size_t limit = 20;
  std::string cursor;  // of an earlier page, "" for the first
};

// By product id.
Task<List<ProductView>> list_products(App& app, PageOf page);
// An unknown category is an empty list: there is no record of categories apart from their products.
Task<List<ProductView>> list_category(App& app, std::string category, PageOf page);
// Throws not_found.
Task<ProductView> get_product(App& app, std::string id);

// Nothing where an id is unknown; in the order of `ids`.
Task<std::vector<std::optional<domain::Product>>> load_products(App& app, std::vector<std::string> ids);
// The product of that id, SKU or exact name (case and spacing aside), in this order. Throws Error(kInvalidRequest) at
// `pointer` when there is none or several.
Task<std::string> find_product(App& app, std::string text, std::string pointer);

struct PutProduct {
  std::string id;
  std::string sku;
  std::string name;
  std::string description;
  std::string category;
  std::int64_t price = 0;
  std::optional<Currency> currency;  // the shop's when absent
  std::string image;
  std::optional<std::int64_t> stock;            // pieces available; nothing leaves it as it is
  std::optional<std::int64_t> stock_buckets{};  // in how many they are kept; nothing: as they are, at first one
};
BOOST_DESCRIBE_STRUCT(PutProduct, (),
                      (id, sku, name, description, category, price, currency, image, stock, stock_buckets))
std::vector<json::Rule> json_rules(const PutProduct*);

// Makes or changes a product, its lookups and its stock, in one commit. Safe to repeat: the same product again writes
// nothing. New pieces are spread over the buckets; new buckets get their share of what there is. Throws
// Error(kInvalidRequest) when there are more buckets already than wanted, Error(kRefused, "sku-taken") when another
// product has the SKU.
Task<void> put_product(App& app, Caller caller, PutProduct product);

}  // namespace orderly::app
