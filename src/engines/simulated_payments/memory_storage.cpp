#include <map>
#include <mutex>
#include <vector>

#include "engines/simulated_payments/ledger_storage.h"

namespace orderly::simulated {
namespace {

class MemoryStorage final : public LedgerStorage {
 public:
  std::optional<std::string> get(std::string_view key) const override {
    const std::scoped_lock lock(mutex_);
    const auto found = values_.find(key);
    return found == values_.end() ? std::nullopt : std::optional(found->second);
  }

  void put(std::span<const LedgerWrite> writes) override {
    const std::scoped_lock lock(mutex_);
    for (const LedgerWrite& write : writes) values_.insert_or_assign(write.key, write.value);
  }

  void for_each(std::string_view prefix,
                const std::function<void(std::string_view, std::string_view)>& visit) const override {
    std::vector<LedgerWrite> found;
    {
      const std::scoped_lock lock(mutex_);
      for (auto at = values_.lower_bound(prefix); at != values_.end() && at->first.starts_with(prefix); ++at) {
        found.push_back({at->first, at->second});
      }
    }
    for (const LedgerWrite& each : found) visit(each.key, each.value);
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace

std::unique_ptr<LedgerStorage> make_memory_storage() { return std::make_unique<MemoryStorage>(); }

}  // namespace orderly::simulated
