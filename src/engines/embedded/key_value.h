// What the committer and the readers stand on: ordered bytes in a few families, one atomic synced batch at a time.
// Production puts RocksDB under it, tests an ordered map; a simulator may put its own disk under it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace orderly::embedded {

// Their names are stored; see name_of in rocksdb_key_value.cpp. What is in them: encoding.h.
enum class Family : std::uint8_t {
  kMeta,
  kRecords,
  kIndexes,
  kExpiry,
  kFeed,
  kQueue,
  kDeadLetters,
  kBlobs,
  kTransient,
};
inline constexpr std::size_t kFamilyCount = 9;

enum class Order { kAscending, kDescending };

// Changes in the order in which they take effect. Copies what it is given.
class Batch {
 public:
  virtual ~Batch() = default;
  virtual void put(Family family, std::string_view key, std::string_view value) = 0;
  virtual void remove(Family family, std::string_view key) = 0;
  virtual void clear() = 0;
  virtual std::size_t bytes() const = 0;
  virtual bool empty() const = 0;
};

// Stands on an entry, or behind the last one. What key() and value() return lives until next().
class Walk {
 public:
  virtual ~Walk() = default;
  virtual bool valid() const = 0;
  virtual std::string_view key() const = 0;
  virtual std::string_view value() const = 0;
  virtual void next() = 0;
};

// Thread-safe. Throws Error(kBrokenInvariant) for stored bytes that fail their checksum, Error(kUnavailable,
// "store-unreadable") when the disk does not answer.
class KeyValueReader {
 public:
  virtual ~KeyValueReader() = default;

  // False when there is none; `value` is then unspecified.
  virtual bool get(Family family, std::string_view key, std::string& value) const = 0;
  // In the order of `keys`; they need not come from one moment, but on a snapshot.
  virtual std::vector<std::optional<std::string>> get_many(Family family, std::span<const std::string> keys) const = 0;
  // Entries of one moment with from ≤ key < to; an empty `to` is no bound.
  virtual std::unique_ptr<Walk> walk(Family family, std::string from, std::string to, Order order) const = 0;
};

// The disk broke a promise: it is not known what of the last batch is durable, and nothing later can be. What it says
// is for the log. The process must end.
class StoreFailure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Reads see a batch only once it is durable. `write` is called by one thread at a time.
class KeyValue : public KeyValueReader {
 public:
  virtual std::unique_ptr<Batch> make_batch() const = 0;

  // All of it, durable when it returns. Throws Error(kUnavailable, "store-full") when the disk is full: nothing was
  // written then, nor will it be after a crash, and a later one may succeed. Throws StoreFailure.
  virtual void write(Batch& batch) = 0;

  // Must not outlive this.
  virtual std::unique_ptr<KeyValueReader> snapshot() const = 0;
};

}  // namespace orderly::embedded
