#include "engines/aws/relay.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "engines/aws/item.h"
#include "engines/aws/message_item.h"

namespace orderly::aws {
namespace {

using ports::Key;

// A page is one item: 400 KB with names and marks.
constexpr std::size_t kPageKeyBytesMax = 250'000;
constexpr std::size_t kKeyOverheadBytes = 16;

std::size_t bytes_of(const Key& key) { return key.partition.size() + key.sort.size() + kKeyOverheadBytes; }

Key known_key(const RelayedEvent& event) { return event.is_listed ? event.key : outbox_key(event.key.partition); }

// The first of each key; none that was relayed before.
std::vector<RelayedEvent> only_new(std::vector<RelayedEvent> events, const FeedPages& pages) {
  std::set<Key> seen;
  std::erase_if(events, [&](const RelayedEvent& event) {
    const Key key = known_key(event);
    return pages.is_relayed(key) || !seen.insert(key).second;
  });
  return events;
}

// As many pages as they need.
std::vector<FeedEntries> to_pages(const std::vector<RelayedEvent>& events) {
  std::vector<FeedEntries> pages(1);
  std::size_t bytes = 0;
  for (const RelayedEvent& event : events) {
    const bool is_full = pages.back().events.size() + pages.back().outbox.size() == layout::kFeedPageEvents;
    if (is_full || bytes + bytes_of(event.key) > kPageKeyBytesMax) {
      pages.emplace_back();
      bytes = 0;
    }
    bytes += bytes_of(event.key);
    if (event.is_listed) {
      pages.back().events.push_back(event.key);
    } else {
      pages.back().outbox.push_back(event.key.partition);
    }
  }
  return pages;
}

// The moment in "2026-11-21T10:30:05.123Z#00".
std::string_view moment_of(const RelayedEvent& event) {
  return std::string_view(event.committed).substr(0, event.committed.find('#'));
}

}  // namespace

std::optional<RelayedEvent> parse_relayed(const Item& image) {
  if (!image.contains(layout::kFeedPartition) && !image.contains(layout::kMessages)) return std::nullopt;
  RelayedEvent event;
  try {
    event.key = key_of(image);
  } catch (const Error&) {
    return std::nullopt;
  }
  event.committed = text_of(image, layout::kFeedSort).value_or("");
  event.is_listed = !event.key.partition.starts_with(layout::kOwn);
  try {
    event.messages = messages_of(image);
  } catch (const Error&) {
    event.is_broken = true;
  }
  return event;
}

void restore_commit_order(std::vector<RelayedEvent>& events) {
  using Commit = std::pair<std::string, std::string_view>;
  std::map<Commit, std::vector<std::size_t>> commits;
  for (std::size_t i = 0; i < events.size(); ++i) {
    commits[{events[i].key.partition, moment_of(events[i])}].push_back(i);
  }
  std::vector<std::size_t> order(events.size());  // which event comes at each place
  for (const auto& [commit, places] : commits) {
    std::vector<std::size_t> sorted = places;
    std::ranges::sort(sorted, [&](std::size_t a, std::size_t b) {
      return std::tie(events[a].committed, a) < std::tie(events[b].committed, b);
    });
    for (std::size_t i = 0; i < places.size(); ++i) order[places[i]] = sorted[i];
  }
  std::vector<RelayedEvent> restored;
  for (const std::size_t place : order) restored.push_back(std::move(events[place]));
  events = std::move(restored);
}

Task<std::size_t> Relay::relay_batch(RelayBatch batch) {
  co_await pages_.be_ready();
  const std::vector<RelayedEvent> events = only_new(std::move(batch.events), pages_);
  std::vector<ports::OutgoingMessage> messages;
  for (const RelayedEvent& event : events) {
    messages.insert(messages.end(), event.messages.begin(), event.messages.end());
    if (event.is_broken) ++counters_.failures;
  }
  const std::size_t sent = messages.size();
  if (sent > 0) co_await sender_.send(std::move(messages));
  counters_.relayed += sent;

  std::vector<FeedEntries> pages = to_pages(events);
  pages.back().shards = std::move(batch.shards);
  pages.back().reached = batch.reached;
  pages.back().gone = std::move(batch.gone);
  for (FeedEntries& page : pages) co_await pages_.append(std::move(page));
  co_return events.size();
}

}  // namespace orderly::aws
