#include "tests/power_loss/simulated_disk.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"

namespace orderly::power_loss {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

namespace {

constexpr std::uint64_t kFreeBytes = std::uint64_t{1} << 40;

// RocksDB writes "/db//CURRENT" and "/db/" at times.
std::string normalised(const std::string& path) {
  std::string result;
  for (const char c : path) {
    if (c != '/' || result.empty() || result.back() != '/') result.push_back(c);
  }
  if (result.size() > 1 && result.back() == '/') result.pop_back();
  return result.starts_with('/') ? result : "/" + result;
}

IOStatus not_found(const std::string& path) { return IOStatus::PathNotFound("no such file or directory", path); }

class SilentLogger : public rocksdb::Logger {
 public:
  using Logger::Logv;
  void Logv(const char*, va_list) override {}
  std::size_t GetLogFileSize() const override { return 0; }  // asked for where the size of logs is limited
};

}  // namespace

// --- Handles
// ----------------------------------------------------------------------------------------------------------

class SimulatedDisk::ReadHandle : public rocksdb::FSRandomAccessFile {
 public:
  ReadHandle(SimulatedDisk& disk, FileId file) : disk_(disk), file_(file) {}

  IOStatus Read(std::uint64_t offset, std::size_t count, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) const override {
    *result = Slice(scratch, disk_.read(file_, offset, count, scratch));
    return IOStatus::OK();
  }

 private:
  SimulatedDisk& disk_;
  const FileId file_;
};

class SimulatedDisk::SequentialHandle : public rocksdb::FSSequentialFile {
 public:
  SequentialHandle(SimulatedDisk& disk, FileId file) : disk_(disk), file_(file) {}

  IOStatus Read(std::size_t count, const IOOptions&, Slice* result, char* scratch, IODebugContext*) override {
    *result = Slice(scratch, disk_.read(file_, offset_, count, scratch));
    offset_ += result->size();
    return IOStatus::OK();
  }
  IOStatus Skip(std::uint64_t count) override {
    offset_ = std::min(offset_ + count, disk_.size(file_));
    return IOStatus::OK();
  }

 private:
  SimulatedDisk& disk_;
  const FileId file_;
  std::uint64_t offset_ = 0;
};

class SimulatedDisk::WriteHandle : public rocksdb::FSWritableFile {
 public:
  WriteHandle(SimulatedDisk& disk, FileId file) : disk_(disk), file_(file) {}

  using FSWritableFile::Append;
  IOStatus Append(const Slice& data, const IOOptions&, IODebugContext*) override {
    return disk_.append(file_, {data.data(), data.size()});
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions&, IODebugContext*) override {
    return disk_.truncate(file_, size);
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return disk_.sync_file(file_); }
  IOStatus RangeSync(std::uint64_t, std::uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }
  bool IsSyncThreadSafe() const override { return true; }
  std::uint64_t GetFileSize(const IOOptions&, IODebugContext*) override { return disk_.size(file_); }

 private:
  SimulatedDisk& disk_;
  const FileId file_;
};

class SimulatedDisk::DirectoryHandle : public rocksdb::FSDirectory {
 public:
  DirectoryHandle(SimulatedDisk& disk, std::string path) : disk_(disk), path_(std::move(path)) {}

  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return disk_.sync_directory(path_); }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }

 private:
  SimulatedDisk& disk_;
  const std::string path_;
};

class SimulatedDisk::Lock : public rocksdb::FileLock {
 public:
  explicit Lock(std::string path) : path_(std::move(path)) {}
  const std::string& path() const { return path_; }

 private:
  const std::string path_;
};

// --- The disk
// ---------------------------------------------------------------------------------------------------------

std::shared_ptr<SimulatedDisk> SimulatedDisk::make(DiskRules rules) {
  return std::make_shared<SimulatedDisk>(DiskState(std::move(rules)));
}

SimulatedDisk::SimulatedDisk(DiskState start) : start_(std::move(start)), state_(start_), next_file_(1) {
  for (const auto& [path, file] : start_.names()) next_file_ = std::max(next_file_, file + 1);
}

std::uint64_t SimulatedDisk::position() const {
  const std::lock_guard lock(mutex_);
  return journal_.size();
}

Recording SimulatedDisk::recording() const {
  const std::lock_guard lock(mutex_);
  return {start_, journal_};
}

void SimulatedDisk::ignore_syncs(bool ignore) {
  const std::lock_guard lock(mutex_);
  ignores_syncs_ = ignore;
}

void SimulatedDisk::fail_from(FaultKind kind, std::uint64_t count, IOStatus status, std::uint64_t times,
                              PartialWrite partial) {
  const std::lock_guard lock(mutex_);
  fault(kind) = {count, times, std::move(status), partial};
}

void SimulatedDisk::hide_lack_of_space() {
  const std::lock_guard lock(mutex_);
  hides_lack_of_space_ = true;
}

void SimulatedDisk::heal() {
  const std::lock_guard lock(mutex_);
  write_fault_ = {};
  sync_fault_ = {};
}

std::uint64_t SimulatedDisk::faults_fired() const {
  const std::lock_guard lock(mutex_);
  return faults_fired_;
}

void SimulatedDisk::record(Operation operation) {
  state_.apply(operation);
  journal_.push_back(std::move(operation));
}

IOStatus SimulatedDisk::next_fault(FaultKind kind) {
  Fault& next = fault(kind);
  if (next.times == 0) return IOStatus::OK();
  if (next.count > 0) {
    --next.count;
    return IOStatus::OK();
  }
  if (next.times != kForever) --next.times;
  ++faults_fired_;
  return next.status;
}

const FileId* SimulatedDisk::find(const std::string& path) const {
  const auto found = state_.names().find(path);
  return found == state_.names().end() ? nullptr : &found->second;
}

bool SimulatedDisk::is_directory(const std::string& path) const {
  const FileId* found = find(path);
  return found != nullptr && *found == kDirectoryId;
}

IOStatus SimulatedDisk::find_file(const std::string& path, FileId* file) const {
  const FileId* found = find(path);
  if (found == nullptr) return not_found(path);
  if (*found == kDirectoryId) return IOStatus::IOError("is a directory", path);
  *file = *found;
  return IOStatus::OK();
}

IOStatus SimulatedDisk::append(FileId file, std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  const IOStatus status = next_fault(FaultKind::kWrite);
  if (!status.ok()) bytes = bytes.substr(0, write_fault_.partial == PartialWrite::kHalf ? bytes.size() / 2 : 0);
  if (!bytes.empty()) {
    record({.kind = Operation::Kind::kWrite,
            .file = file,
            .offset = state_.content(file).size(),
            .bytes = std::string(bytes)});
  }
  return status;
}

IOStatus SimulatedDisk::truncate(FileId file, std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t old_size = state_.content(file).size();
  if (size == old_size) return IOStatus::OK();
  if (size > old_size) {
    if (IOStatus status = next_fault(FaultKind::kWrite); !status.ok()) return status;
  }
  record({.kind = Operation::Kind::kTruncate, .file = file, .offset = size});
  return IOStatus::OK();
}

IOStatus SimulatedDisk::sync_file(FileId file) {
  const std::lock_guard lock(mutex_);
  if (ignores_syncs_) return IOStatus::OK();
  IOStatus status = next_fault(FaultKind::kSync);
  record({.kind = status.ok() ? Operation::Kind::kSyncFile : Operation::Kind::kFailSyncFile, .file = file});
  return status;
}

IOStatus SimulatedDisk::sync_directory(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (ignores_syncs_) return IOStatus::OK();
  if (IOStatus status = next_fault(FaultKind::kSync); !status.ok()) return status;
  record({.kind = Operation::Kind::kSyncDirectory, .path = path});
  return IOStatus::OK();
}

std::size_t SimulatedDisk::read(FileId file, std::uint64_t offset, std::size_t count, char* out) const {
  const std::lock_guard lock(mutex_);
  const std::string& content = state_.content(file);
  if (offset >= content.size()) return 0;
  const std::size_t given = std::min<std::size_t>(count, content.size() - offset);
  std::memcpy(out, content.data() + offset, given);
  return given;
}

std::uint64_t SimulatedDisk::size(FileId file) const {
  const std::lock_guard lock(mutex_);
  return state_.content(file).size();
}

// --- rocksdb::FileSystem
// ----------------------------------------------------------------------------------------------

IOStatus SimulatedDisk::NewSequentialFile(const std::string& path, const FileOptions&,
                                          std::unique_ptr<rocksdb::FSSequentialFile>* result, IODebugContext*) {
  const std::lock_guard lock(mutex_);
  FileId file = 0;
  IOStatus status = find_file(normalised(path), &file);
  if (status.ok()) *result = std::make_unique<SequentialHandle>(*this, file);
  return status;
}

IOStatus SimulatedDisk::NewRandomAccessFile(const std::string& path, const FileOptions&,
                                            std::unique_ptr<rocksdb::FSRandomAccessFile>* result, IODebugContext*) {
  const std::lock_guard lock(mutex_);
  FileId file = 0;
  IOStatus status = find_file(normalised(path), &file);
  if (status.ok()) *result = std::make_unique<ReadHandle>(*this, file);
  return status;
}

IOStatus SimulatedDisk::open_for_writing(const std::string& path, bool truncate,
                                         std::unique_ptr<rocksdb::FSWritableFile>* result) {
  const std::lock_guard lock(mutex_);
  if (!is_directory(parent_of(path))) return not_found(parent_of(path));
  FileId file = 0;
  if (find(path) == nullptr) {
    if (IOStatus status = next_fault(FaultKind::kWrite); !status.ok()) return status;
    file = next_file_++;
    record({.kind = Operation::Kind::kCreate, .file = file, .path = path});
  } else {
    if (IOStatus status = find_file(path, &file); !status.ok()) return status;
    if (truncate && !state_.content(file).empty()) record({.kind = Operation::Kind::kTruncate, .file = file});
  }
  *result = std::make_unique<WriteHandle>(*this, file);
  return IOStatus::OK();
}

IOStatus SimulatedDisk::NewWritableFile(const std::string& path, const FileOptions&,
                                        std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext*) {
  return open_for_writing(normalised(path), true, result);
}

IOStatus SimulatedDisk::ReopenWritableFile(const std::string& path, const FileOptions&,
                                           std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext*) {
  return open_for_writing(normalised(path), false, result);
}

IOStatus SimulatedDisk::NewDirectory(const std::string& path, const IOOptions&,
                                     std::unique_ptr<rocksdb::FSDirectory>* result, IODebugContext*) {
  const std::lock_guard lock(mutex_);
  const std::string name = normalised(path);
  if (!is_directory(name)) return not_found(name);
  *result = std::make_unique<DirectoryHandle>(*this, name);
  return IOStatus::OK();
}

IOStatus SimulatedDisk::FileExists(const std::string& path, const IOOptions&, IODebugContext*) {
  const std::lock_guard lock(mutex_);
  return find(normalised(path)) != nullptr ? IOStatus::OK() : IOStatus::NotFound(path);
}

IOStatus SimulatedDisk::GetChildren(const std::string& path, const IOOptions&, std::vector<std::string>* result,
                                    IODebugContext*) {
  const std::lock_guard lock(mutex_);
  const std::string name = normalised(path);
  result->clear();
  if (!is_directory(name)) return not_found(name);
  for (const auto& [child, file] : state_.names()) {
    if (child != "/" && parent_of(child) == name) result->push_back(child.substr(child.rfind('/') + 1));
  }
  return IOStatus::OK();
}

IOStatus SimulatedDisk::DeleteFile(const std::string& path, const IOOptions&, IODebugContext*) {
  const std::lock_guard lock(mutex_);
  FileId file = 0;
  const std::string name = normalised(path);
  if (IOStatus status = find_file(name, &file); !status.ok()) return status;
  record({.kind = Operation::Kind::kRemove, .file = file, .path = name});
  return IOStatus::OK();
}

IOStatus SimulatedDisk::Truncate(const std::string& path, std::size_t size, const IOOptions&, IODebugContext*) {
  FileId file = 0;
  {
    const std::lock_guard lock(mutex_);
    if (IOStatus status = find_file(normalised(path), &file); !status.ok()) return status;
  }
  return truncate(file, size);
}

IOStatus SimulatedDisk::make_directory(const std::string& path, bool may_exist) {
  const std::lock_guard lock(mutex_);
  if (find(path) != nullptr) {
    return may_exist && is_directory(path) ? IOStatus::OK() : IOStatus::IOError("exists already", path);
  }
  if (!is_directory(parent_of(path))) return not_found(parent_of(path));
  if (IOStatus status = next_fault(FaultKind::kWrite); !status.ok()) return status;
  record({.kind = Operation::Kind::kMakeDirectory, .path = path});
  return IOStatus::OK();
}

IOStatus SimulatedDisk::CreateDir(const std::string& path, const IOOptions&, IODebugContext*) {
  return make_directory(normalised(path), false);
}

IOStatus SimulatedDisk::CreateDirIfMissing(const std::string& path, const IOOptions&, IODebugContext*) {
  return make_directory(normalised(path), true);
}

IOStatus SimulatedDisk::DeleteDir(const std::string& path, const IOOptions&, IODebugContext*) {
  const std::lock_guard lock(mutex_);
  const std::string name = normalised(path);
  if (!is_directory(name)) return not_found(name);
  for (const auto& [child, file] : state_.names()) {
    if (child != name && parent_of(child) == name) return IOStatus::IOError("not empty", name);
  }
  record({.kind = Operation::Kind::kRemoveDirectory, .path = name});
  return IOStatus::OK();
}

IOStatus SimulatedDisk::GetFileSize(const std::string& path, const IOOptions&, std::uint64_t* size, IODebugContext*) {
  const std::lock_guard lock(mutex_);
  FileId file = 0;
  IOStatus status = find_file(normalised(path), &file);
  if (status.ok()) *size = state_.content(file).size();
  return status;
}

IOStatus SimulatedDisk::GetFileModificationTime(const std::string& path, const IOOptions&, std::uint64_t* time_s,
                                                IODebugContext*) {
  const std::lock_guard lock(mutex_);
  *time_s = 0;
  return find(normalised(path)) != nullptr ? IOStatus::OK() : not_found(path);
}

IOStatus SimulatedDisk::RenameFile(const std::string& from, const std::string& to, const IOOptions&, IODebugContext*) {
  const std::lock_guard lock(mutex_);
  FileId file = 0;
  const std::string source = normalised(from);
  const std::string target = normalised(to);
  if (is_directory(source) || is_directory(target)) return IOStatus::NotSupported("rename of a directory", from);
  if (IOStatus status = find_file(source, &file); !status.ok()) return status;
  if (!is_directory(parent_of(target))) return not_found(parent_of(target));
  if (IOStatus status = next_fault(FaultKind::kWrite); !status.ok()) return status;
  record({.kind = Operation::Kind::kRename, .file = file, .path = source, .target = target});
  return IOStatus::OK();
}

IOStatus SimulatedDisk::LinkFile(const std::string& from, const std::string& to, const IOOptions&, IODebugContext*) {
  const std::lock_guard lock(mutex_);
  FileId file = 0;
  const std::string source = normalised(from);
  const std::string target = normalised(to);
  if (IOStatus status = find_file(source, &file); !status.ok()) return status;
  if (find(target) != nullptr) return IOStatus::IOError("exists already", to);
  if (!is_directory(parent_of(target))) return not_found(parent_of(target));
  if (IOStatus status = next_fault(FaultKind::kWrite); !status.ok()) return status;
  record({.kind = Operation::Kind::kLink, .file = file, .path = source, .target = target});
  return IOStatus::OK();
}

IOStatus SimulatedDisk::AreFilesSame(const std::string& a, const std::string& b, const IOOptions&, bool* same,
                                     IODebugContext*) {
  const std::lock_guard lock(mutex_);
  FileId file_a = 0;
  FileId file_b = 0;
  if (IOStatus status = find_file(normalised(a), &file_a); !status.ok()) return status;
  if (IOStatus status = find_file(normalised(b), &file_b); !status.ok()) return status;
  *same = file_a == file_b;
  return IOStatus::OK();
}

IOStatus SimulatedDisk::LockFile(const std::string& path, const IOOptions&, rocksdb::FileLock** lock, IODebugContext*) {
  std::unique_ptr<rocksdb::FSWritableFile> created;
  const std::string name = normalised(path);
  if (IOStatus status = open_for_writing(name, false, &created); !status.ok()) return status;
  const std::lock_guard guard(mutex_);
  if (!locked_.insert(name).second) return IOStatus::IOError("lock held by another", path);
  *lock = new Lock(name);
  return IOStatus::OK();
}

IOStatus SimulatedDisk::UnlockFile(rocksdb::FileLock* lock, const IOOptions&, IODebugContext*) {
  const std::unique_ptr<Lock> owned(static_cast<Lock*>(lock));
  const std::lock_guard guard(mutex_);
  locked_.erase(owned->path());
  return IOStatus::OK();
}

IOStatus SimulatedDisk::GetTestDirectory(const IOOptions& options, std::string* path, IODebugContext* debug) {
  *path = "/test";
  return CreateDirIfMissing(*path, options, debug);
}

IOStatus SimulatedDisk::NewLogger(const std::string&, const IOOptions&, std::shared_ptr<rocksdb::Logger>* result,
                                  IODebugContext*) {
  *result = std::make_shared<SilentLogger>();
  return IOStatus::OK();
}

IOStatus SimulatedDisk::GetAbsolutePath(const std::string& path, const IOOptions&, std::string* absolute,
                                        IODebugContext*) {
  *absolute = normalised(path);
  return IOStatus::OK();
}

IOStatus SimulatedDisk::GetFreeSpace(const std::string&, const IOOptions&, std::uint64_t* bytes, IODebugContext*) {
  const std::lock_guard lock(mutex_);
  const bool full =
      !hides_lack_of_space_ && write_fault_.times > 0 && write_fault_.count == 0 && write_fault_.status.IsNoSpace();
  *bytes = full ? 0 : kFreeBytes;
  return IOStatus::OK();
}

IOStatus SimulatedDisk::IsDirectory(const std::string& path, const IOOptions&, bool* is_directory_out,
                                    IODebugContext*) {
  const std::lock_guard lock(mutex_);
  *is_directory_out = is_directory(normalised(path));
  return find(normalised(path)) != nullptr ? IOStatus::OK() : not_found(path);
}

// --- Replay
// -----------------------------------------------------------------------------------------------------------

Replay::Replay(std::shared_ptr<const Recording> recording)
    : recording_(std::move(recording)), state_(recording_->start) {}

Replay::Replay(Recording recording) : Replay(std::make_shared<const Recording>(std::move(recording))) {}

std::shared_ptr<SimulatedDisk> Replay::image(std::uint64_t position, std::uint64_t seed, Survival survival) {
  ORDERLY_ASSERT(position >= position_ && position <= recording_->operations.size());
  while (position_ < position) state_.apply(recording_->operations[position_++]);
  return std::make_shared<SimulatedDisk>(state_.after_power_loss(seed, survival));
}

}  // namespace orderly::power_loss
