// The shop that is measured: a catalog of any size and the orders placed there, made from numbers alone, so that the
// generator, the checks and the raw store agree without asking one another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace orderly::bench {

struct CatalogProduct {
  std::string id;
  std::string sku;
  std::string name;
  std::string description;
  std::string category;
  std::int64_t price_minor = 0;  // USD
  std::int64_t stock = 0;
};

std::string product_id(std::size_t index);
std::int64_t price_minor(std::size_t index);
CatalogProduct product(std::size_t index);

// `count` products as `orderly seed --file` reads them. Throws std::runtime_error when it cannot be written.
void write_catalog_csv(const std::filesystem::path& path, std::size_t count);

// An order to be placed.
struct OrderWish {
  struct Line {
    std::size_t product = 0;
    std::int64_t quantity = 1;
  };
  std::uint64_t number = 0;  // counts orders
  std::vector<Line> lines;
  std::string client_id;

  std::int64_t total_minor() const;
};

// What is ordered: lines of different products.
struct WishOptions {
  std::size_t products = 1;   // in the catalog
  std::size_t lines = 2;      // at most `products`
  bool same_product = false;  // every order names the catalog's first products
  bool with_address = false;  // a shipping address, sealed under a key of the client
};

// The order of that number: the same for the same options, whoever asks.
OrderWish wish(const WishOptions& options, std::uint64_t number);
// Overwrites `wish`, reusing its memory.
void make_wish(const WishOptions& options, std::uint64_t number, OrderWish& wish);

}  // namespace orderly::bench
