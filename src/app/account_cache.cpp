#include "app/account_cache.h"

namespace orderly::app {

namespace {

constexpr std::size_t kAccountsMax = 10'000;

}  // namespace

std::optional<std::int64_t> AccountCache::find(const std::string& client_id, Time now) {
  const std::lock_guard lock(mutex_);
  const auto entry = entries_.find(client_id);
  if (entry == entries_.end() || entry->second.until <= now) return std::nullopt;
  return entry->second.epoch;
}

void AccountCache::keep(const std::string& client_id, std::int64_t epoch, Time now) {
  const std::lock_guard lock(mutex_);
  if (entries_.size() >= kAccountsMax) entries_.clear();
  const auto known = entries_.find(client_id);
  if (known != entries_.end() && known->second.epoch > epoch) return;
  entries_.insert_or_assign(client_id, Entry{epoch, now + kKept});
}

}  // namespace orderly::app
