#include "engines/embedded/rocksdb_key_value.h"

#include <rocksdb/iterator.h>
#include <rocksdb/write_batch.h>

#include "base/error.h"
#include "engines/embedded/rocksdb_options.h"

namespace orderly::embedded {
namespace {

// What is kept free for the log and for flushes that are under way when the last group is let through.
constexpr std::uint64_t kFreeBytesMin = std::uint64_t{128} << 20;

rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
std::string_view view(const rocksdb::Slice& bytes) { return {bytes.data(), bytes.size()}; }

void require_read(const rocksdb::Status& status) {
  if (status.ok()) return;
  if (status.IsCorruption()) throw_broken(status.ToString());
  throw Error(ErrorCode::kUnavailable, "store-unreadable", "The data cannot be read at the moment.", status.ToString());
}

[[noreturn]] void throw_not_opened(const std::string& folder, const rocksdb::Status& status) {
  const std::string reason = status.ToString();
  if (status.IsIOError() && reason.find("lock") != std::string::npos) {
    throw Error(ErrorCode::kUnavailable, "data-folder-in-use",
                "The data folder " + folder + " is in use by another process.", reason);
  }
  throw Error(ErrorCode::kUnavailable, "data-folder-unusable", "The data folder " + folder + " cannot be opened.",
              reason);
}

}  // namespace

class RocksdbKeyValue::RocksBatch : public Batch {
 public:
  explicit RocksBatch(const RocksdbKeyValue& store) : store_(store) {}

  void put(Family family, std::string_view key, std::string_view value) override {
    require(batch.Put(store_.handle(family), slice(key), slice(value)));
  }
  void remove(Family family, std::string_view key) override {
    require(batch.Delete(store_.handle(family), slice(key)));
  }
  void clear() override { batch.Clear(); }
  std::size_t bytes() const override { return batch.GetDataSize(); }
  bool empty() const override { return batch.Count() == 0; }

  rocksdb::WriteBatch batch;

 private:
  static void require(const rocksdb::Status& status) { ORDERLY_ASSERT(status.ok()); }

  const RocksdbKeyValue& store_;
};

class RocksdbKeyValue::RocksWalk : public Walk {
 public:
  RocksWalk(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family, rocksdb::ReadOptions options, std::string from,
            std::string to, Order order)
      : from_(std::move(from)), to_(std::move(to)), from_slice_(from_), to_slice_(to_), order_(order) {
    if (!from_.empty()) options.iterate_lower_bound = &from_slice_;
    if (!to_.empty()) options.iterate_upper_bound = &to_slice_;
    options.total_order_seek = true;  // a memtable of hashed keys has no order but this one
    iterator_.reset(db.NewIterator(options, family));
    order_ == Order::kAscending ? iterator_->SeekToFirst() : iterator_->SeekToLast();
    require_read(iterator_->status());
  }

  bool valid() const override { return iterator_->Valid(); }
  std::string_view key() const override { return view(iterator_->key()); }
  std::string_view value() const override { return view(iterator_->value()); }
  void next() override {
    order_ == Order::kAscending ? iterator_->Next() : iterator_->Prev();
    if (!iterator_->Valid()) require_read(iterator_->status());
  }

 private:
  std::string from_;
  std::string to_;
  rocksdb::Slice from_slice_;
  rocksdb::Slice to_slice_;
  Order order_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

class RocksdbKeyValue::Snapshot : public KeyValueReader {
 public:
  explicit Snapshot(const RocksdbKeyValue& store) : store_(store) { options_.snapshot = store.db_->GetSnapshot(); }
  ~Snapshot() override { store_.db_->ReleaseSnapshot(options_.snapshot); }

  bool get(Family family, std::string_view key, std::string& value) const override {
    return store_.get(options_, family, key, value);
  }
  std::vector<std::optional<std::string>> get_many(Family family, std::span<const std::string> keys) const override {
    return store_.get_many(options_, family, keys);
  }
  std::unique_ptr<Walk> walk(Family family, std::string from, std::string to, Order order) const override {
    return store_.walk(options_, family, std::move(from), std::move(to), order);
  }

 private:
  const RocksdbKeyValue& store_;
  rocksdb::ReadOptions options_;
};

std::unique_ptr<RocksdbKeyValue> RocksdbKeyValue::open(const RocksOptions& options) {
  auto store = std::unique_ptr<RocksdbKeyValue>(new RocksdbKeyValue);
  store->folder_ = options.folder;
  rocksdb::Env* const base = options.env != nullptr ? options.env : rocksdb::Env::Default();
  store->sync_watch_ = std::make_shared<SyncWatch>(base->GetFileSystem());
  store->env_ = rocksdb::NewCompositeEnv(store->sync_watch_);

  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status =
      rocksdb::DB::Open(database_options(store->env_.get()), options.folder, column_families(options), &handles, &db);
  if (!status.ok()) throw_not_opened(options.folder, status);
  store->db_.reset(db);
  ORDERLY_ASSERT(handles.size() == kFamilyCount);
  std::ranges::copy(handles, store->handles_.begin());
  return store;
}

RocksdbKeyValue::~RocksdbKeyValue() {
  if (db_ == nullptr) return;
  for (rocksdb::ColumnFamilyHandle* handle : handles_) db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  db_->Close().PermitUncheckedError();  // all that was acknowledged is in the log
}

bool RocksdbKeyValue::get(Family family, std::string_view key, std::string& value) const {
  return get(rocksdb::ReadOptions(), family, key, value);
}

bool RocksdbKeyValue::get(const rocksdb::ReadOptions& options, Family family, std::string_view key,
                          std::string& value) const {
  const rocksdb::Status status = db_->Get(options, handle(family), slice(key), &value);
  if (status.IsNotFound()) return false;
  require_read(status);
  return true;
}

std::vector<std::optional<std::string>> RocksdbKeyValue::get_many(Family family,
                                                                  std::span<const std::string> keys) const {
  return get_many(rocksdb::ReadOptions(), family, keys);
}

std::vector<std::optional<std::string>> RocksdbKeyValue::get_many(const rocksdb::ReadOptions& options, Family family,
                                                                  std::span<const std::string> keys) const {
  const std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
  std::vector<rocksdb::PinnableSlice> found(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  db_->MultiGet(options, handle(family), slices.size(), slices.data(), found.data(), statuses.data());
  std::vector<std::optional<std::string>> values(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (statuses[i].IsNotFound()) continue;
    require_read(statuses[i]);
    values[i] = found[i].ToString();
  }
  return values;
}

std::unique_ptr<Walk> RocksdbKeyValue::walk(Family family, std::string from, std::string to, Order order) const {
  return walk(rocksdb::ReadOptions(), family, std::move(from), std::move(to), order);
}

std::unique_ptr<Walk> RocksdbKeyValue::walk(const rocksdb::ReadOptions& options, Family family, std::string from,
                                            std::string to, Order order) const {
  return std::make_unique<RocksWalk>(*db_, handle(family), options, std::move(from), std::move(to), order);
}

std::unique_ptr<Batch> RocksdbKeyValue::make_batch() const { return std::make_unique<RocksBatch>(*this); }

// Whether a write may be tried. RocksDB must never meet a full disk: a log record that was half written when the space
// ran out cannot be taken back, and RocksDB 7.8 that resumes behind one may leave a folder that does not open.
bool RocksdbKeyValue::has_space() const {
  std::uint64_t free_bytes = 0;
  const rocksdb::IOStatus status =
      env_->GetFileSystem()->GetFreeSpace(folder_, rocksdb::IOOptions(), &free_bytes, nullptr);
  return !status.ok() || free_bytes >= kFreeBytesMin;
}

void RocksdbKeyValue::write(Batch& batch) {
  if (!has_space()) {
    throw Error(ErrorCode::kUnavailable, "store-full", "The disk is full; nothing was changed.");
  }
  rocksdb::WriteOptions options;
  options.sync = true;
  const rocksdb::Status status = db_->Write(options, &static_cast<RocksBatch&>(batch).batch);
  if (sync_watch_->has_failed()) throw StoreFailure(*sync_watch_->failure());
  if (status.ok()) return;
  throw StoreFailure("write: " + status.ToString());
}

// First all that is in the log only, so that the log's files are given up, then every level. A file of blobs is
// rewritten whole when compaction meets it.
void RocksdbKeyValue::compact() {
  const auto require = [](const rocksdb::Status& status) {
    if (status.ok()) return;
    throw Error(ErrorCode::kUnavailable, "store-unwritable", "The store could not be rewritten.", status.ToString());
  };
  require(db_->Flush(rocksdb::FlushOptions(), {handles_.begin(), handles_.end()}));
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  options.blob_garbage_collection_policy = rocksdb::BlobGarbageCollectionPolicy::kForce;
  options.blob_garbage_collection_age_cutoff = 1.0;
  for (rocksdb::ColumnFamilyHandle* family : handles_) require(db_->CompactRange(options, family, nullptr, nullptr));
}

std::unique_ptr<KeyValueReader> RocksdbKeyValue::snapshot() const { return std::make_unique<Snapshot>(*this); }

}  // namespace orderly::embedded
