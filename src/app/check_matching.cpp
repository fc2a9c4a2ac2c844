#include "app/check_matching.h"

#include <algorithm>
#include <functional>

namespace orderly::app::checks {

namespace {

std::uint64_t hash_of(std::string_view text) { return std::hash<std::string_view>{}(text); }

// The finalizer of SplitMix64: every bit of the input reaches every bit of the output.
std::uint64_t mixed(std::uint64_t bits) {
  bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9;
  bits = (bits ^ bits >> 27) * 0x94d049bb133111eb;
  return bits ^ bits >> 31;
}

}  // namespace

Matching::Matching() : sums_(kSums, 0) {}

void Matching::add(std::size_t side, std::string_view key, std::string_view content) {
  const std::uint64_t key_hash = hash_of(key);
  const std::size_t place = mixed(key_hash) % kSums;
  if (!collecting_) {
    const std::uint64_t thing = mixed(key_hash + mixed(hash_of(content) + 1));
    sums_[place] += side == 0 ? thing : 0 - thing;
    return;
  }
  if (!collected_[place]) return;
  std::vector<std::string>& contents = things_[std::string(key)][side];
  if (contents.size() < kContentsMax) contents.emplace_back(content);
}

bool Matching::is_even() const {
  return std::all_of(sums_.begin(), sums_.end(), [](std::uint64_t sum) { return sum == 0; });
}

void Matching::start_collecting() {
  collecting_ = true;
  collected_.assign(kSums, false);
  std::size_t collected = 0;
  for (std::size_t i = 0; i < kSums && collected < kSumsCollectedMax; ++i) {
    if (sums_[i] == 0) continue;
    collected_[i] = true;
    ++collected;
  }
}

std::vector<Matching::Difference> Matching::differences() const {
  std::vector<Difference> list;
  for (const auto& [key, sides] : things_) {
    if (sides[0] != sides[1]) list.push_back({key, sides[0], sides[1]});
  }
  return list;
}

std::string fingerprint(std::string_view content) {
  const std::uint64_t hash = hash_of(content);
  return std::to_string(content.size()) + ":" + std::to_string(hash);
}

}  // namespace orderly::app::checks
