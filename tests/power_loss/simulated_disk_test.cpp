// The simulated disk itself: what it keeps, what it may lose, and that losing differs from seed to seed.
#include "tests/power_loss/simulated_disk.h"

#include <gtest/gtest.h>

#include <set>

namespace orderly::power_loss {
namespace {

using rocksdb::IOStatus;

constexpr std::uint64_t kSeeds = 64;

// Files by name, as a program would write them.
class Files {
 public:
  explicit Files(std::shared_ptr<SimulatedDisk> disk) : disk_(std::move(disk)) {}

  std::unique_ptr<rocksdb::FSWritableFile> create(const std::string& path) {
    std::unique_ptr<rocksdb::FSWritableFile> file;
    EXPECT_TRUE(disk_->NewWritableFile(path, {}, &file, nullptr).ok());
    return file;
  }
  void write_synced(const std::string& path, const std::string& bytes) {
    const auto file = create(path);
    EXPECT_TRUE(file->Append(bytes, {}, nullptr).ok());
    EXPECT_TRUE(file->Sync({}, nullptr).ok());
  }
  void sync_directory(const std::string& path) {
    std::unique_ptr<rocksdb::FSDirectory> directory;
    ASSERT_TRUE(disk_->NewDirectory(path, {}, &directory, nullptr).ok());
    EXPECT_TRUE(directory->Fsync({}, nullptr).ok());
  }
  // Nothing when there is no such file.
  std::optional<std::string> read(const std::string& path) { return read(*disk_, path); }
  static std::optional<std::string> read(SimulatedDisk& disk, const std::string& path) {
    std::unique_ptr<rocksdb::FSSequentialFile> file;
    if (!disk.NewSequentialFile(path, {}, &file, nullptr).ok()) return std::nullopt;
    std::string content(1 << 20, '\0');
    rocksdb::Slice result;
    EXPECT_TRUE(file->Read(content.size(), {}, &result, content.data(), nullptr).ok());
    return result.ToString();
  }
  // Every content that the file had in the images of many seeds; "(none)" where it was not there.
  std::set<std::string> survivors(const std::string& path, Survival survival) {
    std::set<std::string> seen;
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
      Replay replay(disk_->recording());
      const auto image = replay.image(disk_->position(), seed, survival);
      seen.insert(read(*image, path).value_or("(none)"));
    }
    return seen;
  }

 private:
  std::shared_ptr<SimulatedDisk> disk_;
};

using Contents = std::set<std::string>;

TEST(SimulatedDisk, ReadsServeWhatWasWrittenBeforeAnySync) {
  const auto disk = SimulatedDisk::make();
  Files files(disk);
  const auto file = files.create("/a");
  ASSERT_TRUE(file->Append("hello ", {}, nullptr).ok());
  ASSERT_TRUE(file->Append("world", {}, nullptr).ok());

  EXPECT_EQ(files.read("/a"), "hello world");
  EXPECT_EQ(file->GetFileSize({}, nullptr), 11u);
}

TEST(SimulatedDisk, SyncedBytesAreInEveryImage) {
  for (const Survival survival : kAllSurvivals) {
    const auto disk = SimulatedDisk::make();
    Files files(disk);
    const std::string synced(1000, 's');
    const auto file = files.create("/a");
    ASSERT_TRUE(file->Append(synced, {}, nullptr).ok());
    ASSERT_TRUE(file->Sync({}, nullptr).ok());
    ASSERT_TRUE(file->Append(std::string(3000, 'u'), {}, nullptr).ok());

    const Contents seen = files.survivors("/a", survival);
    for (const std::string& content : seen) EXPECT_EQ(content.substr(0, 1000), synced) << name_of(survival);
    if (survival == Survival::kDropped) {
      EXPECT_EQ(seen, Contents{synced});
    } else {
      EXPECT_GT(seen.size(), 5u) << name_of(survival);
    }
  }
}

TEST(SimulatedDisk, ATornTailIsAPrefixInWholeSectorsWithAtMostOneDamagedSectorAfterIt) {
  const auto disk = SimulatedDisk::make();
  Files files(disk);
  const std::string written(3000, 'u');
  const auto file = files.create("/a");
  files.sync_directory("/");
  ASSERT_TRUE(file->Append(written, {}, nullptr).ok());

  bool any_whole = false;
  bool any_damaged = false;
  for (const std::string& content : files.survivors("/a", Survival::kTorn)) {
    const std::size_t intact = std::min(content.find_first_not_of('u'), content.size());
    EXPECT_TRUE(intact % kSectorBytes == 0 || intact == written.size()) << intact;
    EXPECT_LE(content.size(), intact + kSectorBytes);
    any_whole |= content == written;
    any_damaged |= content.size() > intact;
  }
  EXPECT_TRUE(any_whole);
  EXPECT_TRUE(any_damaged);
}

TEST(SimulatedDisk, ReorderedSectorsAreWholeOrZeros) {
  const auto disk = SimulatedDisk::make();
  Files files(disk);
  const std::string written(4096, 'u');
  const auto file = files.create("/a");
  files.sync_directory("/");
  ASSERT_TRUE(file->Append(written, {}, nullptr).ok());

  bool later_without_earlier = false;
  for (const std::string& content : files.survivors("/a", Survival::kReordered)) {
    for (std::size_t at = 0; at < content.size(); at += kSectorBytes) {
      const std::string sector = content.substr(at, kSectorBytes);
      EXPECT_TRUE(sector == std::string(kSectorBytes, 'u') || sector == std::string(kSectorBytes, '\0'));
    }
    later_without_earlier |= content.starts_with('\0') && content.find('u') != std::string::npos;
  }
  EXPECT_TRUE(later_without_earlier);
}

TEST(SimulatedDisk, WhereAppendsAreOrderedWhatIsAppendedSurvivesAsAPrefix) {
  for (const Survival survival : {Survival::kTorn, Survival::kReordered}) {
    const auto disk = SimulatedDisk::make({.ordered_appends = {"MANIFEST-"}});
    Files files(disk);
    const auto file = files.create("/MANIFEST-000001");
    files.sync_directory("/");
    ASSERT_TRUE(file->Append(std::string(1500, 'u'), {}, nullptr).ok());

    EXPECT_EQ(files.survivors("/MANIFEST-000001", survival),
              (Contents{"", std::string(512, 'u'), std::string(1024, 'u'), std::string(1500, 'u')}));
  }
}

TEST(SimulatedDisk, ANewFileNeedsASyncOfItOrOfItsDirectoryToBeThere) {
  const auto disk = SimulatedDisk::make();
  Files files(disk);
  const auto file = files.create("/a");
  EXPECT_EQ(files.survivors("/a", Survival::kDropped), (Contents{"", "(none)"}));

  ASSERT_TRUE(file->Append("x", {}, nullptr).ok());
  ASSERT_TRUE(file->Sync({}, nullptr).ok());
  EXPECT_EQ(files.survivors("/a", Survival::kDropped), Contents{"x"});
}

TEST(SimulatedDisk, UnderPosixAloneOnlyTheDirectorysSyncKeepsAName) {
  const auto disk = SimulatedDisk::make({.names = NameRule::kDirectorySyncOnly});
  Files files(disk);
  files.write_synced("/a", "x");
  EXPECT_EQ(files.survivors("/a", Survival::kDropped), (Contents{"x", "(none)"}));

  files.sync_directory("/");
  EXPECT_EQ(files.survivors("/a", Survival::kDropped), Contents{"x"});
}

TEST(SimulatedDisk, ARenameHappensWhollyOrNotAtAllUntilTheDirectoryIsSynced) {
  const auto disk = SimulatedDisk::make();
  Files files(disk);
  files.write_synced("/current", "old");
  files.write_synced("/new", "new");
  ASSERT_TRUE(disk->RenameFile("/new", "/current", {}, nullptr).ok());
  EXPECT_EQ(files.read("/current"), "new");
  EXPECT_EQ(files.survivors("/current", Survival::kReordered), (Contents{"old", "new"}));
  EXPECT_EQ(files.survivors("/new", Survival::kReordered), (Contents{"new", "(none)"}));

  files.sync_directory("/");
  EXPECT_EQ(files.survivors("/current", Survival::kReordered), Contents{"new"});
  EXPECT_EQ(files.survivors("/new", Survival::kReordered), Contents{"(none)"});
}

TEST(SimulatedDisk, ADeletedFileMayComeBackUntilTheDirectoryIsSynced) {
  const auto disk = SimulatedDisk::make();
  Files files(disk);
  files.write_synced("/a", "x");
  ASSERT_TRUE(disk->DeleteFile("/a", {}, nullptr).ok());
  EXPECT_EQ(files.survivors("/a", Survival::kDropped), (Contents{"x", "(none)"}));

  files.sync_directory("/");
  EXPECT_EQ(files.survivors("/a", Survival::kDropped), Contents{"(none)"});
}

TEST(SimulatedDisk, AnUnsyncedTruncationMayBeUndone) {
  const auto disk = SimulatedDisk::make();
  Files files(disk);
  files.write_synced("/a", "abcdef");
  ASSERT_TRUE(disk->Truncate("/a", 2, {}, nullptr).ok());
  EXPECT_EQ(files.read("/a"), "ab");
  EXPECT_EQ(files.survivors("/a", Survival::kTorn), (Contents{"ab", "abcdef"}));
}

TEST(SimulatedDisk, AnImageIsOfItsPositionAndTheSameForTheSameSeed) {
  const auto disk = SimulatedDisk::make();
  Files files(disk);
  files.write_synced("/a", "first");
  const std::uint64_t before = disk->position();
  files.write_synced("/b", "second");

  Replay replay(disk->recording());
  const auto image = replay.image(before, 7, Survival::kDropped);
  EXPECT_EQ(Files::read(*image, "/a"), "first");
  EXPECT_EQ(Files::read(*image, "/b"), std::nullopt);
  const auto later = replay.image(disk->position(), 7, Survival::kDropped);
  EXPECT_EQ(Files::read(*later, "/b"), "second");
  EXPECT_EQ(image->position(), 0u);
}

TEST(SimulatedDisk, WhatAFailedSyncLeftBehindNoLaterSyncBringsToTheDisk) {
  const auto disk = SimulatedDisk::make();
  Files files(disk);
  const auto file = files.create("/a");
  ASSERT_TRUE(file->Append("lost", {}, nullptr).ok());
  disk->fail_from(FaultKind::kSync, 0, IOStatus::IOError("EIO"), 1);
  EXPECT_TRUE(file->Sync({}, nullptr).IsIOError());
  EXPECT_TRUE(file->Sync({}, nullptr).ok());

  EXPECT_EQ(files.read("/a"), "lost");
  EXPECT_EQ(files.survivors("/a", Survival::kReordered), Contents{std::string(4, '\0')});
  EXPECT_EQ(disk->faults_fired(), 1u);
}

TEST(SimulatedDisk, AFullDiskRefusesWritesServesReadsAndRecovers) {
  const auto disk = SimulatedDisk::make();
  Files files(disk);
  const auto file = files.create("/a");
  ASSERT_TRUE(file->Append("kept", {}, nullptr).ok());
  disk->fail_from(FaultKind::kWrite, 1, IOStatus::NoSpace("full"));
  EXPECT_TRUE(file->Append("fits", {}, nullptr).ok());
  EXPECT_TRUE(file->Append("half", {}, nullptr).IsNoSpace());
  std::uint64_t free_bytes = 1;
  ASSERT_TRUE(disk->GetFreeSpace("/", {}, &free_bytes, nullptr).ok());
  EXPECT_EQ(free_bytes, 0u);
  EXPECT_EQ(files.read("/a"), "keptfitsha");

  disk->heal();
  EXPECT_TRUE(file->Append("!", {}, nullptr).ok());
  EXPECT_EQ(files.read("/a"), "keptfitsha!");
}

}  // namespace
}  // namespace orderly::power_loss
