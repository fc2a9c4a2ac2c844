// Where to cut: the positions, seeds and kinds of a campaign, spread over a recording.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/power_loss/disk_state.h"

namespace orderly::power_loss {

// The worst disk that RocksDB 7.8 stands: any damage to what is unsynced, but for the tail of a MANIFEST, which must
// have been cut off cleanly (as ext4 and xfs do). rocksdb_power_loss_test.cpp shows why.
DiskRules rocksdb_rules();

struct Cut {
  std::uint64_t position = 0;
  std::uint64_t seed = 0;
  Survival survival = Survival::kDropped;
};

// `count` cuts in order of position, even over 0 … operations, both included; with more cuts than positions each
// position is cut several times, under other seeds. The kinds are drawn.
std::vector<Cut> spread_cuts(std::uint64_t operations, std::size_t count, std::uint64_t seed);

// "cut at 512, torn, seed 17": what it takes to make the image again from the same recording.
std::string describe(const Cut& cut);

// ORDERLY_SEED, or 1. A seed fixes what the disk loses and what the workload does, but not how RocksDB's threads
// interleave: a recording differs a little from run to run.
std::uint64_t campaign_seed();
// ORDERLY_POWER_LOSS_IMAGES, or 500.
std::size_t campaign_images();

}  // namespace orderly::power_loss
