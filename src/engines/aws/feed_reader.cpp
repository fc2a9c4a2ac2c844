#include "engines/aws/feed_reader.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "engines/aws/feed_pages.h"
#include "engines/aws/item.h"
#include "engines/aws/layout.h"
#include "engines/aws/message_item.h"

namespace orderly::aws {
namespace {

constexpr std::size_t kPagesAtOnceMax = 100;

boost::json::object pages_from(std::uint64_t page, std::size_t limit) {
  const ports::Key first = layout::feed_page(page);
  return {
      {"KeyConditionExpression", "pk = :p AND sk >= :s"},
      {"ExpressionAttributeValues", Item{{":p", text_attribute(first.partition)}, {":s", text_attribute(first.sort)}}},
      {"ConsistentRead", true},
      {"Limit", limit}};
}

Task<std::vector<FeedPlace>> read_places(const DynamoTable& table, std::uint64_t after, std::size_t limit) {
  std::vector<FeedPlace> places;
  // A page may have many events or a few.
  boost::json::object input = pages_from(after / layout::kFeedPageEvents, std::min(limit, kPagesAtOnceMax));
  while (places.size() < limit) {
    DynamoTable::Rows rows = co_await table.rows("Query", input);
    for (const Item& page : rows.items) {
      for (FeedPlace& place : feed_places(page)) {
        if (place.sequence > after && places.size() < limit) places.push_back(std::move(place));
      }
    }
    if (rows.last_key.empty()) break;
    input["ExclusiveStartKey"] = std::move(rows.last_key);
  }
  co_return places;
}

}  // namespace

std::vector<FeedPlace> feed_places(const Item& page) {
  FeedPage parsed = parse_feed_page(page);
  std::vector<FeedPlace> places;
  std::uint64_t sequence = parsed.number * layout::kFeedPageEvents;
  for (ports::Key& key : parsed.events) places.push_back({++sequence, std::move(key)});
  return places;
}

Task<std::vector<ports::FeedEvent>> read_feed(const DynamoTable& table, std::uint64_t after, std::size_t limit) {
  std::vector<ports::FeedEvent> events;
  if (limit == 0) co_return events;
  const std::vector<FeedPlace> places = co_await read_places(table, after, limit);
  std::vector<ports::Key> keys;
  for (const FeedPlace& place : places) keys.push_back(place.key);
  const std::vector<std::optional<Item>> items = co_await table.get_many(std::move(keys));
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (!items[i]) throw_broken("the feed names an event that is not there");
    events.push_back({places[i].sequence, places[i].key, to_record(*items[i]).document});
  }
  co_return events;
}

}  // namespace orderly::aws
