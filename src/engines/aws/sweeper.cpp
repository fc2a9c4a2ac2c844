#include "engines/aws/sweeper.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "engines/aws/item.h"
#include "engines/aws/message_item.h"
#include "engines/aws/relay_worker.h"

namespace orderly::aws {
namespace {

using ports::Key;

constexpr std::chrono::minutes kMinute{1};

Time start_of_minute(Time time) {
  return Time{std::chrono::floor<std::chrono::minutes>(Duration{time.ms}).count() * Duration{kMinute}.count()};
}

Key cursor_key() { return {"~SWEPT", "META"}; }

}  // namespace

Sweeper::Sweeper(DueRecords& due, Sender& sender, FeedPages& pages, Relay& relay, RelayCounters& counters,
                 OwnRecords& records, Timing timing)
    : due_(due),
      sender_(sender),
      pages_(pages),
      relay_(relay),
      counters_(counters),
      records_(records),
      clock_(records.context().clock),
      timing_(timing),
      lease_(records, "sweeper", timing.lease) {}

Task<void> Sweeper::run(std::stop_token stop) {
  int failures = 0;
  while (!stop.stop_requested()) {
    const bool is_done = co_await try_round(stop);
    failures = is_done ? 0 : failures + 1;
    if (!is_done) ++counters_.failures;
    const Duration wait = is_holder_ ? std::min(timing_.interval, timing_.lease / 3) : timing_.lease / 3;
    co_await ports::sleep_unless_stopped(clock_, is_done ? wait : pause_after_failures(failures), stop);
  }
  is_holder_ = false;
  co_await lease_.release();
}

Task<bool> Sweeper::try_round(std::stop_token stop) {
  try {
    is_holder_ = co_await lease_.hold();
    if (!is_holder_) {
      look_at_ = {};
    } else {
      co_await sweep_due(stop);
      co_await sweep_missed(stop);
    }
    co_return true;
  } catch (const std::exception&) {  // whatever it was, the next round meets it again
  }
  co_return false;
}

// --- Due records
// ------------------------------------------------------------------------------------------------------

Task<void> Sweeper::sweep_due(std::stop_token stop) {
  const Time horizon = clock_.now() + kDelayMax;
  for (unsigned shard = 0; shard < layout::kDueShards; ++shard) {
    boost::json::object next;
    do {
      if (stop.stop_requested()) co_return;
      DueRecords::Page page = co_await due_.due_before(shard, horizon, std::move(next));
      next = std::move(page.next);
      co_await hand_over(std::move(page.messages));
    } while (!next.empty());
  }
}

// Those that are due now, or soon enough for SQS to delay them.
Task<void> Sweeper::hand_over(std::vector<ports::OutgoingMessage> messages) {
  const Time now = clock_.now();
  std::erase_if(messages, [&](const ports::OutgoingMessage& one) { return route_of(one, now) == Route::kDue; });
  if (messages.empty()) co_return;
  co_await sender_.send(messages);
  co_await due_.remove(std::move(messages));
}

// --- Missed events
// ----------------------------------------------------------------------------------------------------

Task<std::optional<Time>> Sweeper::next_minute() {
  const std::optional<Item> item = co_await records_.get(cursor_key());
  const std::optional<std::int64_t> ms = item ? number_of(*item, "minute") : std::nullopt;
  co_return ms ? std::optional(Time{*ms}) : std::nullopt;
}

Task<void> Sweeper::set_next_minute(Time minute) {
  Item item = to_key_item(cursor_key());
  item["minute"] = number_attribute(minute.ms);
  co_await records_.put(std::move(item), {});
}

Task<void> Sweeper::sweep_missed(std::stop_token stop) {
  if (clock_.now() < look_at_) co_return;
  const std::optional<Time> first = co_await next_minute();
  if (!first) {
    co_await set_next_minute(start_of_minute(clock_.now()));
    co_return;
  }
  Time minute = *first;
  for (; minute + kMinute + timing_.missed_after <= clock_.now(); minute = minute + kMinute) {
    if (stop.stop_requested() || !co_await lease_.hold()) co_return;
    co_await sweep_minute(minute);
    co_await set_next_minute(minute + kMinute);
  }
  look_at_ = minute + kMinute + timing_.missed_after;
}

Task<void> Sweeper::sweep_minute(Time minute) {
  std::vector<Key> keys = co_await events_of(minute);
  if (keys.empty()) co_return;
  std::set<Key> to_find;
  for (const Key& key : keys) to_find.insert(key.partition.starts_with(layout::kOwn) ? outbox_key(key.partition) : key);
  const std::set<Key> missed = co_await pages_.not_relayed(std::move(to_find), minute);
  std::erase_if(keys, [&](const Key& key) { return !missed.contains(key) && !missed.contains({key.partition, {}}); });
  if (keys.empty()) co_return;
  RelayBatch batch;
  for (const Item& item : co_await records_.get_many(std::move(keys))) {
    if (auto event = parse_relayed(item)) batch.events.push_back(*std::move(event));
  }
  counters_.missed += co_await relay_.relay_batch(std::move(batch));
}

// By time.
Task<std::vector<Key>> Sweeper::events_of(Time minute) {
  std::vector<std::pair<std::string, Key>> found;
  for (unsigned shard = 0; shard < layout::kFeedShards; ++shard) {
    ItemQuery query;
    query.index = layout::kFeedIndex;
    query.partition_name = layout::kFeedPartition;
    query.partition = layout::feed_minute(minute, shard);
    do {
      ItemPage page = co_await records_.query(query);
      for (const Item& item : page.items) {
        found.emplace_back(text_of(item, layout::kFeedSort).value_or(""), key_of(item));
      }
      query.start = std::move(page.next);
    } while (!query.start.empty());
  }
  std::ranges::sort(found);
  std::vector<Key> keys;
  for (auto& [committed, key] : found) keys.push_back(std::move(key));
  co_return keys;
}

}  // namespace orderly::aws
