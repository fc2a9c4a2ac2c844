#include "engines/embedded/sync_watch.h"

namespace orderly::embedded {
namespace {

class WatchedFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  WatchedFile(std::unique_ptr<rocksdb::FSWritableFile> target, SyncWatch& watch, std::string path)
      : FSWritableFileOwnerWrapper(std::move(target)), watch_(watch), path_(std::move(path)) {}

  rocksdb::IOStatus Sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    return watch_.note(path_, FSWritableFileOwnerWrapper::Sync(options, debug));
  }
  rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    return watch_.note(path_, FSWritableFileOwnerWrapper::Fsync(options, debug));
  }

 private:
  SyncWatch& watch_;
  std::string path_;
};

class WatchedDirectory : public rocksdb::FSDirectoryWrapper {
 public:
  WatchedDirectory(std::unique_ptr<rocksdb::FSDirectory> target, SyncWatch& watch, std::string path)
      : FSDirectoryWrapper(std::move(target)), watch_(watch), path_(std::move(path)) {}

  rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    return watch_.note(path_, FSDirectoryWrapper::Fsync(options, debug));
  }
  rocksdb::IOStatus FsyncWithDirOptions(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug,
                                        const rocksdb::DirFsyncOptions& directory_options) override {
    return watch_.note(path_, FSDirectoryWrapper::FsyncWithDirOptions(options, debug, directory_options));
  }

 private:
  SyncWatch& watch_;
  std::string path_;
};

}  // namespace

std::optional<std::string> SyncWatch::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

rocksdb::IOStatus SyncWatch::note(const std::string& path, rocksdb::IOStatus status) {
  if (!status.ok() && !status.IsNotSupported()) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = "sync of " + path + ": " + status.ToString();
    has_failed_.store(true, std::memory_order_release);
  }
  return status;
}

rocksdb::IOStatus SyncWatch::NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                             std::unique_ptr<rocksdb::FSWritableFile>* result,
                                             rocksdb::IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSWritableFile> file;
  rocksdb::IOStatus status = target()->NewWritableFile(path, options, &file, debug);
  if (status.ok()) *result = std::make_unique<WatchedFile>(std::move(file), *this, path);
  return status;
}

rocksdb::IOStatus SyncWatch::ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                                std::unique_ptr<rocksdb::FSWritableFile>* result,
                                                rocksdb::IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSWritableFile> file;
  rocksdb::IOStatus status = target()->ReopenWritableFile(path, options, &file, debug);
  if (status.ok()) *result = std::make_unique<WatchedFile>(std::move(file), *this, path);
  return status;
}

rocksdb::IOStatus SyncWatch::NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                          std::unique_ptr<rocksdb::FSDirectory>* result,
                                          rocksdb::IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSDirectory> directory;
  rocksdb::IOStatus status = target()->NewDirectory(path, options, &directory, debug);
  if (status.ok()) *result = std::make_unique<WatchedDirectory>(std::move(directory), *this, path);
  return status;
}

}  // namespace orderly::embedded
