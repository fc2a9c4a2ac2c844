#include "tests/crash/shop.h"

#include <fmt/format.h>

#include <fstream>
#include <stdexcept>

namespace orderly::crash {

std::string product_id(std::size_t index) { return fmt::format("p{:02}", index); }

std::int64_t price_minor(std::size_t index) { return 199 + 731 * static_cast<std::int64_t>(index % 13); }

std::int64_t seeded_stock(std::size_t index) { return index + kScarceProducts < kProducts ? 100'000'000 : 250; }

void write_catalog(const std::filesystem::path& path) {
  std::ofstream file(path, std::ios::binary);
  file << "id,sku,name,description,category,price,image,stock,stock_buckets\n";
  for (std::size_t i = 0; i < kProducts; ++i) {
    const std::int64_t price = price_minor(i);
    file << fmt::format("{0},SKU-{0},Product {0},One of many,things,{1}.{2:02},/images/{0}.jpg,{3},{4}\n",
                        product_id(i), price / 100, price % 100, seeded_stock(i),
                        i + kBucketProducts < kProducts ? "" : "4");
  }
  file.flush();
  if (!file) throw std::runtime_error("cannot write " + path.string());
}

}  // namespace orderly::crash
