// The limits of docs/performance.md: the most that this machine's disk, RocksDB and Beast can do, measured in the same
// run as the figures that are compared with them.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>

#include "bench/load_client.h"
#include "bench/recorded_writes.h"

namespace orderly::bench {

struct DiskLimit {
  double syncs_per_second = 0;
  double p99_ms = 0;
};
// One file, 4 KiB appended and fdatasync'ed, over and over. Throws std::system_error.
DiskLimit measure_disk(const std::filesystem::path& folder, std::chrono::nanoseconds duration);

// RocksDB alone, opened with the engine's options: the recorded batches written one after another, each synced, by one
// thread. Returns recorded lives (orders) per second. `folder` must be empty or absent.
double measure_raw_store(const std::filesystem::path& folder, const Recording& recording);

// Requests a second of a bare Beast server (`program`) that answers `body_bytes` bytes, driven by the same generator.
LoadResult measure_raw_http(const std::filesystem::path& program, const std::filesystem::path& folder,
                            std::size_t body_bytes, const LoadOptions& options);

}  // namespace orderly::bench
