// What a disk holds, and what it may still hold after its power was cut: a pure model, without RocksDB and threads.
//
// A DiskState is two pictures: the one that programs see (the page cache) and the one that is sure to be on the
// platter. An operation changes the first; only a sync carries its effect into the second. `after_power_loss` draws one
// of the pictures in between that a journaling file system over a disk with a volatile cache could come back with:
//
// - A file keeps what was synced. Of what was written or cut off since, Survival says how much remains. A sector of 512
//   bytes is old or new, never a mixture; only a sector that held nothing synced may come back as zeros or as garbage.
// - A directory keeps the name changes that it was synced after. Of the others, either a prefix of them all happened
// (as
//   in one ordered journal, ext4 and xfs) or any subset in which the changes of one name keep their order. A rename
//   happened or did not: the target is the old file or the new one.
// - Syncing a file that was just created makes its creation durable as well, with the directories above it: ext4 and
// xfs
//   do (the sync commits the journal transaction that made the inode), POSIX does not promise it.
//   NameRule::kDirectorySyncOnly takes it away.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace orderly::power_loss {

inline constexpr std::size_t kSectorBytes = 512;

using FileId = std::uint64_t;
inline constexpr FileId kDirectoryId = 0;  // of every directory: they have names, no content

struct Operation {
  enum class Kind {
    kCreate,         // `path` names the new, empty file `file`
    kWrite,          // `bytes` at `offset` of `file`
    kTruncate,       // `file` is `offset` bytes long
    kSyncFile,       // fsync or fdatasync of `file`
    kFailSyncFile,   // the same, refused: Linux counts the pages as clean all the same, so no later sync writes them
    kRename,         // `path` → `target`, which it replaces
    kLink,           // `target` is another name of the file at `path`
    kRemove,         // of the file at `path`
    kMakeDirectory,  // `path`
    kRemoveDirectory,
    kSyncDirectory,
  };
  Kind kind = Kind::kCreate;
  FileId file = kDirectoryId;
  std::string path = {};    // normalised: "/a/b"
  std::string target = {};  // of kRename and kLink
  std::uint64_t offset = 0;
  std::string bytes = {};
};

// What becomes of unsynced data.
enum class Survival {
  kDropped,    // nothing of it remains
  kTorn,       // a random prefix in whole sectors, perhaps with a last sector of zeros or garbage
  kReordered,  // any sectors of it, the others zeros; the file may have its new length already
};
inline constexpr Survival kAllSurvivals[] = {Survival::kDropped, Survival::kTorn, Survival::kReordered};
std::string_view name_of(Survival survival);

enum class NameRule { kFileSyncPersistsCreation, kDirectorySyncOnly };

// What may be relied on, beside POSIX.
struct DiskRules {
  NameRule names = NameRule::kFileSyncPersistsCreation;
  // Files whose name begins with one of these never become longer before the bytes they are longer by are there: what
  // is appended survives as a prefix, without zeros or garbage. So do all files on ext4 (data=ordered, its default) and
  // xfs; for all others the disk is as bad as ext4 with data=writeback.
  std::vector<std::string> ordered_appends = {};
};

// Not thread-safe. Copies are independent.
class DiskState {
 public:
  explicit DiskState(DiskRules rules = {});

  // The operation must be possible in this state (its names exist, or do not); SimulatedDisk checks that.
  void apply(const Operation& operation);

  // Nothing pending: all that it shows is durable. The same seed gives the same picture.
  DiskState after_power_loss(std::uint64_t seed, Survival survival) const;

  // The view of a running program.
  const std::map<std::string, FileId>& names() const { return names_; }
  const std::string& content(FileId file) const { return files_.at(file).current; }

 private:
  struct File {
    std::string current;
    std::string durable;
    // Since the last sync: bytes [dirty_from, dirty_to) were written, and `durable` was cut to kept_bytes.
    std::size_t dirty_from = 0;
    std::size_t dirty_to = 0;
    std::size_t kept_bytes = 0;
  };
  // Undone until its directory is synced. An empty `from` is a creation, an empty `to` a removal.
  struct NameChange {
    std::string from;
    std::string to;
    FileId file = kDirectoryId;
    bool keeps_from = false;  // a link

    bool touches(const std::string& name) const { return name == from || name == to; }
  };
  class Dice;

  static void apply(const NameChange& change, std::map<std::string, FileId>& names);
  void change_name(NameChange change);
  void write(const Operation& operation);
  void truncate(const Operation& operation);
  void sync_file(FileId file);
  void fail_sync_file(FileId file);
  void sync_directory(const std::string& path);
  void persist_creation(const std::string& path, FileId file);
  void persist_ancestors(const std::string& path);
  std::map<std::string, FileId> surviving_names(Dice& dice) const;
  std::string surviving_content(const std::string& path, const File& file, Survival survival, Dice& dice) const;
  bool appends_in_order(const std::string& path) const;
  static std::size_t cut_sector(const File& file, Dice& dice);
  static std::string prefix_of(const File& file, std::string base, std::size_t sector_end);
  static std::string torn(const File& file, std::string base, Dice& dice);
  static std::string reordered(const File& file, std::string base, Dice& dice);

  DiskRules rules_;
  std::map<std::string, FileId> names_;
  std::map<std::string, FileId> durable_names_;
  std::vector<NameChange> pending_;
  std::map<FileId, File> files_;
};

// "/a/b" → "/a"; of "/a" and "/" it is "/".
std::string parent_of(std::string_view path);

}  // namespace orderly::power_loss
