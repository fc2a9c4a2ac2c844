// Products from a file: JSON ([…] or {"products": […]}, as PutProduct describes them) or CSV (RFC 4180, a header line
// with the same names; prices in major units, "95.00").
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "app/catalog.h"

namespace orderly::cli {

// Throws Error(kInvalidRequest) with what is wrong and where.
std::vector<app::PutProduct> read_products_json(std::string_view text);
std::vector<app::PutProduct> read_products_csv(std::string_view text, Currency currency);
// By the file's ending. Throws also when it cannot be read.
std::vector<app::PutProduct> read_product_file(const std::filesystem::path& path, Currency currency);

// What `orderly seed` without a file puts into the shop.
std::vector<app::PutProduct> demo_catalog();

}  // namespace orderly::cli
