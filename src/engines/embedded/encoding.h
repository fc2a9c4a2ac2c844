// The bytes in the data folder. Every value begins with a format byte, so that a later version can tell.
//
// records      partition 00 sort                                → header, document (or counters)
// indexes      index, partition 00 sort 00 record key           → nothing
// transient    partition 00 sort                                → header, document; of records that are transient
// expiry       moment, record key                               → nothing; for other records that expire
// feed         sequence                                         → the event's record key
// queue        queue, due, message id                           → attempts, body
// dead letters queue, died at, message id                       → attempts, reason, body
// blobs        name                                             → content type, checksum, bytes or a file's name
// meta         "format", "queue-counts", "blob-file/<file>"
//
// Key parts hold no byte below 0x20 (ports/store.h), so 00 separates them and byte order is the order of the parts.
// Numbers inside keys are 8 bytes, big-endian, so that they sort; elsewhere they are LEB128 varints. An event is a
// record like others (so that it is read by key and by partition); the feed holds only its key.
//
// Functions that read throw Error(kBrokenInvariant) for bytes that they do not understand.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "engines/embedded/key_value.h"
#include "ports/queue.h"
#include "ports/store.h"

namespace orderly::embedded {

inline constexpr char kSeparator = '\0';

// --- Numbers
// ----------------------------------------------------------------------------------------------------------

void append_varint(std::string& out, std::uint64_t value);
void append_sized(std::string& out, std::string_view bytes);  // length, bytes
void append_big_endian(std::string& out, std::uint64_t value);
// Sorts as time does, moments before 1970 included.
void append_moment(std::string& out, Time time);

// Reads from the front of some bytes.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  std::uint8_t byte();
  std::uint64_t varint();
  std::uint64_t big_endian();
  Time moment();
  std::string_view sized();
  std::string_view take(std::size_t count);
  std::string_view rest() const { return rest_; }
  bool at_end() const { return rest_.empty(); }
  // Consumes the format byte.
  void expect_format();

 private:
  std::string_view rest_;
};

// --- Keys
// -------------------------------------------------------------------------------------------------------------

void append_record_key(std::string& out, const ports::Key& key);
std::string record_key(const ports::Key& key);
ports::Key parse_record_key(std::string_view bytes);
// Where the record is; of an encoded key or a partition.
Family family_of(std::string_view record_key);

void append_index_key(std::string& out, ports::Index index, std::string_view partition, std::string_view sort,
                      std::string_view record_key);
struct IndexKey {
  ports::IndexEntry entry;
  ports::Key record;
};
IndexKey parse_index_key(std::string_view bytes);
// The record's encoded key inside an index key.
std::string_view record_key_of(std::string_view index_key);

void append_expiry_key(std::string& out, Time expires_at, std::string_view record_key);
std::string feed_key(std::uint64_t sequence);

// Of the queue family (`moment` is when it is due) and of the dead letters (when it died).
void append_message_key(std::string& out, ports::QueueName queue, Time moment, std::string_view message_id);
struct MessageKey {
  ports::QueueName queue = ports::QueueName::kPayments;
  Time moment;
  std::string_view message_id;
};
MessageKey parse_message_key(std::string_view bytes);
// The bytes that all keys of a queue begin with, and the first that none of them reaches.
std::string queue_prefix(ports::QueueName queue);
std::string queue_prefix_end(ports::QueueName queue);

// --- Record values
// ----------------------------------------------------------------------------------------------------

// A record's index entries, one after another, as they are kept in its value so that they can be taken back.
struct IndexEntryView {
  ports::Index index = ports::Index::kByDay;
  std::string_view partition;
  std::string_view sort;
  std::string_view bytes;  // of the whole entry; equal bytes are equal entries
};
std::vector<IndexEntryView> parse_index_entries(std::string_view entries);

struct RecordView {
  bool is_counter = false;
  std::uint64_t version = 0;
  std::optional<Time> expires_at;
  std::string_view index_entries;
  std::string_view body;  // the document, or the counters

  bool expired(Time now) const { return expires_at && *expires_at <= now; }
};
void append_record_value(std::string& out, std::uint64_t version, std::optional<Time> expires_at,
                         const std::vector<ports::IndexEntry>& indexes, std::string_view document);
RecordView parse_record_value(std::string_view value);
// Takes the value's bytes over.
ports::Record to_record(ports::Key key, std::string value);

// In order of name.
using Counters = std::map<std::string, std::int64_t, std::less<>>;
void append_counter_value(std::string& out, const Counters& counters);
Counters parse_counters(std::string_view body);
// {"available":8,"reserved":2}
std::string counters_to_json(const Counters& counters);

// --- Messages
// ---------------------------------------------------------------------------------------------------------

// `attempts` are the deliveries that failed so far.
void append_message_value(std::string& out, int attempts, std::string_view body);
struct MessageValue {
  int attempts = 0;
  std::string_view body;
};
MessageValue parse_message_value(std::string_view value);

void append_dead_letter_value(std::string& out, int attempts, std::string_view reason, std::string_view body);
struct DeadLetterValue {
  int attempts = 0;
  std::string_view reason;
  std::string_view body;
};
DeadLetterValue parse_dead_letter_value(std::string_view value);

// --- Blobs
// ------------------------------------------------------------------------------------------------------------

struct BlobValue {
  std::string_view content_type;
  std::uint64_t checksum = 0;  // of the bytes, as checksum() below
  bool in_file = false;
  std::string_view content;  // the bytes, or the file's name
};
void append_blob_value(std::string& out, const BlobValue& blob);
BlobValue parse_blob_value(std::string_view value);

// Against bits that fell over, not against people. The same on every machine; stored.
std::uint64_t checksum(std::string_view bytes);

}  // namespace orderly::embedded
