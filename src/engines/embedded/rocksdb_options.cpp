#include "engines/embedded/rocksdb_options.h"

#include <rocksdb/cache.h>
#include <rocksdb/compaction_filter.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/memtablerep.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/table_properties_collectors.h>

#include <string>

#include "base/error.h"
#include "engines/embedded/encoding.h"

namespace orderly::embedded {
namespace {

constexpr std::size_t kMegabyte = std::size_t{1} << 20;
constexpr int kBloomBitsPerKey = 10;
constexpr int kUncompressedLevels = 2;
// Bounds what is replayed at the next start.
constexpr std::size_t kLogBytesMax = 96 * kMegabyte;
// Of the keys that begin with the same byte (one kind of record, one index, one queue, the feed) the next one to be
// inserted often follows the last one. A longer prefix makes more hints than it saves comparisons.
constexpr std::size_t kInsertHintPrefixBytes = 1;
// Of transient records, whose keys go on with a hash: "!ANSWER#" and 18 bits of it, by which the memtable finds a key's
// place without a search.
constexpr std::size_t kTransientPrefixBytes = 11;
constexpr std::size_t kTransientBuckets = std::size_t{1} << 16;
constexpr int kTransientBucketLogged = 4096;  // entries in one bucket before RocksDB says so
// Twice the usual number before they are merged: a third less work for the same writes, for a few more filters to ask.
constexpr int kFilesBeforeCompaction = 8;
constexpr int kFilesBeforeSlowdown = 28;
constexpr int kFilesBeforeStop = 44;
// So that what is over goes, however little is written after it.
constexpr std::uint64_t kTransientRewrittenSeconds = 7 * 24 * 60 * 60;

std::string name_of(Family family) {
  switch (family) {
    case Family::kMeta: return "default";  // RocksDB wants one of this name
    case Family::kRecords: return "records";
    case Family::kIndexes: return "indexes";
    case Family::kExpiry: return "expiry";
    case Family::kFeed: return "feed";
    case Family::kQueue: return "queue";
    case Family::kDeadLetters: return "dead_letters";
    case Family::kBlobs: return "blobs";
    case Family::kTransient: return "transient";
  }
  return "default";
}

// A compaction that found the disk full may go on when there is space. Everything else ends the process: RocksDB must
// not resume behind a half-written log.
class RecoveryOfCompactionsOnly : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason reason, rocksdb::Status, bool* auto_recovery) override {
    *auto_recovery = reason == rocksdb::BackgroundErrorReason::kCompaction;
  }
};

// Drops the transient records that are over when their file is rewritten anyway. Nobody can tell: one that is over
// counts as absent.
class TransientFilter : public rocksdb::CompactionFilter {
 public:
  explicit TransientFilter(Time now) : now_(now) {}

  const char* Name() const override { return "orderly.transient"; }
  bool Filter(int, const rocksdb::Slice&, const rocksdb::Slice& value, std::string*, bool*) const override {
    try {
      return parse_record_value({value.data(), value.size()}).expired(now_);
    } catch (const Error&) {
      return false;  // what is broken is for `orderly check` to find
    }
  }

 private:
  const Time now_;
};

class TransientFilterFactory : public rocksdb::CompactionFilterFactory {
 public:
  explicit TransientFilterFactory(const ports::Clock& clock) : clock_(clock) {}

  const char* Name() const override { return "orderly.transient"; }
  std::unique_ptr<rocksdb::CompactionFilter> CreateCompactionFilter(
      const rocksdb::CompactionFilter::Context&) override {
    return std::make_unique<TransientFilter>(clock_.now());
  }

 private:
  const ports::Clock& clock_;
};

rocksdb::BlockBasedTableOptions table_options(const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.format_version = 5;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));
  table.whole_key_filtering = true;
  // Filters and indexes count as cache, in parts, so that memory stays bounded however many orders there are.
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = true;
  table.optimize_filters_for_memory = true;
  return table;
}

// Nearly every look into the transient records finds nothing and asks the filter of each file on its way: in one part,
// a filter is one look into the cache instead of two, and those of the newest files stay where they are.
rocksdb::BlockBasedTableOptions transient_table_options(const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table = table_options(cache);
  table.index_type = rocksdb::BlockBasedTableOptions::kBinarySearch;
  table.partition_filters = false;
  return table;
}

rocksdb::ColumnFamilyOptions family_options(const std::shared_ptr<rocksdb::Cache>& cache,
                                            std::size_t write_buffer_bytes) {
  rocksdb::ColumnFamilyOptions options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table_options(cache)));
  options.write_buffer_size = write_buffer_bytes;
  options.max_write_buffer_number = 3;
  options.level0_file_num_compaction_trigger = kFilesBeforeCompaction;
  options.level0_slowdown_writes_trigger = kFilesBeforeSlowdown;
  options.level0_stop_writes_trigger = kFilesBeforeStop;
  options.max_bytes_for_level_base = 8 * write_buffer_bytes;
  options.target_file_size_base = std::max(write_buffer_bytes, 16 * kMegabyte);
  options.compression_per_level.assign(static_cast<std::size_t>(options.num_levels), rocksdb::kLZ4Compression);
  for (std::size_t level = 0; level < kUncompressedLevels; ++level) {
    options.compression_per_level[level] = rocksdb::kNoCompression;
  }
  options.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewCappedPrefixTransform(kInsertHintPrefixBytes));
  return options;
}

rocksdb::ColumnFamilyOptions options_of(Family family, const RocksOptions& given,
                                        const std::shared_ptr<rocksdb::Cache>& cache) {
  const std::size_t large = given.write_buffer_bytes;
  switch (family) {
    case Family::kRecords: {
      rocksdb::ColumnFamilyOptions options = family_options(cache, large);
      // "Is this id new?" is asked for every record, and the answer is nearly always yes.
      options.memtable_prefix_bloom_size_ratio = 0.02;
      options.memtable_whole_key_filtering = true;
      return options;
    }
    case Family::kBlobs: {
      rocksdb::ColumnFamilyOptions options = family_options(cache, large);
      options.enable_blob_files = true;
      options.min_blob_size = 1024;
      options.blob_file_size = 64 * kMegabyte;
      options.memtable_prefix_bloom_size_ratio = 0.02;
      options.memtable_whole_key_filtering = true;
      return options;
    }
    case Family::kTransient: {
      // Keys in no order: in a hash table each finds its place at once, where a search through a skip list would take
      // longer than all else that a kept answer costs. It is sorted when it is written to a file, by another thread.
      rocksdb::ColumnFamilyOptions options = family_options(cache, large / 4);
      options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(transient_table_options(cache)));
      options.memtable_prefix_bloom_size_ratio = 0.02;
      options.memtable_whole_key_filtering = true;
      options.memtable_insert_with_hint_prefix_extractor.reset();
      options.prefix_extractor.reset(rocksdb::NewCappedPrefixTransform(kTransientPrefixBytes));
      options.memtable_factory.reset(
          rocksdb::NewHashLinkListRepFactory(kTransientBuckets, 0, kTransientBucketLogged, false));
      options.periodic_compaction_seconds = kTransientRewrittenSeconds;
      if (given.clock != nullptr) {
        options.compaction_filter_factory = std::make_shared<TransientFilterFactory>(*given.clock);
      }
      return options;
    }
    case Family::kQueue:
    case Family::kExpiry: {
      // Entries live shortly: a file that is mostly removals is compacted soon, or walks would step over them all.
      rocksdb::ColumnFamilyOptions options = family_options(cache, large / 4);
      options.table_properties_collector_factories.push_back(
          rocksdb::NewCompactOnDeletionCollectorFactory(4096, 2048, 0.5));
      return options;
    }
    case Family::kIndexes: return family_options(cache, large / 2);
    case Family::kFeed:
    case Family::kMeta:
    case Family::kDeadLetters: return family_options(cache, large / 4);
  }
  return {};
}

}  // namespace

rocksdb::DBOptions database_options(rocksdb::Env* env) {
  rocksdb::DBOptions options;
  options.env = env;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.paranoid_checks = true;
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  options.max_total_wal_size = kLogBytesMax;
  options.max_background_jobs = 2;
  options.max_open_files = 512;  // the usual limit is 1,024, and connections need some too
  options.bytes_per_sync = kMegabyte;
  // There is one writer, so memtables need no concurrent inserts and can use the hint of where the last one went.
  options.allow_concurrent_memtable_write = false;
  options.enable_write_thread_adaptive_yield = false;
  options.skip_stats_update_on_db_open = true;
  options.avoid_unnecessary_blocking_io = true;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  options.max_log_file_size = 4 * kMegabyte;
  options.keep_log_file_num = 4;
  options.listeners.push_back(std::make_shared<RecoveryOfCompactionsOnly>());
  return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> column_families(const RocksOptions& options) {
  const std::shared_ptr<rocksdb::Cache> cache = rocksdb::NewLRUCache(options.cache_bytes);
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (std::size_t i = 0; i < kFamilyCount; ++i) {
    const auto family = static_cast<Family>(i);
    descriptors.emplace_back(name_of(family), options_of(family, options, cache));
  }
  return descriptors;
}

}  // namespace orderly::embedded
