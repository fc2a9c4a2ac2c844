// A KeyValue of ordered maps, for tests of what stands on it. Not thread-safe. It can be told to fail.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "engines/embedded/key_value.h"

namespace orderly::embedded {

class MemoryKeyValue : public KeyValue {
 public:
  using Entries = std::map<std::string, std::string, std::less<>>;

  std::array<Entries, kFamilyCount> families;
  std::function<void()> before_write;  // may throw what `write` throws
  std::size_t reads = 0;
  std::size_t writes = 0;

  const Entries& in(Family family) const { return families[static_cast<std::size_t>(family)]; }

  bool get(Family family, std::string_view key, std::string& value) const override {
    ++const_cast<MemoryKeyValue*>(this)->reads;
    const auto found = in(family).find(key);
    if (found == in(family).end()) return false;
    value = found->second;
    return true;
  }

  std::vector<std::optional<std::string>> get_many(Family family, std::span<const std::string> keys) const override {
    std::vector<std::optional<std::string>> values;
    for (const std::string& key : keys) {
      const auto found = in(family).find(key);
      values.push_back(found == in(family).end() ? std::nullopt : std::optional(found->second));
    }
    return values;
  }

  std::unique_ptr<Walk> walk(Family family, std::string from, std::string to, Order order) const override {
    auto walk = std::make_unique<MemoryWalk>();
    for (const auto& entry : in(family)) {
      if (entry.first >= from && (to.empty() || entry.first < to)) walk->entries.push_back(entry);
    }
    if (order == Order::kDescending) std::ranges::reverse(walk->entries);
    return walk;
  }

  std::unique_ptr<Batch> make_batch() const override { return std::make_unique<MemoryBatch>(); }

  void write(Batch& batch) override {
    if (before_write) before_write();
    ++writes;
    for (const auto& [family, key, value] : static_cast<MemoryBatch&>(batch).changes) {
      Entries& entries = families[static_cast<std::size_t>(family)];
      if (value) {
        entries[key] = *value;
      } else {
        entries.erase(key);
      }
    }
  }

  std::unique_ptr<KeyValueReader> snapshot() const override {
    auto copy = std::make_unique<MemoryKeyValue>();
    copy->families = families;
    return copy;
  }

 private:
  struct MemoryBatch : Batch {
    void put(Family family, std::string_view key, std::string_view value) override {
      changes.emplace_back(family, key, std::string(value));
      size += key.size() + value.size();
    }
    void remove(Family family, std::string_view key) override {
      changes.emplace_back(family, key, std::nullopt);
      size += key.size();
    }
    void clear() override {
      changes.clear();
      size = 0;
    }
    std::size_t bytes() const override { return size; }
    bool empty() const override { return changes.empty(); }

    std::vector<std::tuple<Family, std::string, std::optional<std::string>>> changes;
    std::size_t size = 0;
  };

  struct MemoryWalk : Walk {
    bool valid() const override { return at < entries.size(); }
    std::string_view key() const override { return entries[at].first; }
    std::string_view value() const override { return entries[at].second; }
    void next() override { ++at; }

    std::vector<std::pair<std::string, std::string>> entries;
    std::size_t at = 0;
  };
};

}  // namespace orderly::embedded
