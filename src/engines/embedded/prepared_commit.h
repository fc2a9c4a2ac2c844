// A commit as the committer takes it: checked against the limits and encoded, by the thread that asks for it, so that
// the one committer thread only looks up, compares and copies.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engines/embedded/encoding.h"
#include "engines/embedded/key_value.h"
#include "ports/store.h"

namespace orderly::embedded {

// A change to a record. Bytes lie in the commit's arena.
struct PreparedWrite {
  enum class Kind : std::uint8_t {
    kPut,
    kRemove,
    kRequire,
    kCount,
    kSweep,  // removes the record if it still expires at `expires_at`; never fails
  };
  enum class Expected : std::uint8_t { kAbsent, kVersion, kAnything };

  Kind kind = Kind::kPut;
  Expected expected = Expected::kAnything;
  std::uint64_t expected_version = 0;
  std::string_view key{};
  std::string_view value{};  // of kPut
  std::optional<Time> expires_at{};
  // Of kPut: parallel to the index entries in `value`. Of kCount: its deltas. Ranges of the commit's lists.
  std::size_t first = 0;
  std::size_t count = 0;
};

struct PreparedDelta {
  std::string_view counter;
  std::int64_t by = 0;
};

struct PreparedEvent {
  std::string_view key;
  std::string_view value;
};

// A change to another family than the records.
struct RawWrite {
  enum class Kind : std::uint8_t {
    kPut,
    kTake,         // removes; the commit fails with kAcknowledged when there is no such entry
    kPutIfAbsent,  // the commit fails with kConflict when there is one
  };
  Kind kind = Kind::kPut;
  Family family = Family::kQueue;
  std::string_view key;
  std::string_view value;
};

// Built by one thread, then given to the committer until it has answered. Cannot be copied or moved: its parts point
// into its arena.
class PreparedCommit {
 public:
  // Throws Error(kInternal) for a commit over the limits of base/limits.h or with a bad key.
  explicit PreparedCommit(const ports::Commit& commit);
  // One without records, for the engine's own changes; fill it with the functions below.
  explicit PreparedCommit(std::size_t arena_bytes);
  PreparedCommit(const PreparedCommit&) = delete;
  PreparedCommit& operator=(const PreparedCommit&) = delete;

  // The arena must have room for what they add.
  void put(Family family, std::string_view key, std::string_view value);
  void put_if_absent(Family family, std::string_view key, std::string_view value);
  void take(Family family, std::string_view key);
  void sweep(std::string_view record_key, Time expires_at);

  std::span<const PreparedWrite> writes() const { return writes_; }
  std::span<const PreparedEvent> events() const { return events_; }
  std::span<const RawWrite> raw_writes() const { return raw_writes_; }
  std::span<const std::string_view> index_keys(const PreparedWrite& put) const {
    return std::span(index_keys_).subspan(put.first, put.count);
  }
  std::span<const PreparedDelta> deltas(const PreparedWrite& count) const {
    return std::span(deltas_).subspan(count.first, count.count);
  }
  std::size_t bytes() const { return arena_.size(); }

  // Of the caller's token and of the content; no token: 0.
  std::uint64_t token_hash() const { return token_hash_; }
  std::uint64_t content_hash() const { return content_hash_; }

 private:
  void prepare(const ports::Put& put);
  void prepare(const ports::Remove& remove);
  void prepare(const ports::Require& require);
  void prepare(const ports::Count& count);
  void prepare(const ports::EventRecord& event);
  void prepare(const ports::OutgoingMessage& message);
  void prepare(const ports::Receipt& receipt);

  // Appends to the arena, which never grows beyond what was reserved, so that views into it stay.
  template <class Append>
  std::string_view store(Append append);
  std::string_view store_bytes(std::string_view bytes);

  std::string arena_;
  std::vector<PreparedWrite> writes_;
  std::vector<std::string_view> index_keys_;
  std::vector<PreparedDelta> deltas_;
  std::vector<PreparedEvent> events_;
  std::vector<RawWrite> raw_writes_;
  std::uint64_t token_hash_ = 0;
  std::uint64_t content_hash_ = 0;
};

}  // namespace orderly::embedded
