#include "engines/aws/dynamo_inspection.h"

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <iterator>
#include <limits>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "engines/aws/feed_reader.h"
#include "engines/aws/item.h"
#include "engines/aws/layout.h"
#include "engines/aws/message_item.h"
#include "ports/concurrently.h"

namespace orderly::aws {
namespace {

using ports::Inspection;

// The table's items, each where it is looked for.
struct Contents {
  std::map<ports::Key, Inspection::StoredRecord> records;
  std::vector<Inspection::StoredIndexEntry> index_entries;
  std::vector<ports::OutgoingMessage> messages;  // all that were ever sent and are still with their event
  std::set<std::string> done;                    // partitions of ~DONE records
  std::vector<FeedPlace> feed;
  std::vector<std::pair<std::string, ports::Key>> events;  // by _fs, which begins with the moment of the commit
  std::vector<ports::DeadLetter> dead;
};

void add_record(Contents& contents, const Item& item) {
  Inspection::StoredRecord stored{to_record(item), index_entries(item), is_counter(item)};
  for (const ports::IndexEntry& entry : stored.indexes) contents.index_entries.push_back({entry, stored.record.key});
  ports::Key key = stored.record.key;
  contents.records.emplace(std::move(key), std::move(stored));
}

void add(Contents& contents, const Item& item) {
  const ports::Key key = key_of(item);
  std::ranges::move(messages_of(item), std::back_inserter(contents.messages));
  if (const auto committed = text_of(item, layout::kFeedSort)) contents.events.emplace_back(*committed, key);
  if (key.partition.front() != layout::kOwn) return add_record(contents, item);
  if (key.partition == layout::kFeed)
    return std::ranges::move(feed_places(item), std::back_inserter(contents.feed)), void();
  contents.done.insert(key.partition);
}

Task<void> scan(const DynamoTable& table, Contents& contents) {
  boost::json::object input{{"ConsistentRead", true}};
  while (true) {
    DynamoTable::Rows rows = co_await table.rows("Scan", input);
    for (const Item& item : rows.items) add(contents, item);
    if (rows.last_key.empty()) co_return;
    input["ExclusiveStartKey"] = std::move(rows.last_key);
  }
}

Task<void> read_dead_letters(ports::Queue& queue, Contents& contents) {
  constexpr std::size_t kQueues = std::size(ports::kAllQueues);
  std::array<std::vector<ports::DeadLetter>, kQueues> letters;
  co_await run_concurrently(kQueues, kQueues, [&](std::size_t number) -> Task<void> {
    letters[number] = co_await queue.dead_letters(ports::kAllQueues[number], std::numeric_limits<std::size_t>::max());
  });
  for (auto& of_queue : letters) std::ranges::move(of_queue, std::back_inserter(contents.dead));
}

// What the relay has yet to bring is the end of the feed, as long as it may still be on its way.
constexpr std::chrono::minutes kOnItsWayMax{15};

void add_events_on_their_way(Contents& contents, Time now) {
  std::set<ports::Key> listed;
  for (const FeedPlace& place : contents.feed) listed.insert(place.key);
  std::uint64_t sequence = contents.feed.empty() ? 0 : contents.feed.back().sequence;
  const std::string oldest = format_time(now - kOnItsWayMax);
  std::ranges::sort(contents.events);
  for (const auto& [committed, key] : contents.events) {
    const bool is_on_its_way = committed >= oldest && key.partition.front() != layout::kOwn && !listed.contains(key);
    if (is_on_its_way) contents.feed.push_back({++sequence, key});
  }
}

Task<Contents> read_all(const DynamoTable& table, ports::Queue& queue) {
  Contents contents;
  // Letters first: what is redriven and handled meanwhile is found to be done then.
  co_await read_dead_letters(queue, contents);
  co_await scan(table, contents);
  std::ranges::sort(contents.index_entries, {}, [](const Inspection::StoredIndexEntry& stored) {
    return std::tie(stored.entry.index, stored.entry.partition, stored.entry.sort, stored.record);
  });
  std::ranges::sort(contents.feed, {}, &FeedPlace::sequence);
  add_events_on_their_way(contents, table.service().context().clock.now());
  co_return contents;
}

// As a queue would list them: those that wait, then the dead.
std::vector<Inspection::StoredMessage> undone_messages(const Contents& contents, Time now) {
  std::map<std::string, const ports::DeadLetter*> dead;
  for (const ports::DeadLetter& letter : contents.dead) dead.emplace(letter.message_id, &letter);
  std::vector<Inspection::StoredMessage> messages;
  for (const ports::OutgoingMessage& message : contents.messages) {
    if (dead.contains(message.id) || message.due + layout::kDoneKept < now) continue;
    if (!contents.done.contains(layout::done(message.id).partition)) messages.push_back({message, 0, false});
  }
  for (const auto& [id, letter] : dead) {
    if (contents.done.contains(layout::done(id).partition)) continue;
    messages.push_back({{letter->queue, id, letter->body, letter->died_at}, letter->attempts, true});
  }
  std::ranges::sort(messages, {}, [](const Inspection::StoredMessage& one) {
    return std::tie(one.dead, one.message.queue, one.message.due, one.message.id);
  });
  return messages;
}

}  // namespace

class DynamoPicture final : public Inspection {
 public:
  DynamoPicture(DynamoInspectable& source, Contents contents, Time now)
      : source_(source), contents_(std::move(contents)), messages_(undone_messages(contents_, now)) {}

  Promises promises() const override { return {.documents_keep_their_bytes = false, .feed_has_no_gaps = false}; }

  void records(const std::function<bool(const StoredRecord&)>& visit) override {
    for (const auto& [key, stored] : contents_.records) {
      if (!visit(stored)) return;
    }
  }

  void index_entries(const std::function<bool(const StoredIndexEntry&)>& visit) override {
    static_cast<void>(std::ranges::all_of(contents_.index_entries, visit));
  }

  // A dead letter's `due` is the moment when it died.
  void messages(const std::function<bool(const StoredMessage&)>& visit) override {
    static_cast<void>(std::ranges::all_of(messages_, visit));
  }

  void feed(const std::function<bool(const ports::FeedEvent&)>& visit) override {
    for (const FeedPlace& place : contents_.feed) {
      const auto record = contents_.records.find(place.key);
      const std::string document = record == contents_.records.end() ? "" : record->second.record.document;
      if (!visit({place.sequence, place.key, document})) return;
    }
  }

  std::optional<StoredRecord> record(const ports::Key& key) override {
    const auto found = contents_.records.find(key);
    return found == contents_.records.end() ? std::nullopt : std::optional(found->second);
  }

  std::optional<ports::Blob> blob(const std::string& name) override {
    return source_.wait_for(source_.blobs_.get(name));
  }

 private:
  DynamoInspectable& source_;
  const Contents contents_;
  const std::vector<StoredMessage> messages_;
};

// Runs the loop until the task has ended; the HTTP client may leave work of its own on it.
template <class T>
T DynamoInspectable::wait_for(Task<T> task) {
  const std::lock_guard lock(mutex_);
  std::exception_ptr failure;
  std::optional<T> result;
  boost::asio::co_spawn(loop_, std::move(task), [&](std::exception_ptr thrown, T value) {
    failure = thrown;
    result.emplace(std::move(value));
    loop_.stop();
  });
  loop_.restart();
  loop_.run();
  if (failure) std::rethrow_exception(failure);
  return *std::move(result);
}

std::unique_ptr<ports::Inspection> DynamoInspectable::inspect() {
  const Time now = table_.service().context().clock.now();
  return std::make_unique<DynamoPicture>(*this, wait_for(read_all(table_, queue_)), now);
}

}  // namespace orderly::aws
