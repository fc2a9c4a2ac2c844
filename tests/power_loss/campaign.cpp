#include "tests/power_loss/campaign.h"

#include <fmt/format.h>

#include <cstdlib>
#include <iterator>
#include <random>

namespace orderly::power_loss {
namespace {

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr || *text == '\0' ? otherwise : std::strtoull(text, nullptr, 10);
}

}  // namespace

DiskRules rocksdb_rules() { return {.ordered_appends = {"MANIFEST-"}}; }

std::vector<Cut> spread_cuts(std::uint64_t operations, std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<Cut> cuts;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t position = count == 1 ? operations : i * operations / (count - 1);
    cuts.push_back({position, random(), kAllSurvivals[random() % std::size(kAllSurvivals)]});
  }
  return cuts;
}

std::string describe(const Cut& cut) {
  return fmt::format("cut at {}, {}, seed {}", cut.position, name_of(cut.survival), cut.seed);
}

std::uint64_t campaign_seed() { return number_from_environment("ORDERLY_SEED", 1); }
std::size_t campaign_images() { return number_from_environment("ORDERLY_POWER_LOSS_IMAGES", 500); }

}  // namespace orderly::power_loss
