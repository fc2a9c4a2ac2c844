#include "engines/embedded/encoding.h"

#include <bit>
#include <cstring>

#include "base/error.h"

namespace orderly::embedded {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::uint8_t kCounterFlag = 1;
constexpr std::uint8_t kExpiresFlag = 2;
constexpr std::uint64_t kSignBit = std::uint64_t{1} << 63;

void append_byte(std::string& out, std::uint8_t byte) { out.push_back(static_cast<char>(byte)); }

// Up to the next separator, which is consumed.
std::string_view take_part(std::string_view& bytes) {
  const std::size_t end = bytes.find(kSeparator);
  if (end == std::string_view::npos) throw_broken("a stored key lacks a separator");
  const std::string_view part = bytes.substr(0, end);
  bytes.remove_prefix(end + 1);
  return part;
}

int parse_attempts(Reader& reader) {
  const std::uint64_t attempts = reader.varint();
  if (attempts > 1'000'000) throw_broken("a stored message counts too many attempts");
  return static_cast<int>(attempts);
}

}  // namespace

void append_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    append_byte(out, static_cast<std::uint8_t>(value | 0x80));
    value >>= 7;
  }
  append_byte(out, static_cast<std::uint8_t>(value));
}

void append_sized(std::string& out, std::string_view bytes) {
  append_varint(out, bytes.size());
  out.append(bytes);
}

void append_big_endian(std::string& out, std::uint64_t value) {
  char bytes[8];
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(value >> (56 - 8 * i));
  out.append(bytes, sizeof bytes);
}

void append_moment(std::string& out, Time time) {
  append_big_endian(out, static_cast<std::uint64_t>(time.ms) ^ kSignBit);
}

std::string_view Reader::take(std::size_t count) {
  if (count > rest_.size()) throw_broken("stored bytes end too early");
  const std::string_view bytes = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return bytes;
}

std::uint8_t Reader::byte() { return static_cast<std::uint8_t>(take(1).front()); }

std::uint64_t Reader::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const std::uint8_t next = byte();
    value |= std::uint64_t{next & 0x7fu} << shift;
    if (next < 0x80) return value;
  }
  throw_broken("a stored number is too long");
}

std::uint64_t Reader::big_endian() {
  std::uint64_t value = 0;
  for (const char c : take(8)) value = value << 8 | static_cast<std::uint8_t>(c);
  return value;
}

Time Reader::moment() { return {static_cast<std::int64_t>(big_endian() ^ kSignBit)}; }

std::string_view Reader::sized() { return take(varint()); }

void Reader::expect_format() {
  if (byte() != kFormat) throw_broken("stored bytes have a format that this version does not know");
}

void append_record_key(std::string& out, const ports::Key& key) {
  out.append(key.partition);
  out.push_back(kSeparator);
  out.append(key.sort);
}

std::string record_key(const ports::Key& key) {
  std::string out;
  out.reserve(key.partition.size() + 1 + key.sort.size());
  append_record_key(out, key);
  return out;
}

ports::Key parse_record_key(std::string_view bytes) {
  const std::string_view partition = take_part(bytes);
  return {std::string(partition), std::string(bytes)};
}

Family family_of(std::string_view record_key) {
  return ports::is_transient(record_key) ? Family::kTransient : Family::kRecords;
}

void append_index_key(std::string& out, ports::Index index, std::string_view partition, std::string_view sort,
                      std::string_view record_key) {
  append_byte(out, static_cast<std::uint8_t>(index));
  out.append(partition);
  out.push_back(kSeparator);
  out.append(sort);
  out.push_back(kSeparator);
  out.append(record_key);
}

IndexKey parse_index_key(std::string_view bytes) {
  Reader reader(bytes);
  const auto index = static_cast<ports::Index>(reader.byte());
  std::string_view rest = reader.rest();
  const std::string_view partition = take_part(rest);
  const std::string_view sort = take_part(rest);
  return {{index, std::string(partition), std::string(sort)}, parse_record_key(rest)};
}

std::string_view record_key_of(std::string_view index_key) {
  take_part(index_key);
  take_part(index_key);
  return index_key;
}

void append_expiry_key(std::string& out, Time expires_at, std::string_view record_key) {
  append_moment(out, expires_at);
  out.append(record_key);
}

std::string feed_key(std::uint64_t sequence) {
  std::string out;
  append_big_endian(out, sequence);
  return out;
}

void append_message_key(std::string& out, ports::QueueName queue, Time moment, std::string_view message_id) {
  append_byte(out, static_cast<std::uint8_t>(queue));
  append_moment(out, moment);
  out.append(message_id);
}

MessageKey parse_message_key(std::string_view bytes) {
  Reader reader(bytes);
  const auto queue = static_cast<ports::QueueName>(reader.byte());
  const Time moment = reader.moment();
  return {queue, moment, reader.rest()};
}

std::string queue_prefix(ports::QueueName queue) { return std::string(1, static_cast<char>(queue)); }

std::string queue_prefix_end(ports::QueueName queue) {
  return std::string(1, static_cast<char>(static_cast<std::uint8_t>(queue) + 1));
}

std::vector<IndexEntryView> parse_index_entries(std::string_view entries) {
  std::vector<IndexEntryView> views;
  Reader reader(entries);
  while (!reader.at_end()) {
    const std::string_view start = reader.rest();
    IndexEntryView view;
    view.index = static_cast<ports::Index>(reader.byte());
    view.partition = reader.sized();
    view.sort = reader.sized();
    view.bytes = start.substr(0, start.size() - reader.rest().size());
    views.push_back(view);
  }
  return views;
}

void append_record_value(std::string& out, std::uint64_t version, std::optional<Time> expires_at,
                         const std::vector<ports::IndexEntry>& indexes, std::string_view document) {
  append_byte(out, kFormat);
  append_byte(out, expires_at ? kExpiresFlag : 0);
  append_varint(out, version);
  if (expires_at) append_moment(out, *expires_at);
  std::string entries;
  for (const ports::IndexEntry& entry : indexes) {
    append_byte(entries, static_cast<std::uint8_t>(entry.index));
    append_sized(entries, entry.partition);
    append_sized(entries, entry.sort);
  }
  append_sized(out, entries);
  out.append(document);
}

RecordView parse_record_value(std::string_view value) {
  Reader reader(value);
  reader.expect_format();
  const std::uint8_t flags = reader.byte();
  RecordView view;
  view.is_counter = (flags & kCounterFlag) != 0;
  if (view.is_counter) {
    view.body = reader.rest();
    return view;
  }
  view.version = reader.varint();
  if ((flags & kExpiresFlag) != 0) view.expires_at = reader.moment();
  view.index_entries = reader.sized();
  view.body = reader.rest();
  return view;
}

ports::Record to_record(ports::Key key, std::string value) {
  const RecordView view = parse_record_value(value);
  ports::Record record{std::move(key), {}, view.version, view.expires_at};
  if (view.is_counter) {
    record.document = counters_to_json(parse_counters(view.body));
  } else {
    value.erase(0, value.size() - view.body.size());
    record.document = std::move(value);
  }
  return record;
}

void append_counter_value(std::string& out, const Counters& counters) {
  append_byte(out, kFormat);
  append_byte(out, kCounterFlag);
  for (const auto& [name, value] : counters) {
    append_sized(out, name);
    append_varint(out, static_cast<std::uint64_t>(value));  // never below its floor, 0
  }
}

Counters parse_counters(std::string_view body) {
  Counters counters;
  Reader reader(body);
  while (!reader.at_end()) {
    const std::string_view name = reader.sized();
    const std::uint64_t value = reader.varint();
    if (value >= kSignBit) throw_broken("a stored counter is below its floor");
    counters.emplace_hint(counters.end(), name, static_cast<std::int64_t>(value));
  }
  return counters;
}

std::string counters_to_json(const Counters& counters) {
  std::string json = "{";
  for (const auto& [name, value] : counters) {
    if (json.size() > 1) json += ',';
    json.append("\"").append(name).append("\":").append(std::to_string(value));
  }
  json += '}';
  return json;
}

void append_message_value(std::string& out, int attempts, std::string_view body) {
  append_byte(out, kFormat);
  append_varint(out, static_cast<std::uint64_t>(attempts));
  out.append(body);
}

MessageValue parse_message_value(std::string_view value) {
  Reader reader(value);
  reader.expect_format();
  const int attempts = parse_attempts(reader);
  return {attempts, reader.rest()};
}

void append_dead_letter_value(std::string& out, int attempts, std::string_view reason, std::string_view body) {
  append_byte(out, kFormat);
  append_varint(out, static_cast<std::uint64_t>(attempts));
  append_sized(out, reason);
  out.append(body);
}

DeadLetterValue parse_dead_letter_value(std::string_view value) {
  Reader reader(value);
  reader.expect_format();
  const int attempts = parse_attempts(reader);
  const std::string_view reason = reader.sized();
  return {attempts, reason, reader.rest()};
}

void append_blob_value(std::string& out, const BlobValue& blob) {
  append_byte(out, kFormat);
  append_byte(out, blob.in_file ? 1 : 0);
  append_sized(out, blob.content_type);
  append_big_endian(out, blob.checksum);
  out.append(blob.content);
}

BlobValue parse_blob_value(std::string_view value) {
  Reader reader(value);
  reader.expect_format();
  BlobValue blob;
  blob.in_file = reader.byte() != 0;
  blob.content_type = reader.sized();
  blob.checksum = reader.big_endian();
  blob.content = reader.rest();
  return blob;
}

std::uint64_t checksum(std::string_view bytes) {
  constexpr std::uint64_t kOddMultiplier = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio
  const auto mix = [](std::uint64_t state, std::uint64_t word) {
    state = (state ^ word) * kOddMultiplier;
    return state ^ std::rotr(state, 29);
  };
  std::uint64_t state = mix(kOddMultiplier, bytes.size());
  while (!bytes.empty()) {
    const std::size_t count = std::min<std::size_t>(8, bytes.size());
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), count);  // little-endian, as every machine that this runs on
    state = mix(state, word);
    bytes.remove_prefix(count);
  }
  return mix(state, 0);
}
static_assert(std::endian::native == std::endian::little);

}  // namespace orderly::embedded
