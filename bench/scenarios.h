// What is measured, and how: each part starts the program on a folder of its own, drives it, and stops it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "bench/report.h"

namespace orderly::bench {

// Parts of a round that can be asked for alone.
inline constexpr const char* kParts[] = {"start", "place", "keys", "read", "busy", "lives", "limits"};

struct BenchOptions {
  std::filesystem::path programs;  // where `orderly` and `bare_beast` are
  std::filesystem::path folder;    // ours alone, on the disk that is to be measured
  std::set<std::string> parts;
  std::chrono::milliseconds warm_up = std::chrono::seconds(2);
  std::chrono::milliseconds duration = std::chrono::seconds(10);  // of each load
  std::size_t connections = 64;
  std::size_t busy_connections = 256;
  std::size_t products = 100'000;
  std::uint64_t lives_under_way_max = 512;
  std::size_t recorded_orders = 64'000;  // written to the raw store
  std::size_t recorded_lives = 6'400;
  bool with_address = false;
  double open_loop_rate = 0;          // orders a second, in an open loop; 0: not measured
  std::vector<std::string> settings;  // "name=value", given to every server
};

// The folder of a shop with the catalog in it, from which every part starts. Made once for all rounds. Throws
// std::runtime_error.
void make_catalog(const BenchOptions& options);

// One round, all parts that were asked for. Says on standard error what it is doing. Throws std::runtime_error when a
// server cannot be started or stopped.
Round measure(const BenchOptions& options);

// For the report: how it was measured.
std::vector<std::string> conditions(const BenchOptions& options);

}  // namespace orderly::bench
