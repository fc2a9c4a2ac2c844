#include "engines/embedded/store.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "base/limits.h"
#include "engines/embedded/encoding.h"
#include "engines/embedded/page_reader.h"
#include "ports/commit_limits.h"

namespace orderly::embedded {
namespace {

constexpr std::size_t kSweptPerCommit = 256;

}  // namespace

Task<std::optional<ports::Record>> EmbeddedStore::get(ports::Key key) {
  const std::string encoded = record_key(key);
  std::string value;
  if (!store_.get(family_of(encoded), encoded, value)) co_return std::nullopt;
  ports::Record record = to_record(std::move(key), std::move(value));
  if (record.expires_at && *record.expires_at <= clock_.now()) co_return std::nullopt;
  co_return record;
}

Task<std::vector<std::optional<ports::Record>>> EmbeddedStore::get_many(std::vector<ports::Key> keys) {
  std::vector<std::string> encoded;
  encoded.reserve(keys.size());
  for (const ports::Key& key : keys) encoded.push_back(record_key(key));
  std::vector<std::optional<std::string>> values = store_.get_many(Family::kRecords, encoded);
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    if (family_of(encoded[i]) == Family::kRecords) continue;
    std::string value;
    if (store_.get(family_of(encoded[i]), encoded[i], value)) values[i] = std::move(value);
  }

  const Time now = clock_.now();
  std::vector<std::optional<ports::Record>> records(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!values[i]) continue;
    ports::Record record = to_record(std::move(keys[i]), *std::move(values[i]));
    if (!record.expires_at || *record.expires_at > now) records[i] = std::move(record);
  }
  co_return records;
}

Task<ports::Page> EmbeddedStore::query(ports::Query query) {
  ports::check_query(query);
  const Time now = clock_.now();
  if (!query.index) co_return read_partition(store_, query, now);
  const std::unique_ptr<KeyValueReader> moment = store_.snapshot();
  co_return read_index(*moment, query, now);
}

Task<ports::CommitResult> EmbeddedStore::commit(ports::Commit commit) {
  const PreparedCommit prepared(commit);
  const CommitThread::Answer answer = co_await commits_.run(prepared);
  co_return answer.result;
}

Task<std::vector<ports::FeedEvent>> EmbeddedStore::feed(std::uint64_t after, std::size_t limit) {
  std::vector<ports::FeedEvent> events;
  std::vector<std::string> keys;
  const auto walk = store_.walk(Family::kFeed, feed_key(after + 1), {}, Order::kAscending);
  for (; walk->valid() && events.size() < std::min(limit, kFeedEventsMax); walk->next()) {
    keys.emplace_back(walk->value());
    events.push_back({Reader(walk->key()).big_endian(), parse_record_key(walk->value()), {}});
  }
  std::vector<std::optional<std::string>> values = store_.get_many(Family::kRecords, keys);
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (!values[i]) throw_broken("the feed names an event that is not there");
    events[i].document = to_record({}, *std::move(values[i])).document;
  }
  co_return events;
}

std::vector<std::string> EmbeddedStore::expired_entries(std::size_t max) {
  std::string from;
  {
    const std::lock_guard lock(sweep_mutex_);
    from = swept_until_;
  }
  std::string until;
  append_moment(until, clock_.now() + Duration{1});
  std::vector<std::string> entries;
  if (from >= until) return entries;  // the clock went back
  const auto walk = store_.walk(Family::kExpiry, std::move(from), std::move(until), Order::kAscending);
  for (; walk->valid() && entries.size() < max; walk->next()) entries.emplace_back(walk->key());
  return entries;
}

Task<std::size_t> EmbeddedStore::sweep_expired(std::size_t max) {
  std::size_t removed = 0;
  while (max > 0) {
    const std::vector<std::string> entries = expired_entries(std::min(max, kSweptPerCommit));
    if (entries.empty()) break;
    PreparedCommit sweep(std::accumulate(entries.begin(), entries.end(), std::size_t{0},
                                         [](std::size_t sum, const std::string& entry) { return sum + entry.size(); }));
    for (const std::string& entry : entries) {
      Reader reader(entry);
      const Time expires_at = reader.moment();
      sweep.sweep(reader.rest(), expires_at);
    }
    removed += (co_await commits_.run(sweep)).swept;
    max -= entries.size();
    const std::lock_guard lock(sweep_mutex_);
    swept_until_ = std::max(swept_until_, entries.back());
  }
  co_return removed;
}

}  // namespace orderly::embedded
