#include "engines/aws/item.h"

#include <array>
#include <charconv>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "engines/aws/layout.h"
#include "engines/aws/message_item.h"

namespace orderly::aws {
namespace {

using ports::Index;

constexpr std::array kIndexes{Index::kByClient, Index::kByStatus, Index::kByDay, Index::kByCategory, Index::kByKind};
constexpr char kSeparator = '\x1f';  // no part of a key holds it
constexpr char kShardMark = '~';
constexpr std::size_t kMarkBytes = 6;
constexpr std::size_t kMarkCharacters = 8;  // of base64url
constexpr std::int64_t kSecondsKeptAfterwards = 24 * 60 * 60;
constexpr std::uint64_t kEventVersion = 1;

std::string_view required_text(const Item& item, std::string_view name) {
  const std::optional<std::string_view> text = text_of(item, name);
  if (!text) throw_broken("an item lacks the text " + std::string(name));
  return *text;
}

boost::json::value unsigned_attribute(std::uint64_t number) { return Item{{"N", std::to_string(number)}}; }

std::uint64_t version_of(const Item& item) {
  const boost::json::value* attribute = item.if_contains(layout::kVersion);
  if (attribute == nullptr) return 0;
  const boost::json::value* number = attribute->is_object() ? attribute->get_object().if_contains("N") : nullptr;
  if (number == nullptr || !number->is_string()) throw_broken("an item's version is no number");
  const std::string_view text = number->get_string();
  std::uint64_t version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (error != std::errc{} || end != text.data() + text.size()) throw_broken("an item's version is out of range");
  return version;
}

std::optional<Time> expires_at(const Item& item) {
  const std::optional<std::int64_t> ms = number_of(item, layout::kExpires);
  return ms ? std::optional(Time{*ms}) : std::nullopt;
}

void add_document(Item& item, std::string_view document) {
  std::optional<Item> members = to_attributes(document);
  if (!members) {
    item.emplace(layout::kText, text_attribute(document));
    return;
  }
  for (boost::json::key_value_pair& member : *members) item.emplace(member.key(), std::move(member.value()));
}

std::string mark_of(const ports::Key& key) {
  const std::uint64_t hash = layout::hash_of(key);
  std::array<std::uint8_t, kMarkBytes> bytes;
  for (std::size_t i = 0; i < kMarkBytes; ++i) bytes[i] = static_cast<std::uint8_t>(hash >> (8 * i));
  return base64url_encode(bytes);
}

void add_index_entry(Item& item, const ports::IndexEntry& entry, const ports::Key& key) {
  const unsigned shard = layout::shard_of(key, layout::kIndexShards);
  item.emplace(layout::index_partition_name(entry.index),
               text_attribute(index_partition(entry.index, entry.partition, shard)));
  item.emplace(layout::kIndexSort, text_attribute(index_sort(entry.sort, key)));  // the same for all of them
}

// What the relay goes by.
void add_feed_place(Item& item, const ports::Key& key, Time now, std::size_t place) {
  const unsigned shard = layout::shard_of(key, layout::kFeedShards);
  item.emplace(layout::kFeedPartition, text_attribute(layout::feed_minute(now, shard)));
  item.emplace(layout::kFeedSort, text_attribute(layout::feed_sort(now, place)));
}

// The entry's partition without its shard.
std::string_view without_shard(Index index, std::string_view partition) {
  return layout::is_sharded(index) ? partition.substr(0, partition.rfind(kShardMark)) : partition;
}

}  // namespace

Item to_key_item(const ports::Key& key) {
  return {{layout::kPartition, text_attribute(key.partition)}, {layout::kSort, text_attribute(key.sort)}};
}

ports::Key key_of(const Item& item) {
  return {std::string(required_text(item, layout::kPartition)), std::string(required_text(item, layout::kSort))};
}

Item to_item(const ports::Put& put) {
  Item item = to_key_item(put.key);
  add_document(item, put.document);
  item.emplace(layout::kVersion, unsigned_attribute(put.version));
  if (put.expires_at) {
    item.emplace(layout::kExpires, number_attribute(put.expires_at->ms));
    item.emplace(layout::kTimeToLive, number_attribute(time_to_live(*put.expires_at)));
  }
  for (const ports::IndexEntry& entry : put.indexes) add_index_entry(item, entry, put.key);
  return item;
}

Item to_event_item(const ports::EventRecord& event, const std::vector<ports::OutgoingMessage>& messages, Time now,
                   std::size_t place) {
  Item item = to_key_item(event.key);
  add_document(item, event.document);
  item.emplace(layout::kVersion, unsigned_attribute(kEventVersion));
  add_feed_place(item, event.key, now, place);
  if (!messages.empty()) item.emplace(layout::kMessages, messages_attribute(messages));
  return item;
}

Item to_outbox_item(std::string_view token, const std::vector<ports::OutgoingMessage>& messages, Time now) {
  const ports::Key key = layout::outbox(token);
  Item item = to_key_item(key);
  add_feed_place(item, key, now, 0);
  item.emplace(layout::kMessages, messages_attribute(messages));
  item.emplace(layout::kTimeToLive, number_attribute(time_to_live(now + layout::kDoneKept)));
  return item;
}

Item to_done_item(std::string_view message_id, Time now) {
  Item item = to_key_item(layout::done(message_id));
  item.emplace(layout::kTimeToLive, number_attribute(time_to_live(now + layout::kDoneKept)));
  return item;
}

ports::Record to_record(const Item& item) {
  ports::Record record;
  record.key = key_of(item);
  const std::optional<std::string_view> text = text_of(item, layout::kText);
  record.document = text ? std::string(*text) : to_document(item);
  record.version = version_of(item);
  record.expires_at = expires_at(item);
  return record;
}

bool is_expired(const Item& item, Time now) {
  const std::optional<Time> moment = expires_at(item);
  return moment && *moment <= now;
}

bool is_counter(const Item& item) {
  return !item.contains(layout::kVersion) && !item.contains(layout::kText) && !item.contains(layout::kMessages);
}

std::vector<ports::OutgoingMessage> messages_of(const Item& item) {
  const boost::json::value* attribute = item.if_contains(layout::kMessages);
  return attribute == nullptr ? std::vector<ports::OutgoingMessage>{} : parse_messages(*attribute);
}

std::int64_t time_to_live(Time expires_at) {
  return std::chrono::ceil<std::chrono::seconds>(Duration{expires_at.ms}).count() + kSecondsKeptAfterwards;
}

std::string index_partition(Index index, std::string_view partition, unsigned shard) {
  std::string name(partition);
  if (layout::is_sharded(index)) name.append(1, kShardMark).append(std::to_string(shard));
  return name;
}

std::string index_sort(std::string_view sort, const ports::Key& record) {
  std::string bytes(sort);
  bytes.append(1, kSeparator).append(mark_of(record));
  return bytes;
}

std::optional<std::string_view> sort_of_index_sort(std::string_view bytes) {
  if (bytes.size() <= kMarkCharacters + 1) return std::nullopt;
  const std::size_t end = bytes.size() - kMarkCharacters - 1;
  if (bytes.find(kSeparator) != end || !base64url_decode(bytes.substr(end + 1))) return std::nullopt;
  return bytes.substr(0, end);
}

std::vector<ports::IndexEntry> index_entries(const Item& item) {
  std::vector<ports::IndexEntry> entries;
  const std::optional<std::string_view> sort = text_of(item, layout::kIndexSort);
  if (!sort) return entries;
  const std::optional<std::string_view> own_sort = sort_of_index_sort(*sort);
  if (!own_sort) throw_broken("an item's index entry");
  for (const Index index : kIndexes) {
    const std::optional<std::string_view> partition = text_of(item, layout::index_partition_name(index));
    if (partition) entries.push_back({index, std::string(without_shard(index, *partition)), std::string(*own_sort)});
  }
  return entries;
}

}  // namespace orderly::aws
