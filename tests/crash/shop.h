// The shop in which the clients buy: its catalog, made from numbers alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace orderly::crash {

inline constexpr std::size_t kProducts = 48;
// The last ones are scarce, so that they sell out and orders are refused.
inline constexpr std::size_t kScarceProducts = 4;

// The last of these are kept in several buckets, so that orders are split and planned again.
inline constexpr std::size_t kBucketProducts = 2;

std::string product_id(std::size_t index);
std::int64_t price_minor(std::size_t index);
std::int64_t seeded_stock(std::size_t index);

// As `orderly seed --file` reads it. Throws std::runtime_error when it cannot be written.
void write_catalog(const std::filesystem::path& path);

}  // namespace orderly::crash
