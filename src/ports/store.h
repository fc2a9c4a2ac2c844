// The store: JSON documents under (partition, sort) keys, in one table, as DynamoDB wants it, and one way to change
// them: the commit, which is durable as a whole or not at all. Every engine keeps this contract; tests/contract is the
// contract as a test suite.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/time.h"
#include "ports/queue.h"
#include "ports/task.h"

namespace orderly::ports {

// No part may be empty or hold a byte below 0x20; lengths as in base/limits.h. Sort keys compare bytewise.
struct Key {
  std::string partition;
  std::string sort;

  friend auto operator<=>(const Key&, const Key&) = default;
};

// A record whose partition begins with this is transient: it expires, has no index entries, and is read by its key
// alone, never by a query. There are many, under keys in no order, so that an engine may keep them apart from the rest
// and remove them in its own time. A commit that breaks this throws Error(kInternal), and so does a query.
inline constexpr char kTransientMark = '!';
constexpr bool is_transient(std::string_view partition) { return partition.starts_with(kTransientMark); }

// The indexes there are. Their numbers are stored: append only. An index entry lists a record under another
// (partition, sort); at most one entry an index for each record. Indexes may lag behind on some engines.
enum class Index : std::uint8_t {
  kByClient = 1,    // CLIENT#<client> → its orders by time
  kByStatus = 2,    // <kind>#<status>#<day> → by time
  kByDay = 3,       // <kind>#<day> → by time
  kByCategory = 4,  // CATEGORY#<name> → products by id
  kByKind = 5,      // CATALOG → all products by id; CLIENTS → all clients by id
};

struct IndexEntry {
  Index index = Index::kByDay;
  std::string partition;
  std::string sort;  // one for all entries of a record; made unique by the engine where two records share it

  friend bool operator==(const IndexEntry&, const IndexEntry&) = default;
};

struct Record {
  Key key;
  std::string document;       // JSON object; of a counter record: {"<name>":<value>, …} in order of name
  std::uint64_t version = 0;  // as the commit that wrote it said; 0 for counter records
  std::optional<Time> expires_at;
};

// --- A commit
// ---------------------------------------------------------------------------------------------------------

// What must hold of the record before the write. An expired record counts as absent.
struct Absent {};
struct AtVersion {
  std::uint64_t version = 0;
};
struct Always {};
using Condition = std::variant<Absent, AtVersion, Always>;

// Writes a whole record with its index entries (which replace the ones it had).
struct Put {
  Key key;
  std::string document;
  std::uint64_t version = 1;  // the version from now on; above that of the condition
  std::vector<IndexEntry> indexes;
  std::optional<Time> expires_at;
  Condition condition = Absent{};
};

// Removes a record and its index entries; with Always, one that is not there is no failure.
struct Remove {
  Key key;
  Condition condition = Always{};
};

// Writes nothing; the commit fails unless the condition holds.
struct Require {
  Key key;
  Condition condition = Absent{};
};

// Adds to named counters of a counter record (made when absent, each counter then 0). A counter that would fall below
// 0 fails the commit (kBelowFloor). No version: two buyers of one product do not conflict.
struct Count {
  struct Delta {
    std::string counter;
    std::int64_t by = 0;
  };
  Key key;
  std::vector<Delta> deltas;
};

using Write = std::variant<Put, Remove, Require, Count>;

// What happened: a record that is never changed, and that takes the next place in the feed.
struct EventRecord {
  Key key;
  std::string document;
};

// No two writes, events included, may name the same key. Limits as in base/limits.h: actions (writes, events and
// acknowledgements), bytes in all, bytes a record; a commit over them throws Error(kInternal), on every engine.
struct Commit {
  // The same token with the same content, sent again after an unknown outcome, is applied at most once.
  std::string token;
  std::vector<Write> writes;
  std::vector<EventRecord> events;
  std::vector<OutgoingMessage> messages;
  std::vector<Receipt> acknowledged;
};

struct CommitResult {
  enum class Kind {
    kCommitted,
    kConflict,      // the condition of writes[which] failed: load again and decide again
    kBelowFloor,    // a counter of writes[which] would fall below 0: final
    kAcknowledged,  // acknowledged[which] had been acknowledged before: the work is done already, by another
  };
  Kind kind = Kind::kCommitted;
  std::size_t which = 0;

  bool committed() const { return kind == Kind::kCommitted; }
};

// --- Reading
// ----------------------------------------------------------------------------------------------------------

enum class Direction { kForward, kBackward };

struct Query {
  std::optional<Index> index;  // none: the records of a partition themselves
  std::string partition;
  std::string from;  // first sort key, inclusive; empty: from the start
  std::string to;    // last sort key, exclusive; empty: to the end
  Direction direction = Direction::kForward;
  std::size_t limit = 20;
  std::string cursor;  // of an earlier page of the same query; empty: the first
};

// May hold fewer records than asked for, even none, although a cursor says that there is more: a query examines at
// most limits::kQueryRowsExaminedMax rows.
struct Page {
  std::vector<Record> records;
  std::string cursor;  // empty: nothing more. Opaque bytes; valid for this query only
};

struct FeedEvent {
  std::uint64_t sequence = 0;
  Key key;
  std::string document;
};

// All functions may be called from any executor; none throws but where it says so, except Error(kUnavailable) when the
// store cannot be reached or is full (reads may go on while commits are refused).
class Store {
 public:
  virtual ~Store() = default;

  // The latest durable record, never an expired one.
  virtual Task<std::optional<Record>> get(Key key) = 0;
  // In the order of `keys`; the records need not come from one moment.
  virtual Task<std::vector<std::optional<Record>>> get_many(std::vector<Key> keys) = 0;
  // Throws Error(kInvalidRequest) for a cursor that does not belong to the query.
  virtual Task<Page> query(Query query) = 0;

  // All of it or nothing. Returns once it is durable. Throws Error(kUnavailable, "outcome-unknown") when it may or may
  // not have been done: send the same commit, token included, again. Any other Error: nothing was done.
  virtual Task<CommitResult> commit(Commit commit) = 0;

  // Events after `sequence`, in commit order, without gaps that could fill later; at most `limit`.
  virtual Task<std::vector<FeedEvent>> feed(std::uint64_t after, std::size_t limit) = 0;
};

}  // namespace orderly::ports
