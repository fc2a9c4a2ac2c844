#include "engines/embedded/committer.h"

#include <algorithm>

#include "base/error.h"

namespace orderly::embedded {
namespace {

using Kind = ports::CommitResult::Kind;

constexpr std::size_t kTokensKept = 1 << 16;
constexpr std::size_t kCountersCached = 4096;
constexpr std::size_t kStateBytesKept = 16 * 1024;  // a state that held a large record gives its memory back
constexpr std::string_view kQueueCountsKey = "queue-counts";
constexpr std::string_view kFormatKey = "format";
constexpr std::string_view kFolderFormat = "1";

std::string encode(const QueueCounts& counts) {
  std::string bytes;
  for (std::size_t queue = 0; queue < QueueCounts::kQueues; ++queue) {
    append_varint(bytes, counts.live[queue]);
    append_varint(bytes, counts.dead[queue]);
  }
  return bytes;
}

QueueCounts decode_counts(std::string_view bytes) {
  QueueCounts counts;
  Reader reader(bytes);
  for (std::size_t queue = 0; queue < QueueCounts::kQueues; ++queue) {
    counts.live[queue] = reader.varint();
    counts.dead[queue] = reader.varint();
  }
  return counts;
}

void check_folder_format(KeyValue& store) {
  std::string format;
  if (!store.get(Family::kMeta, kFormatKey, format)) {
    const auto batch = store.make_batch();
    batch->put(Family::kMeta, kFormatKey, kFolderFormat);
    store.write(*batch);
  } else if (format != kFolderFormat) {
    throw_broken("the data folder was written by a newer version: format " + format);
  }
}

}  // namespace

Committer::Committer(KeyValue& store) : store_(store), batch_(store.make_batch()) {
  check_folder_format(store_);
  const auto last = store_.walk(Family::kFeed, {}, {}, Order::kDescending);
  if (last->valid()) sequence_ = Reader(last->key()).big_endian();
  std::string counts;
  if (store_.get(Family::kMeta, kQueueCountsKey, counts)) counts_ = decode_counts(counts);
  durable_sequence_ = sequence_;
  durable_counts_ = counts_;
}

void Committer::begin(Time now) {
  now_ = now;
  batch_->clear();
  touched_.clear();
  for (std::size_t i = 0; i < used_states_; ++i) {
    if (states_[i].owned.capacity() > kStateBytesKept) std::string().swap(states_[i].owned);
  }
  used_states_ = 0;
  tokens_of_group_ = 0;
  swept_ = 0;
}

ports::CommitResult Committer::add(const PreparedCommit& commit) {
  if (is_repeated(commit)) return {};
  const ports::CommitResult result = check(commit);
  if (result.committed()) {
    apply(commit);
    remember(commit);
  }
  return result;
}

void Committer::finish() {
  for (std::size_t i = 0; i < used_states_; ++i) {
    const KeyState& state = states_[i];
    if (state.is_unwritten_counter) batch_->put(Family::kRecords, state.key, state.value);
  }
  if (counts_ != durable_counts_) batch_->put(Family::kMeta, kQueueCountsKey, encode(counts_));
  if (batch_->empty()) return;
  try {
    store_.write(*batch_);
  } catch (...) {
    forget_group();
    throw;
  }
  durable_sequence_ = sequence_;
  durable_counts_ = counts_;
  cache_counters();
}

void Committer::cache_counters() {
  for (std::size_t i = 0; i < used_states_; ++i) {
    const KeyState& state = states_[i];
    if (!state.is_unwritten_counter) continue;
    if (const auto cached = counter_cache_.find(state.key); cached != counter_cache_.end()) {
      cached->second = state.value;
      continue;
    }
    if (counter_cache_.size() >= kCountersCached) counter_cache_.clear();
    counter_cache_.emplace(state.key, state.value);
  }
}

void Committer::forget_group() {
  sequence_ = durable_sequence_;
  counts_ = durable_counts_;
  for (; tokens_of_group_ > 0; --tokens_of_group_) {
    content_of_token_.erase(tokens_.back());
    tokens_.pop_back();
  }
}

// --- Looking up
// -------------------------------------------------------------------------------------------------------

bool Committer::read_record(std::string_view key, std::string& value) const {
  if (const auto cached = counter_cache_.find(key); cached != counter_cache_.end()) {
    value = cached->second;
    return true;
  }
  return store_.get(Family::kRecords, key, value);
}

Committer::KeyState& Committer::touch(Family family, std::string_view key, bool read) {
  const auto [found, is_new] = touched_.try_emplace(Touched{family, key}, used_states_);
  if (!is_new) return states_[found->second];
  if (used_states_ == states_.size()) states_.emplace_back();
  KeyState& state = states_[used_states_];
  state.key = key;
  state.is_unwritten_counter = false;
  try {
    state.present =
        read && (family == Family::kRecords ? read_record(key, state.owned) : store_.get(family, key, state.owned));
  } catch (...) {
    touched_.erase(found);
    throw;
  }
  ++used_states_;
  state.value = state.present ? std::string_view(state.owned) : std::string_view();
  return state;
}

// --- Checking
// ---------------------------------------------------------------------------------------------------------

ports::CommitResult Committer::check(const PreparedCommit& commit) {
  std::size_t taken = 0;
  for (const RawWrite& write : commit.raw_writes()) {
    if (write.kind != RawWrite::Kind::kTake) continue;
    if (!touch(write.family, write.key, true).present) return {Kind::kAcknowledged, taken};
    ++taken;
  }
  if (const ports::CommitResult result = check_writes(commit); !result.committed()) return result;
  for (const RawWrite& write : commit.raw_writes()) {
    if (write.kind != RawWrite::Kind::kPutIfAbsent) continue;
    if (touch(write.family, write.key, true).present) return {Kind::kConflict, 0};
  }
  return {};
}

ports::CommitResult Committer::check_writes(const PreparedCommit& commit) {
  states_of_commit_.clear();
  for (const PreparedWrite& write : commit.writes()) {
    KeyState& state = touch(family_of(write.key), write.key, true);
    states_of_commit_.push_back(&state);
    const std::size_t which = states_of_commit_.size() - 1;
    if (write.kind == PreparedWrite::Kind::kCount) {
      if (!count(commit, write, state)) return {Kind::kBelowFloor, which};
    } else if (!holds(write, state)) {
      return {Kind::kConflict, which};
    }
  }
  return {};
}

bool Committer::holds(const PreparedWrite& write, const KeyState& state) const {
  if (write.expected == PreparedWrite::Expected::kAnything) return true;
  if (!state.present) return write.expected == PreparedWrite::Expected::kAbsent;
  const RecordView record = parse_record_value(state.value);
  if (write.expected == PreparedWrite::Expected::kAbsent) return record.expired(now_);
  return !record.expired(now_) && record.version == write.expected_version;
}

// Works out the counters after `write`; false when one would fall below 0.
bool Committer::count(const PreparedCommit& commit, const PreparedWrite& write, KeyState& state) {
  Counters counters;
  if (state.present) {
    const RecordView record = parse_record_value(state.value);
    if (record.is_counter) {
      counters = parse_counters(record.body);
    } else if (!record.expired(now_)) {
      throw Error(ErrorCode::kInternal, "not-a-counter", "A count names a record that holds no counters.");
    }
  }
  for (const PreparedDelta& delta : commit.deltas(write)) {
    auto found = counters.find(delta.counter);
    if (found == counters.end()) found = counters.emplace(delta.counter, 0).first;
    std::int64_t sum = 0;
    if (__builtin_add_overflow(found->second, delta.by, &sum)) {
      throw Error(ErrorCode::kInternal, "counter-overflow", "A counter would leave its range.");
    }
    if (sum < 0) return false;
    found->second = sum;
  }
  state.next.clear();
  append_counter_value(state.next, counters);
  return true;
}

// --- Applying
// ---------------------------------------------------------------------------------------------------------

void Committer::apply(const PreparedCommit& commit) {
  for (std::size_t i = 0; i < commit.writes().size(); ++i) apply(commit, commit.writes()[i], *states_of_commit_[i]);
  for (const PreparedEvent& event : commit.events()) {
    KeyState& state = touch(Family::kRecords, event.key, false);
    drop_counter(state);
    state.present = true;
    state.value = event.value;
    batch_->put(Family::kRecords, event.key, event.value);
    batch_->put(Family::kFeed, feed_key(++sequence_), event.key);
  }
  for (const RawWrite& write : commit.raw_writes()) apply(write);
}

void Committer::apply(const PreparedCommit& commit, const PreparedWrite& write, KeyState& state) {
  switch (write.kind) {
    case PreparedWrite::Kind::kPut: apply_put(commit, write, state); break;
    case PreparedWrite::Kind::kRemove:
      if (state.present) remove_record(state);
      break;
    case PreparedWrite::Kind::kRequire: break;
    case PreparedWrite::Kind::kCount:
      if (state.present) remove_traces(state);
      state.owned.swap(state.next);
      state.value = state.owned;
      state.present = true;
      state.is_unwritten_counter = true;
      break;
    case PreparedWrite::Kind::kSweep: apply_sweep(write, state); break;
  }
}

void Committer::apply_put(const PreparedCommit& commit, const PreparedWrite& write, KeyState& state) {
  const RecordView old = state.present ? parse_record_value(state.value) : RecordView{};
  if (old.index_entries.empty()) {
    for (const std::string_view key : commit.index_keys(write)) batch_->put(Family::kIndexes, key, {});
  } else {
    replace_index_entries(commit, write, old);
  }
  const Family family = family_of(write.key);
  if (family == Family::kRecords && old.expires_at != write.expires_at) {
    for (const auto& [moment, is_new] : {std::pair(old.expires_at, false), std::pair(write.expires_at, true)}) {
      if (!moment) continue;
      scratch_.clear();
      append_expiry_key(scratch_, *moment, write.key);
      is_new ? batch_->put(Family::kExpiry, scratch_, {}) : batch_->remove(Family::kExpiry, scratch_);
    }
  }
  batch_->put(family, write.key, write.value);
  drop_counter(state);
  state.present = true;
  state.value = write.value;
}

// Whatever the key holds from now on, it is no counter.
void Committer::drop_counter(KeyState& state) {
  state.is_unwritten_counter = false;
  if (const auto cached = counter_cache_.find(state.key); cached != counter_cache_.end()) counter_cache_.erase(cached);
}

// Entries that stay the same are left alone.
void Committer::replace_index_entries(const PreparedCommit& commit, const PreparedWrite& write, const RecordView& old) {
  const std::vector<IndexEntryView> old_entries = parse_index_entries(old.index_entries);
  const std::vector<IndexEntryView> new_entries = parse_index_entries(parse_record_value(write.value).index_entries);
  const auto is_in = [](const std::vector<IndexEntryView>& entries, const IndexEntryView& entry) {
    return std::ranges::find(entries, entry.bytes, &IndexEntryView::bytes) != entries.end();
  };
  for (const IndexEntryView& entry : old_entries) {
    if (is_in(new_entries, entry)) continue;
    scratch_.clear();
    append_index_key(scratch_, entry.index, entry.partition, entry.sort, write.key);
    batch_->remove(Family::kIndexes, scratch_);
  }
  for (std::size_t i = 0; i < new_entries.size(); ++i) {
    if (!is_in(old_entries, new_entries[i])) batch_->put(Family::kIndexes, commit.index_keys(write)[i], {});
  }
}

void Committer::apply_sweep(const PreparedWrite& write, KeyState& state) {
  const bool is_same = state.present && parse_record_value(state.value).expires_at == write.expires_at;
  if (!is_same) {
    scratch_.clear();
    append_expiry_key(scratch_, *write.expires_at, write.key);
    batch_->remove(Family::kExpiry, scratch_);
  } else if (*write.expires_at <= now_) {
    remove_record(state);
    ++swept_;
  }
}

void Committer::remove_record(KeyState& state) {
  remove_traces(state);
  batch_->remove(family_of(state.key), state.key);
  drop_counter(state);
  state.present = false;
  state.value = {};
}

// A record's entries in other families.
void Committer::remove_traces(const KeyState& state) {
  const RecordView record = parse_record_value(state.value);
  for (const IndexEntryView& entry : parse_index_entries(record.index_entries)) {
    scratch_.clear();
    append_index_key(scratch_, entry.index, entry.partition, entry.sort, state.key);
    batch_->remove(Family::kIndexes, scratch_);
  }
  if (record.expires_at && family_of(state.key) == Family::kRecords) {
    scratch_.clear();
    append_expiry_key(scratch_, *record.expires_at, state.key);
    batch_->remove(Family::kExpiry, scratch_);
  }
}

void Committer::apply(const RawWrite& write) {
  KeyState& state = touch(write.family, write.key, false);
  state.present = write.kind != RawWrite::Kind::kTake;
  if (state.present) {
    batch_->put(write.family, write.key, write.value);
  } else {
    batch_->remove(write.family, write.key);
  }
  note_count(write);
}

void Committer::note_count(const RawWrite& write) {
  if (write.family != Family::kQueue && write.family != Family::kDeadLetters) return;
  auto& counts = write.family == Family::kQueue ? counts_.live : counts_.dead;
  std::uint64_t& of_queue = counts[static_cast<std::uint8_t>(write.key.front()) % QueueCounts::kQueues];
  if (write.kind == RawWrite::Kind::kTake) {
    ORDERLY_ASSERT(of_queue > 0);
    --of_queue;
  } else {
    ++of_queue;
  }
}

// --- Tokens
// -----------------------------------------------------------------------------------------------------------

bool Committer::is_repeated(const PreparedCommit& commit) const {
  if (commit.token_hash() == 0) return false;
  const auto found = content_of_token_.find(commit.token_hash());
  if (found == content_of_token_.end()) return false;
  if (found->second != commit.content_hash()) {
    throw Error(ErrorCode::kInternal, "token-reused", "A commit's token came again with other content.");
  }
  return true;
}

void Committer::remember(const PreparedCommit& commit) {
  if (commit.token_hash() == 0) return;
  content_of_token_.emplace(commit.token_hash(), commit.content_hash());
  tokens_.push_back(commit.token_hash());
  ++tokens_of_group_;
  // Those of the group stay, so that forget_group finds them.
  if (tokens_.size() > kTokensKept) {
    content_of_token_.erase(tokens_.front());
    tokens_.pop_front();
  }
}

}  // namespace orderly::embedded
