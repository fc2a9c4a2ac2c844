// RocksDB alone on the simulated disk: that a batch written with `sync` survives a power cut as a whole is what the
// embedded engine rests on.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <algorithm>

#include "tests/power_loss/campaign.h"
#include "tests/power_loss/simulated_disk.h"

namespace orderly::power_loss {
namespace {

constexpr int kBatches = 200;
constexpr int kKeysPerBatch = 5;

struct BatchRun {
  std::shared_ptr<const Recording> recording;
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

BatchRun run_batches(NameRule rule, bool ignore_syncs) {
  const auto disk = SimulatedDisk::make(rule);
  disk->ignore_syncs(ignore_syncs);
  BatchRun run;
  Database database(disk);
  EXPECT_TRUE(database.status().ok()) << database.status().ToString();
  for (int batch = 0; batch < kBatches; ++batch) {
    EXPECT_TRUE(database.write(batch).ok());
    run.acknowledged_at.push_back(disk->position());
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

std::vector<std::string> faults_of(const BatchRun& run, std::size_t images) {
  std::vector<std::string> faults;
  Replay replay(run.recording);
  for (const Cut& cut : spread_cuts(run.recording->operations.size(), images, campaign_seed())) {
    const std::string fault = fault_of(run, cut, replay.image(cut.position, cut.seed, cut.survival));
    if (!fault.empty()) faults.push_back(describe(cut) + ": " + fault);
  }
  return faults;
}

TEST(RocksDbPowerLoss, EveryAcknowledgedBatchIsThereAndNoneInPart) {
  const BatchRun run = run_batches(NameRule::kFileSyncPersistsCreation, false);
  EXPECT_GT(files_created(run, ".log"), 5u);
  EXPECT_GT(files_created(run, ".sst"), 10u);
  for (const std::string& fault : faults_of(run, campaign_images() / 2)) ADD_FAILURE() << fault;
}

// POSIX lets a synced file vanish whose directory was not synced. RocksDB syncs the directory after it has made the
// first sync of a new WAL, and after SST, MANIFEST and CURRENT.
TEST(RocksDbPowerLoss, HoldsWhereOnlyTheDirectorysSyncKeepsANewFile) {
  const BatchRun run = run_batches(NameRule::kDirectorySyncOnly, false);
  for (const std::string& fault : faults_of(run, campaign_images() / 2)) ADD_FAILURE() << fault;
}

TEST(RocksDbPowerLoss, ADiskThatLiesAboutSyncingIsFoundOut) {
  EXPECT_GT(faults_of(run_batches(NameRule::kFileSyncPersistsCreation, true), 60).size(), 10u);
}

}  // namespace
}  // namespace orderly::power_loss
