// What a request must know of the account that its token is of, for a few seconds: so that not every request reads.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/time.h"

namespace orderly::app {

// Thread-safe, bounded. What another process changed is seen when kKept is over; what this one changed, at once.
class AccountCache {
 public:
  static constexpr Duration kKept{5000};

  // The epoch whose tokens are good; nothing when it is not known.
  std::optional<std::int64_t> find(const std::string& client_id, Time now);
  // Epochs only grow: an older one than is here is that of a reader who was overtaken, and changes nothing.
  void keep(const std::string& client_id, std::int64_t epoch, Time now);

 private:
  struct Entry {
    std::int64_t epoch = 0;
    Time until;
  };
  std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace orderly::app
