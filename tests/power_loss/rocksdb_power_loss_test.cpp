// RocksDB alone on the simulated disk: that a batch written with `sync` survives a power cut as a whole is what the
// embedded engine rests on.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <set>

#include "tests/power_loss/campaign.h"
#include "tests/power_loss/simulated_disk.h"

namespace orderly::power_loss {
namespace {

constexpr int kBatches = 300;
constexpr int kKeysPerBatch = 5;

struct BatchRun {
  std::shared_ptr<const Recording> recording;
  std::uint64_t created_at = 0;                // the empty database was there
  std::vector<std::uint64_t> acknowledged_at;  // batch → journal position
};

class Database {
 public:
  explicit Database(const std::shared_ptr<SimulatedDisk>& disk) : env_(rocksdb::NewCompositeEnv(disk)) {
    rocksdb::Options options;
    options.env = env_.get();
    options.create_if_missing = true;
    options.write_buffer_size = 16 << 10;  // flushes, compactions and new WALs within the run
    options.level0_file_num_compaction_trigger = 2;
    rocksdb::DB* db = nullptr;
    status_ = rocksdb::DB::Open(options, "/db", &db);
    db_.reset(db);
  }

  const rocksdb::Status& status() const { return status_; }

  rocksdb::Status write(int batch_number) {
    rocksdb::WriteBatch batch;
    for (int key = 0; key < kKeysPerBatch; ++key) {
      batch.Put(fmt::format("{}/{}", key, batch_number), std::string(300, static_cast<char>('a' + batch_number % 26)));
    }
    rocksdb::WriteOptions synced;
    synced.sync = true;
    return db_->Write(synced, &batch);
  }
  rocksdb::Status flush() { return db_->Flush({}); }
  int keys_of(int batch_number) {
    int found = 0;
    std::string value;
    for (int key = 0; key < kKeysPerBatch; ++key) {
      found += db_->Get({}, fmt::format("{}/{}", key, batch_number), &value).ok();
    }
    return found;
  }

 private:
  std::unique_ptr<rocksdb::Env> env_;
  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::Status status_;
};

// Flushes after every `flush_interval` batches, beside what RocksDB flushes by itself; 0: never.
BatchRun run_batches(DiskRules rules, bool ignore_syncs, int flush_interval = 0) {
  const auto disk = SimulatedDisk::make(std::move(rules));
  disk->ignore_syncs(ignore_syncs);
  BatchRun run;
  Database database(disk);
  EXPECT_TRUE(database.status().ok()) << database.status().ToString();
  run.created_at = disk->position();
  for (int batch = 0; batch < kBatches; ++batch) {
    EXPECT_TRUE(database.write(batch).ok());
    run.acknowledged_at.push_back(disk->position());
    if (flush_interval > 0 && batch % flush_interval == 0) EXPECT_TRUE(database.flush().ok());
  }
  run.recording = std::make_shared<const Recording>(disk->recording());
  return run;
}

// What is wrong with the image, or nothing.
std::string fault_of(const BatchRun& run, const Cut& cut, const std::shared_ptr<SimulatedDisk>& image) {
  Database database(image);
  if (!database.status().ok()) return "does not open: " + database.status().ToString();
  for (int batch = 0; batch < kBatches; ++batch) {
    const int keys = database.keys_of(batch);
    const bool acknowledged = run.acknowledged_at[static_cast<std::size_t>(batch)] <= cut.position;
    if (keys != kKeysPerBatch && (acknowledged || keys != 0)) {
      return fmt::format("batch {} has {} of {} keys, acknowledged: {}", batch, keys, kKeysPerBatch, acknowledged);
    }
  }
  return {};
}

std::size_t files_created(const BatchRun& run, std::string_view suffix) {
  return static_cast<std::size_t>(std::count_if(
      run.recording->operations.begin(), run.recording->operations.end(), [&](const Operation& operation) {
        return operation.kind == Operation::Kind::kCreate && operation.path.ends_with(suffix);
      }));
}

// Positions right behind a write to a MANIFEST that is in more than one sector.
std::vector<std::uint64_t> unsynced_manifest_writes(const std::vector<Operation>& operations) {
  std::set<FileId> manifests;
  std::vector<std::uint64_t> positions;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const Operation& operation = operations[i];
    const bool created = operation.kind == Operation::Kind::kCreate;
    if (created && operation.path.starts_with("/db/MANIFEST-")) manifests.insert(operation.file);
    const bool written = operation.kind == Operation::Kind::kWrite && manifests.contains(operation.file);
    const std::uint64_t end = operation.offset + operation.bytes.size();
    if (written && operation.offset / kSectorBytes < (end - 1) / kSectorBytes) positions.push_back(i + 1);
  }
  return positions;
}

std::vector<std::string> faults_of(const BatchRun& run, std::size_t images, std::uint64_t from = 0) {
  std::vector<std::string> faults;
  Replay replay(run.recording);
  for (const Cut& cut : spread_cuts(run.recording->operations.size(), images, campaign_seed())) {
    if (cut.position < from) continue;
    const std::string fault = fault_of(run, cut, replay.image(cut.position, cut.seed, cut.survival));
    if (!fault.empty()) faults.push_back(describe(cut) + ": " + fault);
  }
  return faults;
}

TEST(RocksDbPowerLoss, EveryAcknowledgedBatchIsThereAndNoneInPart) {
  const BatchRun run = run_batches(rocksdb_rules(), false);
  EXPECT_GT(files_created(run, ".log"), 5u);
  EXPECT_GT(files_created(run, ".sst"), 2u);
  for (const std::string& fault : faults_of(run, campaign_images() / 2)) ADD_FAILURE() << fault;
}

// POSIX lets a synced file vanish whose directory was not synced. RocksDB syncs the directory after the first sync of a
// new WAL, and after it made an SST. Only a new CURRENT is ahead of the sync that makes the MANIFEST it names durable:
// a database that is being created (or opened) must not lose power there on such a file system.
TEST(RocksDbPowerLoss, HoldsWhereOnlyTheDirectorysSyncKeepsANewFile) {
  DiskRules rules = rocksdb_rules();
  rules.names = NameRule::kDirectorySyncOnly;
  const BatchRun run = run_batches(rules, false);
  for (const std::string& fault : faults_of(run, campaign_images() / 2, run.created_at)) ADD_FAILURE() << fault;
}

// Why rocksdb_rules() has its exception: RocksDB 7.8 forgives a MANIFEST that ends too early, but not one that ends in
// a record with a wrong checksum. Of all its files this is the only one.
TEST(RocksDbPowerLoss, OnAnUnorderedFileSystemOnlyTheManifestsTailStopsItFromOpening) {
  // Each flush is a record in the MANIFEST: enough of them to fill several sectors, however busy the machine is.
  const BatchRun run = run_batches(DiskRules{}, false, kBatches / 100);
  const std::vector<std::uint64_t> manifest_writes = unsynced_manifest_writes(run.recording->operations);
  ASSERT_FALSE(manifest_writes.empty());

  // Only a record over the edge of a sector can be damaged and yet as long as it says, so it takes a few draws.
  std::size_t refused = 0;
  for (std::uint64_t seed = campaign_seed(); refused == 0 && seed < campaign_seed() + 100; ++seed) {
    Replay replay(run.recording);
    for (const std::uint64_t position : manifest_writes) {
      const Cut cut{position, seed, Survival::kReordered};
      const std::string fault = fault_of(run, cut, replay.image(cut.position, cut.seed, cut.survival));
      if (fault.empty()) continue;
      ++refused;
      EXPECT_NE(fault.find("checksum mismatch in file /db/MANIFEST-"), std::string::npos) << describe(cut) << fault;
    }
  }
  EXPECT_GT(refused, 0u) << "RocksDB forgives it now: the exception in rocksdb_rules() can go";
}

TEST(RocksDbPowerLoss, ADiskThatLiesAboutSyncingIsFoundOut) {
  EXPECT_GT(faults_of(run_batches(rocksdb_rules(), true), 60).size(), 10u);
}

}  // namespace
}  // namespace orderly::power_loss
