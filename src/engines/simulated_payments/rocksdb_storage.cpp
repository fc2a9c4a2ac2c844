#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include "base/error.h"
#include "engines/simulated_payments/ledger_storage.h"

namespace orderly::simulated {
namespace {

constexpr std::size_t kMegabyte = 1024 * 1024;
constexpr std::size_t kWriteBufferBytes = 2 * kMegabyte;
constexpr std::size_t kBlockCacheBytes = 4 * kMegabyte;
constexpr int kOpenFilesMax = 64;  // each keeps its reader in memory
constexpr int kBitsPerKey = 10;    // a key that is not there costs a read in a hundred times

void require(const rocksdb::Status& status, const char* what) {
  if (status.ok()) return;
  throw Error(ErrorCode::kUnavailable, "payment-provider-unavailable", "The payment provider is not available.",
              std::string(what) + ": " + status.ToString());
}

rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }
std::string_view view(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

rocksdb::Options small_options() {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(kBlockCacheBytes);
  // Indexes and filters count in the cache, so that they do not grow with the records, and are cut into small blocks,
  // since a filter in one piece would be larger than the cache's shards and read anew for each key.
  table.cache_index_and_filter_blocks = true;
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = true;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBitsPerKey, false));

  rocksdb::Options options;
  options.create_if_missing = true;
  options.write_buffer_size = kWriteBufferBytes;
  options.max_write_buffer_number = 2;
  options.max_open_files = kOpenFilesMax;
  options.keep_log_file_num = 2;
  options.info_log_level = rocksdb::WARN_LEVEL;
  options.stats_dump_period_sec = 0;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

class RocksdbStorage final : public LedgerStorage {
 public:
  explicit RocksdbStorage(const std::filesystem::path& folder) {
    std::error_code failure;
    std::filesystem::create_directories(folder, failure);
    rocksdb::DB* database = nullptr;
    require(rocksdb::DB::Open(small_options(), folder.string(), &database), "opening the provider's ledger");
    database_.reset(database);
  }

  std::optional<std::string> get(std::string_view key) const override {
    std::string value;
    const rocksdb::Status status = database_->Get({}, slice(key), &value);
    if (status.IsNotFound()) return std::nullopt;
    require(status, "reading the provider's ledger");
    return value;
  }

  void put(std::span<const LedgerWrite> writes) override {
    rocksdb::WriteBatch batch;
    for (const LedgerWrite& write : writes) require(batch.Put(slice(write.key), slice(write.value)), "a ledger write");
    rocksdb::WriteOptions options;
    options.sync = false;  // the write-ahead log is handed to the operating system: enough for kill -9
    require(database_->Write(options, &batch), "writing the provider's ledger");
  }

  void for_each(std::string_view prefix,
                const std::function<void(std::string_view, std::string_view)>& visit) const override {
    const std::unique_ptr<rocksdb::Iterator> at(database_->NewIterator({}));
    for (at->Seek(slice(prefix)); at->Valid() && view(at->key()).starts_with(prefix); at->Next()) {
      visit(view(at->key()), view(at->value()));
    }
    require(at->status(), "reading the provider's ledger");
  }

 private:
  std::unique_ptr<rocksdb::DB> database_;
};

}  // namespace

std::unique_ptr<LedgerStorage> open_rocksdb_storage(const std::filesystem::path& folder) {
  return std::make_unique<RocksdbStorage>(folder);
}

}  // namespace orderly::simulated
