// What was found to be wrong.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <vector>

namespace orderly::crash {

// Thread-safe. Keeps the first kKeptMax and counts the others.
class Violations {
 public:
  static constexpr std::size_t kKeptMax = 200;

  void add(std::string what) {
    const std::lock_guard lock(mutex_);
    ++count_;
    if (kept_.size() < kKeptMax) kept_.push_back(std::move(what));
  }
  std::size_t count() const {
    const std::lock_guard lock(mutex_);
    return count_;
  }
  std::vector<std::string> kept() const {
    const std::lock_guard lock(mutex_);
    return kept_;
  }

 private:
  mutable std::mutex mutex_;
  std::size_t count_ = 0;
  std::vector<std::string> kept_;
};

}  // namespace orderly::crash
