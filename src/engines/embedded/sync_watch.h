// A file system that passes everything on and notices when a sync fails.
//
// After a failed fsync Linux counts the pages as clean, so that the next one succeeds although nothing was written
// (fsyncgate). RocksDB reports a failed sync like any other error of a write; here it must be told apart, since it is
// the one after which nothing can be promised any more.
#pragma once

#include <rocksdb/file_system.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace orderly::embedded {

// Thread-safe.
class SyncWatch : public rocksdb::FileSystemWrapper {
 public:
  explicit SyncWatch(const std::shared_ptr<rocksdb::FileSystem>& target) : FileSystemWrapper(target) {}

  bool has_failed() const { return has_failed_.load(std::memory_order_acquire); }
  // What failed first: the file and the reason.
  std::optional<std::string> failure() const;
  rocksdb::IOStatus note(const std::string& path, rocksdb::IOStatus status);

  const char* Name() const override { return "SyncWatch"; }
  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* result,
                                       rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* result,
                                 rocksdb::IODebugContext* debug) override;

 private:
  std::atomic<bool> has_failed_ = false;
  mutable std::mutex mutex_;
  std::optional<std::string> failure_;
};

}  // namespace orderly::embedded
