#include "tests/power_loss/expected_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

namespace orderly::power_loss {
namespace {

constexpr std::size_t kDifferencesMax = 10;

std::string text_of(const ports::Key& key) { return key.partition + " / " + key.sort; }

std::string text_of(const ports::IndexEntry& entry) {
  return fmt::format("index {}: {} / {}", static_cast<int>(entry.index), entry.partition, entry.sort);
}

using IndexRow = std::tuple<ports::Index, std::string, std::string, ports::Key>;

IndexRow row_of(const ports::IndexEntry& entry, const ports::Key& record) {
  return {entry.index, entry.partition, entry.sort, record};
}

bool same_entries(std::vector<ports::IndexEntry> a, std::vector<ports::IndexEntry> b) {
  return std::is_permutation(a.begin(), a.end(), b.begin(), b.end());
}

std::string document_of(const std::map<std::string, std::int64_t>& counters) {
  std::string document;
  for (const auto& [name, value] : counters) {
    document += fmt::format("{}\"{}\":{}", document.empty() ? "{" : ",", name, value);
  }
  return document + "}";
}

// Takes those of `expected` away that `found` says were there; what remains is missing.
template <class Map>
void report_missing(const Map& expected, const std::set<typename Map::key_type>& found, const std::string& what,
                    std::vector<std::string>& differences) {
  for (const auto& [key, value] : expected) {
    if (found.contains(key)) continue;
    if constexpr (std::is_same_v<typename Map::key_type, ports::Key>) {
      differences.push_back(what + " is missing: " + text_of(key));
    } else {
      differences.push_back(what + " is missing: " + key);
    }
  }
}

}  // namespace

void ExpectedStore::apply(const ports::Commit& commit) {
  for (const ports::Write& write : commit.writes) {
    if (const auto* put = std::get_if<ports::Put>(&write)) {
      records_[put->key] = {put->document, put->version, put->indexes};
    } else if (const auto* remove = std::get_if<ports::Remove>(&write)) {
      records_.erase(remove->key);
    } else if (const auto* count = std::get_if<ports::Count>(&write)) {
      for (const ports::Count::Delta& delta : count->deltas) counters_[count->key][delta.counter] += delta.by;
    }
  }
  for (const ports::EventRecord& event : commit.events) records_[event.key] = {event.document, 1, {}};
  for (const ports::OutgoingMessage& message : commit.messages) messages_[message.id] = message;
  for (const ports::Receipt& receipt : commit.acknowledged) messages_.erase(receipt.message_id);
}

std::vector<std::string> ExpectedStore::differences(ports::Inspection& actual) const {
  std::vector<std::string> differences;
  compare_records(actual, differences);
  compare_indexes(actual, differences);
  compare_messages(actual, differences);
  if (differences.size() > kDifferencesMax) differences.resize(kDifferencesMax);
  return differences;
}

void ExpectedStore::compare_records(ports::Inspection& actual, std::vector<std::string>& differences) const {
  std::set<ports::Key> found;
  actual.records([&](const ports::Inspection::StoredRecord& stored) {
    const ports::Key& key = stored.record.key;
    found.insert(key);
    if (stored.is_counter) {
      const auto counters = counters_.find(key);
      const std::string expected = counters == counters_.end() ? "nothing" : document_of(counters->second);
      if (stored.record.document != expected) {
        differences.push_back(
            fmt::format("counters {} are {} and not {}", text_of(key), stored.record.document, expected));
      }
      return differences.size() < kDifferencesMax;
    }
    const auto entry = records_.find(key);
    if (entry == records_.end()) {
      differences.push_back("unexpected record: " + text_of(key));
    } else if (stored.record.version != entry->second.version) {
      differences.push_back(fmt::format("record {} has version {} and not {}", text_of(key), stored.record.version,
                                        entry->second.version));
    } else if (stored.record.document != entry->second.document) {
      differences.push_back("another document in record " + text_of(key));
    } else if (!same_entries(stored.indexes, entry->second.indexes)) {
      differences.push_back("other index entries kept with record " + text_of(key));
    }
    return differences.size() < kDifferencesMax;
  });
  if (differences.size() >= kDifferencesMax) return;
  report_missing(records_, found, "record", differences);
  report_missing(counters_, found, "counter record", differences);
}

void ExpectedStore::compare_indexes(ports::Inspection& actual, std::vector<std::string>& differences) const {
  std::set<IndexRow> expected;
  for (const auto& [key, entry] : records_) {
    for (const ports::IndexEntry& index : entry.indexes) expected.insert(row_of(index, key));
  }
  actual.index_entries([&](const ports::Inspection::StoredIndexEntry& stored) {
    if (expected.erase(row_of(stored.entry, stored.record)) == 0) {
      differences.push_back("unexpected entry in " + text_of(stored.entry) + " of " + text_of(stored.record));
    }
    return differences.size() < kDifferencesMax;
  });
  if (differences.size() >= kDifferencesMax) return;
  for (const auto& [index, partition, sort, key] : expected) {
    differences.push_back("missing entry in " + text_of(ports::IndexEntry{index, partition, sort}) + " of " +
                          text_of(key));
  }
}

void ExpectedStore::compare_messages(ports::Inspection& actual, std::vector<std::string>& differences) const {
  std::set<std::string> found;
  actual.messages([&](const ports::Inspection::StoredMessage& stored) {
    const auto expected = messages_.find(stored.message.id);
    if (expected == messages_.end()) {
      differences.push_back("unexpected message: " + stored.message.id);
    } else if (expected->second.body != stored.message.body || expected->second.queue != stored.message.queue) {
      differences.push_back("another body or queue of message " + stored.message.id);
    } else if (!found.insert(stored.message.id).second) {
      differences.push_back("message there twice: " + stored.message.id);
    }
    return differences.size() < kDifferencesMax;
  });
  if (differences.size() < kDifferencesMax) report_missing(messages_, found, "message", differences);
}

}  // namespace orderly::power_loss
