// Two walks over things that should be the same things, in different orders and too many to remember: what is missing
// on either side, doubled, or different?
//
// Each thing adds its hash to one of many sums on one side and takes it away on the other. Where all sums are zero in
// the end, the sides agree (by chance with probability 2^-64). Where one is not, both walks are made again and only
// what falls under such a sum is remembered.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace orderly::app::checks {

class Matching {
 public:
  Matching();

  // A thing met on one side: what identifies it, and what both sides should say of it.
  void left(std::string_view key, std::string_view content = {}) { add(0, key, content); }
  void right(std::string_view key, std::string_view content = {}) { add(1, key, content); }

  bool is_even() const;

  // Before both walks are made again.
  void start_collecting();

  struct Difference {
    std::string key;
    std::vector<std::string> left;  // contents; empty: not met on that side
    std::vector<std::string> right;
  };
  // After the second walks, in order of key. Where most of a large store differs these are only some of them.
  std::vector<Difference> differences() const;

 private:
  static constexpr std::size_t kSums = 65'536;
  static constexpr std::size_t kSumsCollectedMax = 64;
  static constexpr std::size_t kContentsMax = 3;  // of one thing, on one side

  void add(std::size_t side, std::string_view key, std::string_view content);

  bool collecting_ = false;
  std::vector<std::uint64_t> sums_;
  std::vector<bool> collected_;
  std::map<std::string, std::array<std::vector<std::string>, 2>, std::less<>> things_;
};

// Stands for a long content where only its sameness matters.
std::string fingerprint(std::string_view content);

}  // namespace orderly::app::checks
