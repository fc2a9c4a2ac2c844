#include "tests/fakes/memory_store.h"

#include <algorithm>

#include "base/error.h"
#include "base/limits.h"
#include "ports/commit_limits.h"
#include "tests/fakes/small_fakes.h"

namespace orderly::fakes {

using ports::Commit;
using ports::CommitResult;
using ports::Key;
using ports::Record;

namespace {

constexpr char kSeparator = '\x1f';  // in no key

std::string counters_document(const std::map<std::string, std::int64_t>& counters) {
  std::string text = "{";
  for (const auto& [name, value] : counters) {
    if (text.size() > 1) text += ',';
    text += "\"" + name + "\":" + std::to_string(value);
  }
  return text + "}";
}

const Key& key_of(const ports::Write& write) {
  return std::visit([](const auto& one) -> const Key& { return one.key; }, write);
}

// What makes two queries the same but for their cursor and limit.
std::string identity(const ports::Query& query) {
  std::string text = query.index ? std::to_string(static_cast<int>(*query.index)) : "records";
  for (const std::string& part : {query.partition, query.from, query.to}) text += kSeparator + part;
  return text + kSeparator + (query.direction == ports::Direction::kForward ? "forward" : "backward");
}

// Enough of a commit to tell whether one sent again is the same.
std::string content_of(const Commit& commit) {
  std::string text;
  for (const ports::Write& write : commit.writes) {
    text += key_of(write).partition + kSeparator + key_of(write).sort + kSeparator;
    if (const auto* put = std::get_if<ports::Put>(&write)) text += put->document + kSeparator;
  }
  for (const ports::EventRecord& event : commit.events) text += event.document + kSeparator;
  for (const ports::OutgoingMessage& message : commit.messages) text += message.id + message.body + kSeparator;
  for (const ports::Receipt& receipt : commit.acknowledged) text += receipt.message_id + kSeparator;
  return text;
}

}  // namespace

// --- Reading
// ----------------------------------------------------------------------------------------------------------

const MemoryStore::Stored* MemoryStore::find(const Key& key) const {
  const auto found = records_.find(key);
  if (found == records_.end()) return nullptr;
  const Stored& stored = found->second;
  return stored.expires_at && *stored.expires_at <= clock_.now() ? nullptr : &stored;
}

std::optional<Record> MemoryStore::read(const Key& key) const {
  const Stored* stored = find(key);
  if (stored == nullptr) return std::nullopt;
  return Record{key, stored->document, stored->version, stored->expires_at};
}

Task<void> MemoryStore::begin_read(Key key) {
  reads_.push_back(std::move(key));
  if (!before_read_ || in_read_hook_) co_return;
  in_read_hook_ = true;
  co_await before_read_();
  in_read_hook_ = false;
}

Task<std::optional<Record>> MemoryStore::get(Key key) {
  co_await yield_once();
  co_await begin_read(key);
  co_return read(key);
}

Task<std::vector<std::optional<Record>>> MemoryStore::get_many(std::vector<Key> keys) {
  co_await yield_once();
  std::vector<std::optional<Record>> records;
  for (const Key& key : keys) {
    if (tears_reads_ && !records.empty()) co_await yield_once();
    co_await begin_read(key);
    records.push_back(read(key));
  }
  co_return records;
}

// In the order of the query.
std::vector<MemoryStore::Row> MemoryStore::rows_of(const ports::Query& query) const {
  std::vector<Row> rows;
  const auto is_wanted = [&](const std::string& sort) {
    return sort >= query.from && (query.to.empty() || sort < query.to);
  };
  if (query.index) {
    auto row = index_rows_.lower_bound({*query.index, query.partition, query.from, {}});
    for (; row != index_rows_.end() && row->index == *query.index && row->partition == query.partition; ++row) {
      if (is_wanted(row->sort)) rows.push_back({row->sort, row->record});
    }
  } else {
    auto record = records_.lower_bound({query.partition, query.from});
    for (; record != records_.end() && record->first.partition == query.partition; ++record) {
      if (is_wanted(record->first.sort)) rows.push_back({record->first.sort, record->first});
    }
  }
  if (query.direction == ports::Direction::kBackward) std::ranges::reverse(rows);
  return rows;
}

Task<ports::Page> MemoryStore::query(ports::Query query) {
  ORDERLY_ASSERT(query.limit > 0);
  ports::check_query(query);
  query.limit = std::min(query.limit, limits::kPageRowsMax);
  co_await yield_once();
  const std::vector<Row> rows = rows_of(query);
  auto row = rows.begin();
  if (!query.cursor.empty()) {
    const std::string prefix = identity(query) + kSeparator;
    if (!query.cursor.starts_with(prefix)) {
      throw Error(ErrorCode::kInvalidRequest, "invalid-cursor", "The cursor belongs to another list.");
    }
    const auto position = [](const Row& r) {
      return r.sort + kSeparator + r.record.partition + kSeparator + r.record.sort;
    };
    const std::string last = query.cursor.substr(prefix.size());
    const bool forward = query.direction == ports::Direction::kForward;
    row = std::ranges::find_if(rows, [&](const std::string& at) { return forward ? at > last : at < last; }, position);
  }
  ports::Page page;
  const Row* last = nullptr;
  for (std::size_t examined = 0; row != rows.end(); ++row, ++examined) {
    if (page.records.size() == query.limit || examined == rows_examined_max_) break;
    last = &*row;
    if (auto record = read(row->record)) page.records.push_back(std::move(*record));
  }
  if (row != rows.end() && last != nullptr) {
    page.cursor = identity(query) + kSeparator + last->sort + kSeparator + last->record.partition + kSeparator +
                  last->record.sort;
  }
  co_return page;
}

Task<std::vector<ports::FeedEvent>> MemoryStore::feed(std::uint64_t after, std::size_t limit) {
  co_await yield_once();
  std::vector<ports::FeedEvent> events;
  for (std::size_t i = after; i < feed_.size() && events.size() < limit; ++i) events.push_back(feed_[i]);
  co_return events;
}

// --- Committing
// -------------------------------------------------------------------------------------------------------

Task<CommitResult> MemoryStore::commit(Commit commit) {
  ports::check_commit(commit);
  co_await yield_once();
  if (before_commit_ && !in_hook_) {
    in_hook_ = true;
    std::exception_ptr failure;
    try {
      co_await before_commit_(commit);
    } catch (...) {
      failure = std::current_exception();
    }
    in_hook_ = false;
    if (failure) std::rethrow_exception(failure);
  }
  const std::optional<CommitFault> fault = next_fault();
  if (fault == CommitFault::kRefused) throw Error(ErrorCode::kUnavailable, "store-unavailable", "Try again later.");
  CommitResult result;
  if (fault != CommitFault::kLostBeforeDone) result = apply(commit);
  co_await yield_once();
  if (fault) throw Error(ErrorCode::kUnavailable, "outcome-unknown", "It may have been done.");
  co_return result;
}

CommitResult MemoryStore::apply(const Commit& commit) {
  const auto done = tokens_.find(commit.token);
  if (!commit.token.empty() && done != tokens_.end()) {
    if (done->second != content_of(commit)) {
      throw Error(ErrorCode::kInternal, "bad-commit", "A token was used for two different commits.");
    }
    return {};
  }
  const CommitResult result = decide(commit);
  if (!result.committed()) return result;
  for (const ports::Write& one : commit.writes) {
    std::visit([this](const auto& w) { write(w); }, one);
  }
  for (const ports::EventRecord& event : commit.events) {
    records_[event.key] = {event.document, 1, std::nullopt, {}, {}, false};
    feed_.push_back({feed_.size() + 1, event.key, event.document});
  }
  for (const ports::OutgoingMessage& message : commit.messages) queue_.add(message);
  for (const ports::Receipt& receipt : commit.acknowledged) queue_.acknowledge(receipt);
  tokens_.emplace(commit.token, content_of(commit));
  ++commits_;
  if (after_commit_) after_commit_(commit);
  return result;
}

CommitResult MemoryStore::decide(const Commit& commit) {
  for (std::size_t i = 0; i < commit.acknowledged.size(); ++i) {
    if (!queue_.holds(commit.acknowledged[i])) return {CommitResult::Kind::kAcknowledged, i};
  }
  for (std::size_t i = 0; i < commit.writes.size(); ++i) {
    if (conflicts_.erase(key_of(commit.writes[i])) > 0) return {CommitResult::Kind::kConflict, i};
    if (const auto kind = refusal(commit.writes[i])) return {*kind, i};
  }
  for (const ports::EventRecord& event : commit.events) {
    if (!records_.contains(event.key)) continue;
    throw Error(ErrorCode::kInternal, "bad-commit", "An event would be changed.", event.key.sort);
  }
  return {};
}

std::optional<CommitResult::Kind> MemoryStore::refusal(const ports::Write& write) const {
  const Stored* stored = find(key_of(write));
  if (const auto* count = std::get_if<ports::Count>(&write)) {
    if (stored != nullptr && !stored->is_counter) {
      throw Error(ErrorCode::kInternal, "bad-commit", "A record is no counter.", count->key.partition);
    }
    for (const ports::Count::Delta& delta : count->deltas) {
      std::int64_t value = delta.by;
      if (stored != nullptr && stored->counters.contains(delta.counter)) value += stored->counters.at(delta.counter);
      if (value < 0) return CommitResult::Kind::kBelowFloor;
    }
    return std::nullopt;
  }
  const ports::Condition condition = std::visit(
      [](const auto& one) -> ports::Condition {
        if constexpr (requires { one.condition; }) return one.condition;
        return ports::Always{};
      },
      write);
  bool holds = true;
  if (std::holds_alternative<ports::Absent>(condition)) holds = stored == nullptr;
  if (const auto* at = std::get_if<ports::AtVersion>(&condition)) {
    holds = stored != nullptr && stored->version == at->version;
  }
  return holds ? std::nullopt : std::optional(CommitResult::Kind::kConflict);
}

void MemoryStore::forget(const Key& key) {
  const auto found = records_.find(key);
  if (found == records_.end()) return;
  for (const ports::IndexEntry& entry : found->second.indexes) {
    index_rows_.erase({entry.index, entry.partition, entry.sort, key});
  }
  records_.erase(found);
}

void MemoryStore::write(const ports::Put& put) {
  forget(put.key);
  for (const ports::IndexEntry& entry : put.indexes) {
    index_rows_.insert({entry.index, entry.partition, entry.sort, put.key});
  }
  records_[put.key] = {put.document, put.version, put.expires_at, put.indexes, {}, false};
}

void MemoryStore::write(const ports::Remove& remove) { forget(remove.key); }

void MemoryStore::write(const ports::Count& count) {
  Stored& stored = records_[count.key];
  stored.is_counter = true;
  for (const ports::Count::Delta& delta : count.deltas) stored.counters[delta.counter] += delta.by;
  stored.document = counters_document(stored.counters);
}

// --- Files
// ------------------------------------------------------------------------------------------------------------

Task<bool> MemoryStore::put_if_absent(std::string name, ports::Blob blob) {
  co_await yield_once();
  co_return blobs_.emplace(std::move(name), std::move(blob)).second;
}

Task<std::optional<ports::Blob>> MemoryStore::get(std::string name) {
  co_await yield_once();
  const auto found = blobs_.find(name);
  co_return found == blobs_.end() ? std::nullopt : std::optional(found->second);
}

// --- Inspection
// -------------------------------------------------------------------------------------------------------

// Copies, so that it stays as it was.
class MemoryInspection final : public ports::Inspection {
 public:
  explicit MemoryInspection(const MemoryStore& store)
      : records_(store.records_),
        index_rows_(store.index_rows_),
        messages_(store.queue_.stored()),
        feed_(store.feed_),
        blobs_(store.blobs_) {}

  void records(const std::function<bool(const StoredRecord&)>& visit) override {
    for (const auto& [key, stored] : records_) {
      if (!visit(view(key, stored))) return;
    }
  }
  void index_entries(const std::function<bool(const StoredIndexEntry&)>& visit) override {
    for (const auto& row : index_rows_) {
      if (!visit({{row.index, row.partition, row.sort}, row.record})) return;
    }
  }
  void messages(const std::function<bool(const StoredMessage&)>& visit) override {
    for (const StoredMessage& message : messages_) {
      if (!visit(message)) return;
    }
  }
  void feed(const std::function<bool(const ports::FeedEvent&)>& visit) override {
    for (const ports::FeedEvent& event : feed_) {
      if (!visit(event)) return;
    }
  }
  std::optional<StoredRecord> record(const Key& key) override {
    const auto found = records_.find(key);
    if (found == records_.end()) return std::nullopt;
    return view(found->first, found->second);
  }
  std::optional<ports::Blob> blob(const std::string& name) override {
    const auto found = blobs_.find(name);
    return found == blobs_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  static StoredRecord view(const Key& key, const MemoryStore::Stored& stored) {
    return {{key, stored.document, stored.version, stored.expires_at}, stored.indexes, stored.is_counter};
  }

  const std::map<Key, MemoryStore::Stored> records_;
  const std::set<MemoryStore::IndexRow> index_rows_;
  const std::vector<StoredMessage> messages_;
  const std::vector<ports::FeedEvent> feed_;
  const std::map<std::string, ports::Blob> blobs_;
};

std::unique_ptr<ports::Inspection> MemoryStore::inspect() { return std::make_unique<MemoryInspection>(*this); }

// --- What tests do
// ----------------------------------------------------------------------------------------------------

void MemoryStore::fail_commit(CommitFault fault, std::size_t skipped) {
  faults_.emplace(commits_asked_ + skipped, fault);
}

std::optional<CommitFault> MemoryStore::next_fault() {
  const auto planned = faults_.find(commits_asked_++);
  if (planned == faults_.end()) return std::nullopt;
  return planned->second;
}

void MemoryStore::tamper(const Key& key, const std::function<void(std::string& document)>& change) {
  change(records_.at(key).document);
}

}  // namespace orderly::fakes
