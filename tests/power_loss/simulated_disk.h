// A disk in memory, for RocksDB: it can lose power at any moment of the past, run full, and fail.
//
// It keeps a journal of all that changes what a disk holds. After a run, a Replay makes the disk that another machine
// would have found, had the power been cut after the first `position` operations (disk_state.h says what may remain):
//
//   auto disk = SimulatedDisk::make();
//   auto env = rocksdb::NewCompositeEnv(disk);
//   … run a database with options.env = env.get(), noting disk->position() when something was acknowledged …
//   Replay replay(disk->recording());
//   auto after = replay.image(position, seed, Survival::kTorn);
//
// What leaves a disk as it is makes no entry in the journal: reads, close, range sync (Linux's sync_file_range promises
// nothing) and the lock of a file. RocksDB's own log (LOG) is thrown away, since it would only fill the journal.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "tests/power_loss/disk_state.h"

namespace orderly::power_loss {

// A run: where it began, and every operation since.
struct Recording {
  DiskState start;
  std::vector<Operation> operations;
};

enum class FaultKind {
  kWrite,  // what needs space: write, create, rename, link, make a directory, grow
  kSync,   // of a file or a directory
};

enum class PartialWrite { kNothing, kHalf };

// Thread-safe. Must outlive the databases on it; those hold it through the shared pointer of their Env.
class SimulatedDisk : public rocksdb::FileSystem {
 public:
  static constexpr std::uint64_t kForever = std::numeric_limits<std::uint64_t>::max();

  // Empty, or what a Replay found.
  static std::shared_ptr<SimulatedDisk> make(DiskRules rules = {});
  explicit SimulatedDisk(DiskState start);

  // How many operations there were so far. All that was acknowledged up to now rests on them alone.
  std::uint64_t position() const;
  Recording recording() const;

  // The planted bug: from now on a sync of a file or directory reports success and does nothing.
  void ignore_syncs(bool ignore);

  // From the operation of that kind on which follows `count` more of them, `times` of them fail with `status`. A write
  // that fails leaves `partial` of its bytes. One rule for each kind, the last one given. With a status of NoSpace on
  // writes, the free space is reported as 0.
  void fail_from(FaultKind kind, std::uint64_t count, rocksdb::IOStatus status, std::uint64_t times = kForever,
                 PartialWrite partial = PartialWrite::kHalf);
  void heal();
  // From now on it claims to have space even when writes find none, as happens when others write to the same disk.
  void hide_lack_of_space();
  std::uint64_t faults_fired() const;

  const char* Name() const override { return "SimulatedDisk"; }
  rocksdb::IOStatus NewSequentialFile(const std::string& path, const rocksdb::FileOptions&,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* result,
                                      rocksdb::IODebugContext*) override;
  rocksdb::IOStatus NewRandomAccessFile(const std::string& path, const rocksdb::FileOptions&,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                                        rocksdb::IODebugContext*) override;
  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions&,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext*) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& path, const rocksdb::FileOptions&,
                                       std::unique_ptr<rocksdb::FSWritableFile>* result,
                                       rocksdb::IODebugContext*) override;
  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions&,
                                 std::unique_ptr<rocksdb::FSDirectory>* result, rocksdb::IODebugContext*) override;
  rocksdb::IOStatus FileExists(const std::string& path, const rocksdb::IOOptions&, rocksdb::IODebugContext*) override;
  rocksdb::IOStatus GetChildren(const std::string& path, const rocksdb::IOOptions&, std::vector<std::string>* result,
                                rocksdb::IODebugContext*) override;
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions&, rocksdb::IODebugContext*) override;
  rocksdb::IOStatus Truncate(const std::string& path, std::size_t size, const rocksdb::IOOptions&,
                             rocksdb::IODebugContext*) override;
  rocksdb::IOStatus CreateDir(const std::string& path, const rocksdb::IOOptions&, rocksdb::IODebugContext*) override;
  rocksdb::IOStatus CreateDirIfMissing(const std::string& path, const rocksdb::IOOptions&,
                                       rocksdb::IODebugContext*) override;
  rocksdb::IOStatus DeleteDir(const std::string& path, const rocksdb::IOOptions&, rocksdb::IODebugContext*) override;
  rocksdb::IOStatus GetFileSize(const std::string& path, const rocksdb::IOOptions&, std::uint64_t* size,
                                rocksdb::IODebugContext*) override;
  rocksdb::IOStatus GetFileModificationTime(const std::string& path, const rocksdb::IOOptions&, std::uint64_t* time_s,
                                            rocksdb::IODebugContext*) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions&,
                               rocksdb::IODebugContext*) override;
  rocksdb::IOStatus LinkFile(const std::string& from, const std::string& to, const rocksdb::IOOptions&,
                             rocksdb::IODebugContext*) override;
  rocksdb::IOStatus AreFilesSame(const std::string& a, const std::string& b, const rocksdb::IOOptions&, bool* same,
                                 rocksdb::IODebugContext*) override;
  rocksdb::IOStatus LockFile(const std::string& path, const rocksdb::IOOptions&, rocksdb::FileLock** lock,
                             rocksdb::IODebugContext*) override;
  rocksdb::IOStatus UnlockFile(rocksdb::FileLock* lock, const rocksdb::IOOptions&, rocksdb::IODebugContext*) override;
  rocksdb::IOStatus GetTestDirectory(const rocksdb::IOOptions&, std::string* path, rocksdb::IODebugContext*) override;
  rocksdb::IOStatus NewLogger(const std::string& path, const rocksdb::IOOptions&,
                              std::shared_ptr<rocksdb::Logger>* result, rocksdb::IODebugContext*) override;
  rocksdb::IOStatus GetAbsolutePath(const std::string& path, const rocksdb::IOOptions&, std::string* absolute,
                                    rocksdb::IODebugContext*) override;
  rocksdb::IOStatus GetFreeSpace(const std::string& path, const rocksdb::IOOptions&, std::uint64_t* bytes,
                                 rocksdb::IODebugContext*) override;
  rocksdb::IOStatus IsDirectory(const std::string& path, const rocksdb::IOOptions&, bool* is_directory,
                                rocksdb::IODebugContext*) override;

 private:
  class ReadHandle;
  class SequentialHandle;
  class WriteHandle;
  class DirectoryHandle;
  class Lock;
  struct Fault {
    std::uint64_t count = 0;  // let through before it
    std::uint64_t times = 0;  // still to fail
    rocksdb::IOStatus status;
    PartialWrite partial = PartialWrite::kHalf;
  };

  // With mutex_ held by the caller.
  void record(Operation operation);
  rocksdb::IOStatus next_fault(FaultKind kind);
  bool hides_lack_of_space_ = false;
  Fault& fault(FaultKind kind) { return kind == FaultKind::kWrite ? write_fault_ : sync_fault_; }
  const FileId* find(const std::string& path) const;
  bool is_directory(const std::string& path) const;
  rocksdb::IOStatus find_file(const std::string& path, FileId* file) const;

  rocksdb::IOStatus open_for_writing(const std::string& path, bool truncate,
                                     std::unique_ptr<rocksdb::FSWritableFile>* result);
  rocksdb::IOStatus make_directory(const std::string& path, bool may_exist);
  rocksdb::IOStatus append(FileId file, std::string_view bytes);
  rocksdb::IOStatus truncate(FileId file, std::uint64_t size);
  rocksdb::IOStatus sync_file(FileId file);
  rocksdb::IOStatus sync_directory(const std::string& path);
  std::size_t read(FileId file, std::uint64_t offset, std::size_t count, char* out) const;
  std::uint64_t size(FileId file) const;

  mutable std::mutex mutex_;
  const DiskState start_;
  DiskState state_;
  std::vector<Operation> journal_;
  FileId next_file_;
  std::set<std::string> locked_;
  bool ignores_syncs_ = false;
  Fault write_fault_;
  Fault sync_fault_;
  std::uint64_t faults_fired_ = 0;
};

// Walks through a recording. Not thread-safe; several may walk through one recording at once.
class Replay {
 public:
  explicit Replay(std::shared_ptr<const Recording> recording);
  explicit Replay(Recording recording);

  // The disk after a power cut behind the first `position` operations. Positions of one Replay must not decrease.
  std::shared_ptr<SimulatedDisk> image(std::uint64_t position, std::uint64_t seed, Survival survival);

 private:
  std::shared_ptr<const Recording> recording_;
  DiskState state_;
  std::uint64_t position_ = 0;
};

}  // namespace orderly::power_loss
