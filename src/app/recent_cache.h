// What was read in the last few seconds, so that not every request needs a read of its own.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/time.h"

namespace orderly::app {

constexpr Duration kRecentKept{5000};

// Thread-safe, bounded. What another process changed is seen when kRecentKept is over; what this one changed, at once.
template <class Value>
class RecentCache {
 public:
  std::optional<Value> find(const std::string& id, Time now) {
    const std::lock_guard lock(mutex_);
    const auto entry = entries_.find(id);
    if (entry == entries_.end() || entry->second.until <= now) return std::nullopt;
    return entry->second.value;
  }

  // An older version than one that is here, however long ago, changes nothing: its reader was overtaken by the change.
  void keep(const std::string& id, std::int64_t version, Value value, Time now) {
    const std::lock_guard lock(mutex_);
    if (entries_.size() >= kEntriesMax) entries_.clear();
    const auto known = entries_.find(id);
    if (known != entries_.end() && known->second.version > version) return;
    entries_.insert_or_assign(id, Entry{version, std::move(value), now + kRecentKept});
  }

 private:
  static constexpr std::size_t kEntriesMax = 10'000;

  struct Entry {
    std::int64_t version = 0;
    Value value;
    Time until;
  };
  std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace orderly::app
