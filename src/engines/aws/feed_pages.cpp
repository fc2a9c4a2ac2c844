#include "engines/aws/feed_pages.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/error.h"
#include "engines/aws/item.h"
#include "engines/aws/layout.h"
#include "engines/aws/lease.h"
#include "engines/aws/message_item.h"

namespace orderly::aws {
namespace {

namespace json = boost::json;
using ports::Key;

constexpr std::size_t kPagesAtOnce = 50;
constexpr std::chrono::minutes kClocksDiffer{1};  // at most, those of processes that append

// "" is below all others.
bool is_further(std::string_view a, std::string_view b) {
  a.remove_prefix(std::min(a.find_first_not_of('0'), a.size()));
  b.remove_prefix(std::min(b.find_first_not_of('0'), b.size()));
  return a.size() != b.size() ? a.size() > b.size() : a > b;
}

std::uint64_t page_number(std::string_view digits) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) throw_broken("a feed page has no number");
  return number;
}

std::string text_element(const json::value& element) {
  const json::value* text = element.is_object() ? element.get_object().if_contains("S") : nullptr;
  if (text == nullptr || !text->is_string()) throw_broken("a feed page holds what is no text");
  return std::string(text->get_string());
}

Key key_element(const json::value& element) {
  const json::value* pair = element.is_object() ? element.get_object().if_contains("L") : nullptr;
  if (pair == nullptr || !pair->is_array() || pair->get_array().size() != 2) throw_broken("a feed page: no key");
  return {text_element(pair->get_array()[0]), text_element(pair->get_array()[1])};
}

json::value list_attribute(json::array elements) { return json::object{{"L", std::move(elements)}}; }

ItemQuery pages_query() {
  ItemQuery query;
  query.partition = layout::kFeed;
  query.is_consistent = true;
  return query;
}

}  // namespace

void advance(Checkpoints& checkpoints, const Checkpoints& later) {
  for (const auto& [shard, sequence] : later) {
    std::string& known = checkpoints[shard];
    if (is_further(sequence, known)) known = sequence;
  }
}

Key outbox_key(std::string partition) { return {std::move(partition), {}}; }

// --- Pages as items
// ---------------------------------------------------------------------------------------------------------

Item to_item(const FeedPage& page) {
  json::array events;
  for (const Key& key : page.events) {
    events.push_back(list_attribute({text_attribute(key.partition), text_attribute(key.sort)}));
  }
  json::array outbox;
  for (const std::string& partition : page.outbox) outbox.push_back(text_attribute(partition));
  json::object shards;
  for (const auto& [shard, sequence] : page.shards) shards[shard] = text_attribute(sequence);
  Item item = to_key_item(layout::feed_page(page.number));
  item["events"] = list_attribute(std::move(events));
  if (!outbox.empty()) item["outbox"] = list_attribute(std::move(outbox));
  item["at"] = number_attribute(page.at.ms);
  item["reached"] = number_attribute(page.reached.ms);
  item["shards"] = json::object{{"M", std::move(shards)}};
  item["batch"] = text_attribute(page.batch);
  return item;
}

FeedPage parse_feed_page(const Item& item) {
  FeedPage page;
  page.number = page_number(key_of(item).sort);
  const json::array* events = list_of(item, "events");
  const json::object* shards = map_of(item, "shards");
  if (events == nullptr || shards == nullptr) throw_broken("a feed page lacks its events or shards");
  for (const json::value& event : *events) page.events.push_back(key_element(event));
  if (const json::array* outbox = list_of(item, "outbox")) {
    for (const json::value& partition : *outbox) page.outbox.push_back(text_element(partition));
  }
  for (const auto& [shard, sequence] : *shards) page.shards[std::string(shard)] = text_element(sequence);
  page.at = Time{number_of(item, "at").value_or(0)};
  page.reached = Time{number_of(item, "reached").value_or(page.at.ms)};
  page.batch = text_of(item, "batch").value_or("");
  return page;
}

void RelayedKeys::add(const Key& key) {
  const auto [place, is_new] = keys_.insert(key);
  if (!is_new) return;
  by_age_.push_back(place);
  if (by_age_.size() <= max_) return;
  keys_.erase(by_age_.front());
  by_age_.pop_front();
  is_complete_ = false;
}

// --- Reading
// ----------------------------------------------------------------------------------------------------------

bool FeedPages::is_started() const {
  const std::lock_guard lock(mutex_);
  return is_started_;
}

std::uint64_t FeedPages::last() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

Checkpoints FeedPages::checkpoints() const {
  const std::lock_guard lock(mutex_);
  return shards_;
}

bool FeedPages::is_relayed(const Key& key) const {
  const std::lock_guard lock(mutex_);
  return relayed_.contains(key);
}

// Takes in a page if it is the next one; others may have been faster.
void FeedPages::adopt(const FeedPage& page) {
  const std::lock_guard lock(mutex_);
  if (page.number != last_ + 1) return;
  last_ = page.number;
  shards_ = page.shards;
  reached_ = page.reached;
  for (const Key& key : page.events) relayed_.add(key);
  for (const std::string& partition : page.outbox) relayed_.add(outbox_key(partition));
}

Task<std::optional<FeedPage>> FeedPages::page(std::uint64_t number) {
  const std::optional<Item> item = co_await records_.get(layout::feed_page(number));
  co_return item ? std::optional(parse_feed_page(*item)) : std::nullopt;
}

Task<std::optional<FeedPage>> FeedPages::last_page() {
  ItemQuery query = pages_query();
  query.direction = ports::Direction::kBackward;
  query.limit = 1;
  const ItemPage found = co_await records_.query(std::move(query));
  co_return found.items.empty() ? std::nullopt : std::optional(parse_feed_page(found.items.front()));
}

Task<FeedPages::Chunk> FeedPages::read_some(std::uint64_t from) {
  ItemQuery query = pages_query();
  query.from = layout::feed_page(from).sort;
  query.limit = kPagesAtOnce;
  const ItemPage found = co_await records_.query(std::move(query));
  Chunk chunk;
  for (const Item& item : found.items) chunk.pages.push_back(parse_feed_page(item));
  chunk.is_end = found.next.empty();
  co_return chunk;
}

// The first page appended at `moment` or later, or `last`. Pages are in the order of their times.
Task<std::uint64_t> FeedPages::first_since(Time moment, std::uint64_t last) {
  std::uint64_t low = 1;
  while (low < last) {
    const std::uint64_t middle = low + (last - low) / 2;
    const std::optional<FeedPage> found = co_await page(middle);
    if (found && found->at >= moment) {
      last = middle;
    } else {
      low = middle + 1;
    }
  }
  co_return low;
}

Task<void> FeedPages::start() {
  const std::optional<FeedPage> latest = co_await last_page();
  std::uint64_t first = 1;
  if (latest) {
    const Time now = records_.context().clock.now();
    const Time from = std::min(now - remembered_, latest->reached - kClocksDiffer);
    first = co_await first_since(from, latest->number);
  }
  const std::lock_guard lock(mutex_);
  if (is_started_) co_return;
  is_started_ = true;
  first_known_ = first;
  last_ = first - 1;
}

Task<void> FeedPages::read_new() {
  for (bool is_end = false; !is_end;) {
    const Chunk chunk = co_await read_some(last() + 1);
    for (const FeedPage& page : chunk.pages) adopt(page);
    is_end = chunk.is_end;
  }
}

Task<void> FeedPages::catch_up() {
  if (!is_started()) co_await start();
  co_await read_new();
}

Task<void> FeedPages::be_ready() {
  if (!is_started()) co_await catch_up();
}

Task<std::set<Key>> FeedPages::not_relayed(std::set<Key> keys, Time since) {
  co_await catch_up();
  std::uint64_t end = 0;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(keys, [this](const Key& key) { return relayed_.contains(key); });
    end = relayed_.is_complete() ? first_known_ : last_ + 1;
  }
  if (keys.empty() || end == 1) co_return keys;
  std::uint64_t next = co_await first_since(since - kClocksDiffer, end - 1);
  while (next < end && !keys.empty()) {
    const Chunk chunk = co_await read_some(next);
    for (const FeedPage& page : chunk.pages) {
      for (const Key& key : page.events) keys.erase(key);
      for (const std::string& partition : page.outbox) keys.erase(outbox_key(partition));
      next = page.number + 1;
    }
    if (chunk.is_end) break;
  }
  co_return keys;
}

// --- Appending
// --------------------------------------------------------------------------------------------------------

// Nothing when all is on pages already.
std::optional<FeedPage> FeedPages::next_page(const FeedEntries& entries) const {
  const std::lock_guard lock(mutex_);
  FeedPage page;
  page.number = last_ + 1;
  page.shards = shards_;
  advance(page.shards, entries.shards);
  const bool has_got_further = page.shards != shards_;
  for (const std::string& shard : entries.gone) page.shards.erase(shard);
  page.reached = has_got_further ? entries.reached : reached_;
  for (const Key& key : entries.events) {
    if (!relayed_.contains(key)) page.events.push_back(key);
  }
  for (const std::string& partition : entries.outbox) {
    if (!relayed_.contains(outbox_key(partition))) page.outbox.push_back(partition);
  }
  if (page.events.empty() && page.outbox.empty() && !has_got_further) return std::nullopt;
  return page;
}

Task<void> FeedPages::append(FeedEntries entries) {
  co_await be_ready();
  const Context& context = records_.context();
  while (true) {
    std::optional<FeedPage> made = next_page(entries);
    if (!made) co_return;
    made->at = context.clock.now();
    made->batch = random_id(context.random);
    bool is_appended = co_await records_.put(to_item(*made), absent());
    if (!is_appended) {  // by another, or by a try of this put whose answer was lost
      const std::optional<FeedPage> there = co_await page(made->number);
      is_appended = there && there->batch == made->batch;
    }
    if (is_appended) {
      counters_.fed += made->events.size();
      adopt(*made);
      co_return;
    }
    co_await read_new();
  }
}

}  // namespace orderly::aws
