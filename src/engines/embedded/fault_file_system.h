// A file system for tests whose disk runs full, whose syncs fail, or whose syncs take as long as one likes.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace orderly::embedded {

class FaultFileSystem : public rocksdb::FileSystemWrapper {
 public:
  FaultFileSystem() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}

  std::atomic<bool> is_full = false;
  std::atomic<bool> hides_that_it_is_full = false;  // as when others fill the disk between a look and a write
  std::atomic<bool> sync_fails = false;
  std::atomic<std::size_t> syncs = 0;
  // Called in each sync of a log, before it happens.
  void set_before_sync(std::function<void()> before_sync) {
    const std::lock_guard lock(mutex_);
    before_sync_ = std::move(before_sync);
  }

  const char* Name() const override { return "FaultFileSystem"; }
  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override {
    if (is_full) return rocksdb::IOStatus::NoSpace("planted");
    std::unique_ptr<rocksdb::FSWritableFile> file;
    rocksdb::IOStatus status = target()->NewWritableFile(path, options, &file, debug);
    if (status.ok()) *result = std::make_unique<File>(std::move(file), *this, path.ends_with(".log"));
    return status;
  }

  rocksdb::IOStatus GetFreeSpace(const std::string& path, const rocksdb::IOOptions& options, std::uint64_t* bytes,
                                 rocksdb::IODebugContext* debug) override {
    if (!is_full || hides_that_it_is_full) return target()->GetFreeSpace(path, options, bytes, debug);
    *bytes = 0;
    return rocksdb::IOStatus::OK();
  }

 private:
  class File : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    File(std::unique_ptr<rocksdb::FSWritableFile> target, FaultFileSystem& system, bool is_log)
        : FSWritableFileOwnerWrapper(std::move(target)), system_(system), is_log_(is_log) {}

    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
      if (!system_.is_full) return FSWritableFileOwnerWrapper::Append(data, options, debug);
      // A short write, as the kernel makes it.
      const rocksdb::Slice half(data.data(), data.size() / 2);
      FSWritableFileOwnerWrapper::Append(half, options, debug).PermitUncheckedError();
      return rocksdb::IOStatus::NoSpace("planted");
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo&, rocksdb::IODebugContext* debug) override {
      return Append(data, options, debug);
    }
    rocksdb::IOStatus Sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
      ++system_.syncs;
      if (is_log_) system_.before_sync();
      if (system_.sync_fails) return rocksdb::IOStatus::IOError("planted");
      return FSWritableFileOwnerWrapper::Sync(options, debug);
    }

   private:
    FaultFileSystem& system_;
    bool is_log_;
  };

  void before_sync() {
    std::function<void()> call;
    {
      const std::lock_guard lock(mutex_);
      call = before_sync_;
    }
    if (call) call();
  }

  std::mutex mutex_;
  std::function<void()> before_sync_;
};

}  // namespace orderly::embedded
