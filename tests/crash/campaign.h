// The kill -9 campaign: many clients buy, pay and cancel while the server is killed at random moments and started
// again; then everything that was acknowledged is looked for, and everything that is there must have been asked for.
#pragma once

#include <cstdint>
#include <filesystem>

namespace orderly::crash {

struct CampaignOptions {
  std::filesystem::path program;  // the orderly binary
  std::filesystem::path folder;   // empty: a temporary one, removed when all is well
  int rounds = 25;
  std::size_t clients = 64;
  double seconds_per_round = 3.0;  // the longest that a server lives; the shortest is 0.2
  std::uint64_t seed = 0;
};

// Prints what it does. Returns the number of violations, which it prints too; the folder is kept then. Throws
// std::exception when the campaign itself could not be run.
std::size_t run_campaign(CampaignOptions options);

}  // namespace orderly::crash
