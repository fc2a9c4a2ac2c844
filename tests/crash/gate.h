// Whether the server is there to be talked to. The campaign shuts the gate before it kills and opens it when the next
// server is ready, so that a client knows a connection lost to a kill from one lost for no good reason.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>

namespace orderly::crash {

// Thread-safe.
class Gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    ++generation_;
    is_open_ = true;
    changed_.notify_all();
  }
  void shut() {
    const std::lock_guard lock(mutex_);
    is_open_ = false;
  }
  // There will be no server any more.
  void give_up() {
    const std::lock_guard lock(mutex_);
    has_given_up_ = true;
    changed_.notify_all();
  }

  // Waits until it is open; which server it leads to, counted from 1. Nothing: there will be none.
  std::optional<std::uint64_t> wait_until_open() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return is_open_ || has_given_up_; });
    if (has_given_up_) return std::nullopt;
    return generation_;
  }
  // Whether the server of that generation is meant to be alive.
  bool leads_to(std::uint64_t generation) const {
    const std::lock_guard lock(mutex_);
    return is_open_ && generation_ == generation;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t generation_ = 0;
  bool is_open_ = false;
  bool has_given_up_ = false;
};

}  // namespace orderly::crash
