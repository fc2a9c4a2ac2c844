#include "bench/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <stdexcept>

namespace orderly::bench {

namespace {

constexpr std::size_t kClients = 10'000;
constexpr std::int64_t kStock = 100'000'000;
constexpr std::array<const char*, 6> kCategories = {"electronics", "grocery", "books", "home", "sports", "toys"};

// SplitMix64 (Steele, Lea, Flood 2014): numbers spread over 64 bits.
std::uint64_t spread(std::uint64_t number) {
  number += 0x9e3779b97f4a7c15;
  number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9;
  number = (number ^ (number >> 27)) * 0x94d049bb133111eb;
  return number ^ (number >> 31);
}

}  // namespace

std::string product_id(std::size_t index) { return fmt::format("p{:06}", index); }

std::int64_t price_minor(std::size_t index) { return 499 + static_cast<std::int64_t>(index * 37 % 20'000); }

CatalogProduct product(std::size_t index) {
  const char* category = kCategories[index % kCategories.size()];
  return {product_id(index),
          fmt::format("SKU-{:06}", index),
          fmt::format("Product No. {:06} of Our Catalog", index),
          "Made to be ordered often, and described in about as many words as a shop would use.",
          category,
          price_minor(index),
          kStock};
}

void write_catalog_csv(const std::filesystem::path& path, std::size_t count) {
  std::ofstream file(path);
  file << "id,sku,name,description,category,price,stock\n";
  for (std::size_t i = 0; i < count; ++i) {
    const CatalogProduct each = product(i);
    file << fmt::format("{},{},\"{}\",\"{}\",{},{}.{:02},{}\n", each.id, each.sku, each.name, each.description,
                        each.category, each.price_minor / 100, each.price_minor % 100, each.stock);
  }
  file.close();
  if (!file) throw std::runtime_error("cannot write " + path.string());
}

std::int64_t OrderWish::total_minor() const {
  std::int64_t total = 0;
  for (const Line& line : lines) total += line.quantity * price_minor(line.product);
  return total;
}

OrderWish wish(const WishOptions& options, std::uint64_t number) {
  OrderWish made;
  make_wish(options, number, made);
  return made;
}

void make_wish(const WishOptions& options, std::uint64_t number, OrderWish& wish) {
  const std::uint64_t chance = spread(number);
  wish.number = number;
  wish.client_id.clear();
  fmt::format_to(std::back_inserter(wish.client_id), "c{:05}", spread(chance) % kClients);
  wish.lines.clear();
  const std::size_t first = options.same_product ? 0 : chance % options.products;
  const std::size_t step = options.same_product ? 1 : std::max<std::size_t>(1, options.products / 3);
  for (std::size_t i = 0; i < std::min(options.lines, options.products); ++i) {
    wish.lines.push_back(
        {(first + i * step) % options.products, 1 + static_cast<std::int64_t>((chance >> (8 * i)) % 3)});
  }
}

}  // namespace orderly::bench
