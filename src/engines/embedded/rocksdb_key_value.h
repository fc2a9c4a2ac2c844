// RocksDB as the KeyValue: a column family for each Family, one log that is synced with every batch.
//
// What makes an acknowledged write survive: WriteOptions::sync, and the order in which RocksDB 7.8 works with its
// default write path (no pipelining, one queue): append to the log, sync the log, insert into the memtable, publish the
// sequence number. So a reader sees a batch only after its sync (rocksdb_key_value_test.cpp holds a sync back and
// looks).
//
// The log is recovered to the point in time of its last whole record. What was synced lies in front of what was not, so
// a torn or garbled tail, of which nothing was acknowledged, is cut off and the folder opens; the stricter mode
// kTolerateCorruptedTailRecords refuses a tail whose length is right and whose sectors are not.
#pragma once

#include <rocksdb/db.h>

#include <array>
#include <functional>
#include <memory>
#include <string>

#include "engines/embedded/key_value.h"
#include "engines/embedded/sync_watch.h"
#include "ports/clock.h"

namespace orderly::embedded {

struct RocksOptions {
  std::string folder;
  std::size_t cache_bytes = std::size_t{64} << 20;
  std::size_t write_buffer_bytes = std::size_t{32} << 20;  // of the records; the other families have less
  rocksdb::Env* env = nullptr;                             // for tests; not owned
  const ports::Clock* clock = nullptr;  // by which transient records are over; null: they stay. Not owned; thread-safe
};

class RocksdbKeyValue : public KeyValue {
 public:
  // Makes the folder's database when there is none. Throws Error(kUnavailable): "data-folder-in-use" when another
  // process, or another instance in this one, has it open; "data-folder-unusable" for all else.
  static std::unique_ptr<RocksdbKeyValue> open(const RocksOptions& options);
  ~RocksdbKeyValue() override;

  bool get(Family family, std::string_view key, std::string& value) const override;
  std::vector<std::optional<std::string>> get_many(Family family, std::span<const std::string> keys) const override;
  std::unique_ptr<Walk> walk(Family family, std::string from, std::string to, Order order) const override;
  std::unique_ptr<Batch> make_batch() const override;
  void write(Batch& batch) override;
  std::unique_ptr<KeyValueReader> snapshot() const override;

  // Rewrites every file, so that nothing is left of what was removed or replaced. Blocking. Throws Error(kUnavailable,
  // "store-unwritable").
  void compact();

  // The file system that the database is on.
  rocksdb::Env& env() const { return *env_; }

 private:
  class RocksBatch;
  class RocksWalk;
  class Snapshot;

  RocksdbKeyValue() = default;
  bool has_space() const;
  rocksdb::ColumnFamilyHandle* handle(Family family) const { return handles_[static_cast<std::size_t>(family)]; }
  bool get(const rocksdb::ReadOptions& options, Family family, std::string_view key, std::string& value) const;
  std::vector<std::optional<std::string>> get_many(const rocksdb::ReadOptions& options, Family family,
                                                   std::span<const std::string> keys) const;
  std::unique_ptr<Walk> walk(const rocksdb::ReadOptions& options, Family family, std::string from, std::string to,
                             Order order) const;

  std::string folder_;
  std::shared_ptr<SyncWatch> sync_watch_;
  std::unique_ptr<rocksdb::Env> env_;
  std::unique_ptr<rocksdb::DB> db_;
  std::array<rocksdb::ColumnFamilyHandle*, kFamilyCount> handles_{};
};

}  // namespace orderly::embedded
