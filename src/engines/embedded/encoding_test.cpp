#include "engines/embedded/encoding.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace orderly::embedded {
namespace {

using namespace std::string_literals;

TEST(Encoding, NumbersComeBack) {
  for (const std::uint64_t number : {0ull, 1ull, 127ull, 128ull, 300ull, 1ull << 32, ~0ull}) {
    std::string bytes;
    append_varint(bytes, number);
    append_big_endian(bytes, number);
    Reader reader(bytes);
    EXPECT_EQ(reader.varint(), number);
    EXPECT_EQ(reader.big_endian(), number);
    EXPECT_TRUE(reader.at_end());
  }
}

TEST(Encoding, MomentsSortAsTimeDoes) {
  const std::int64_t moments[] = {INT64_MIN, -1'000, -1, 0, 1, 255, 256, 1'700'000'000'000, INT64_MAX};
  std::string before;
  for (const std::int64_t ms : moments) {
    std::string bytes;
    append_moment(bytes, Time{ms});
    EXPECT_EQ(Reader(bytes).moment(), Time{ms});
    EXPECT_LT(before, bytes);
    before = bytes;
  }
}

TEST(Encoding, KeysSortAsTheirPartsDo) {
  const ports::Key in_order[] = {{"A", "B"}, {"A", "BA"}, {"A", "C"}, {"A ", "A"}, {"AA", "A"}, {"B", " "}};
  std::string before;
  for (const ports::Key& key : in_order) {
    EXPECT_EQ(parse_record_key(record_key(key)), key);
    EXPECT_LT(before, record_key(key));
    before = record_key(key);
  }
}

TEST(Encoding, AnIndexKeyLeadsToItsRecord) {
  const ports::Key record{"ORDER#1", "META"};
  std::string bytes;
  append_index_key(bytes, ports::Index::kByDay, "day", "time", record_key(record));
  const IndexKey parsed = parse_index_key(bytes);
  EXPECT_EQ(parsed.entry, (ports::IndexEntry{ports::Index::kByDay, "day", "time"}));
  EXPECT_EQ(parsed.record, record);
  EXPECT_EQ(record_key_of(bytes), record_key(record));
}

TEST(Encoding, AMessageKeyComesBackAndLiesInItsQueue) {
  std::string bytes;
  append_message_key(bytes, ports::QueueName::kInvoices, Time{1'700'000'000'000}, "msg_1");
  const MessageKey parsed = parse_message_key(bytes);
  EXPECT_EQ(parsed.queue, ports::QueueName::kInvoices);
  EXPECT_EQ(parsed.moment, Time{1'700'000'000'000});
  EXPECT_EQ(parsed.message_id, "msg_1");
  EXPECT_GE(bytes, queue_prefix(ports::QueueName::kInvoices));
  EXPECT_LT(bytes, queue_prefix_end(ports::QueueName::kInvoices));
}

TEST(Encoding, ARecordComesBackWithItsIndexEntries) {
  const std::vector<ports::IndexEntry> entries{{ports::Index::kByClient, "CLIENT#1", "T1"},
                                               {ports::Index::kByDay, std::string(300, 'd'), "T2"}};
  for (const std::optional<Time> expires_at : {std::optional<Time>(), std::optional(Time{1234})}) {
    std::string value;
    append_record_value(value, 77, expires_at, entries, R"({"n":1})");
    const RecordView view = parse_record_value(value);
    EXPECT_EQ(view.version, 77u);
    EXPECT_EQ(view.expires_at, expires_at);
    EXPECT_FALSE(view.is_counter);
    const auto parsed = parse_index_entries(view.index_entries);
    ASSERT_EQ(parsed.size(), 2u);
    EXPECT_EQ(parsed[0].partition, "CLIENT#1");
    EXPECT_EQ(parsed[1].partition, std::string(300, 'd'));
    EXPECT_EQ(parsed[1].sort, "T2");
    EXPECT_NE(parsed[0].bytes, parsed[1].bytes);
    EXPECT_EQ(to_record({"A", "B"}, value).document, R"({"n":1})");
  }
}

TEST(Encoding, CountersComeBackInOrderOfName) {
  std::string value;
  append_counter_value(value, {{"reserved", 2}, {"available", 8}, {"large", INT64_MAX}});
  const ports::Record record = to_record({"A", "B"}, value);
  EXPECT_EQ(record.document, R"({"available":8,"large":9223372036854775807,"reserved":2})");
  EXPECT_EQ(record.version, 0u);
  EXPECT_TRUE(parse_record_value(value).is_counter);
}

TEST(Encoding, MessagesDeadLettersAndBlobsComeBack) {
  std::string message;
  append_message_value(message, 3, "body");
  EXPECT_EQ(parse_message_value(message).attempts, 3);
  EXPECT_EQ(parse_message_value(message).body, "body");

  std::string letter;
  append_dead_letter_value(letter, 10, "reason", "body");
  EXPECT_EQ(parse_dead_letter_value(letter).attempts, 10);
  EXPECT_EQ(parse_dead_letter_value(letter).reason, "reason");
  EXPECT_EQ(parse_dead_letter_value(letter).body, "body");

  std::string blob;
  append_blob_value(blob, {"image/png", checksum("bytes"), true, "file"});
  const BlobValue parsed = parse_blob_value(blob);
  EXPECT_EQ(parsed.content_type, "image/png");
  EXPECT_EQ(parsed.checksum, checksum("bytes"));
  EXPECT_TRUE(parsed.in_file);
  EXPECT_EQ(parsed.content, "file");
}

TEST(Encoding, BytesThatEndTooEarlyAreNoticed) {
  std::string value;
  append_record_value(value, 1, Time{1}, {{ports::Index::kByDay, "day", "T1"}}, "");
  for (std::size_t length = 0; length < value.size(); ++length) {
    EXPECT_THROW(parse_record_value(std::string_view(value).substr(0, length)), Error) << length;
  }
  EXPECT_THROW(parse_record_value("\x02garbage"), Error) << "a format of the future";
  EXPECT_THROW(parse_record_key("no separator"), Error);
  EXPECT_THROW(Reader(std::string(11, '\xff')).varint(), Error);
}

TEST(Encoding, AChecksumNoticesEveryFlippedBit) {
  const std::string bytes = "INV-2026-000001 and some more bytes"s;
  const std::uint64_t right = checksum(bytes);
  for (std::size_t i = 0; i < bytes.size() * 8; ++i) {
    std::string wrong = bytes;
    wrong[i / 8] = static_cast<char>(wrong[i / 8] ^ (1 << (i % 8)));
    EXPECT_NE(checksum(wrong), right);
  }
  EXPECT_NE(checksum("a"s), checksum("a\0"s));
  EXPECT_EQ(checksum("orderly"), 2619225036764084911u) << "it is stored";
}

}  // namespace
}  // namespace orderly::embedded
