// The embedded engine keeps its word when the power goes: every acknowledged commit is there entirely, one that was on
// its way entirely or not at all, after a cut at any I/O step, and after another cut while it recovers.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "tests/power_loss/campaign.h"
#include "tests/power_loss/engine_on_disk.h"
#include "tests/power_loss/simulated_disk.h"
#include "tests/power_loss/workload.h"

namespace orderly::power_loss {
namespace {

constexpr std::size_t kCommands = 500;
constexpr std::size_t kClients = 4;
constexpr std::size_t kRestarts = 9;
constexpr std::size_t kThreads = 2;
constexpr std::size_t kFaultsShown = 10;

struct Recorded {
  std::shared_ptr<const Recording> recording;
  History history;
};

// With restarts in between there are flushes to new files, new logs and manifests, and compactions within the run.
Recorded record_run(const std::shared_ptr<SimulatedDisk>& disk, std::size_t restarts, bool ignore_syncs) {
  Workload workload(campaign_seed(), kClients, [&] { return disk->position(); });
  Recorded recorded;
  for (std::size_t part = 0; part <= restarts; ++part) {
    const EngineOnDisk engine(disk);
    disk->ignore_syncs(ignore_syncs);
    workload.run(engine.system(), kCommands / (restarts + 1));
    recorded.history = workload.history(engine.system());
  }
  recorded.recording = std::make_shared<const Recording>(disk->recording());
  return recorded;
}

struct Tally {
  std::map<Survival, std::size_t> images;
  std::size_t commits = 0;
  std::size_t blobs = 0;
  std::size_t images_with_loss = 0;
  std::size_t second_cuts = 0;
  std::size_t second_cuts_in_recovery = 0;
  std::vector<std::string> faults;
};

// Opens the image, checks it, and sees that the store goes on; gives back what a second cut has to find.
struct Recovered {
  Survivors survivors;
  History history;
  std::uint64_t open_at = 0;  // position at which the engine was open
};

Recovered recover(const std::shared_ptr<SimulatedDisk>& image, const History& history, std::uint64_t position) {
  Recovered recovered;
  try {
    EngineOnDisk engine(image);
    recovered.open_at = image->position();
    recovered.survivors = check_survivors(engine.system(), history, position);
    if (!recovered.survivors.faults.empty()) return recovered;
    recovered.history = as_recovered(history, position, engine.system(), recovered.survivors);
    const auto error = commit_one_more(engine.system(), recovered.history, [&] { return image->position(); });
    if (error) recovered.survivors.faults.push_back(std::string("does not go on: ") + error->what());
  } catch (const Error& error) {
    recovered.survivors.faults.push_back(std::string("does not open: ") + error.what());
  }
  return recovered;
}

class Campaign {
 public:
  explicit Campaign(Recorded recorded) : recorded_(std::move(recorded)) {}

  Tally run(std::size_t images) {
    const std::vector<Cut> cuts = spread_cuts(recorded_.recording->operations.size(), images, campaign_seed());
    std::vector<std::thread> threads;
    for (std::size_t first = 0; first < kThreads; ++first) {
      threads.emplace_back([this, &cuts, first] {
        Replay replay(recorded_.recording);
        for (std::size_t i = first; i < cuts.size(); i += kThreads) cut_power(replay, cuts[i]);
      });
    }
    for (std::thread& thread : threads) thread.join();
    return tally_;
  }

 private:
  void cut_power(Replay& replay, const Cut& cut) {
    const auto image = replay.image(cut.position, cut.seed, cut.survival);
    const Recovered first = recover(image, recorded_.history, cut.position);
    note(first.survivors, describe(cut));
    {
      const std::lock_guard lock(mutex_);
      ++tally_.images[cut.survival];
      tally_.commits += first.survivors.commits;
      tally_.blobs += first.survivors.blobs;
      tally_.images_with_loss += first.survivors.lost > 0;
    }
    if (first.survivors.faults.empty()) cut_power_again(image, first, cut);
  }

  // While it recovers, or right after it went on.
  void cut_power_again(const std::shared_ptr<SimulatedDisk>& image, const Recovered& first, const Cut& cut) {
    std::mt19937_64 random(cut.seed);
    const std::uint64_t position = random() % (image->position() + 1);
    const Cut again{position, random(), kAllSurvivals[random() % std::size(kAllSurvivals)]};
    Replay replay(image->recording());
    const Recovered second =
        recover(replay.image(again.position, again.seed, again.survival), first.history, again.position);
    note(second.survivors, describe(cut) + ", then " + describe(again));
    const std::lock_guard lock(mutex_);
    ++tally_.second_cuts;
    tally_.second_cuts_in_recovery += again.position < first.open_at;
  }

  void note(const Survivors& survivors, const std::string& where) {
    const std::lock_guard lock(mutex_);
    for (const std::string& fault : survivors.faults) tally_.faults.push_back(where + ": " + fault);
  }

  const Recorded recorded_;
  std::mutex mutex_;
  Tally tally_;
};

std::size_t files(const Recorded& recorded, Operation::Kind kind, std::string_view suffix) {
  const std::vector<Operation>& operations = recorded.recording->operations;
  return static_cast<std::size_t>(std::count_if(operations.begin(), operations.end(), [&](const Operation& operation) {
    return operation.kind == kind && operation.path.ends_with(suffix);
  }));
}

void print(const Recorded& recorded, const Tally& tally) {
  using Kind = Operation::Kind;
  fmt::print("seed {}: {} commands, {} commits, {} operations of the disk, {} logs, {} tables ({} compacted away)\n",
             campaign_seed(), recorded.history.commands.size(), recorded.history.feed.size(),
             recorded.recording->operations.size(), files(recorded, Kind::kCreate, ".log"),
             files(recorded, Kind::kCreate, ".sst"), files(recorded, Kind::kRemove, ".sst"));
  for (const auto& [survival, count] : tally.images)
    fmt::print("  {} images with unsynced data {}\n", count, name_of(survival));
  fmt::print("  {} commits and {} blobs recovered; {} images had lost something unacknowledged\n", tally.commits,
             tally.blobs, tally.images_with_loss);
  fmt::print("  {} second cuts, {} of them during the recovery; {} faults\n", tally.second_cuts,
             tally.second_cuts_in_recovery, tally.faults.size());
}

TEST(PowerLoss, EveryAcknowledgedCommitSurvivesEntirelyAndNoOtherInPart) {
  const Recorded recorded = record_run(SimulatedDisk::make(rocksdb_rules()), kRestarts, false);
  for (const Command& command : recorded.history.commands) ASSERT_NE(command.acknowledged_at, Command::kNever);
  ASSERT_GT(recorded.history.feed.size(), kCommands / 2);
  ASSERT_GT(files(recorded, Operation::Kind::kRemove, ".sst"), 0u) << "no compaction happened";

  const Tally tally = Campaign(recorded).run(campaign_images());
  print(recorded, tally);
  EXPECT_EQ(tally.faults.size(), 0u);
  for (std::size_t i = 0; i < std::min(tally.faults.size(), kFaultsShown); ++i) ADD_FAILURE() << tally.faults[i];
  // That the campaign had something to find out.
  EXPECT_GT(tally.images_with_loss, campaign_images() / 20);
}

// The planted bug: a disk that says it synced and did not. What the campaign checks must see it.
TEST(PowerLoss, SkippedSyncsAreFoundAsLostCommits) {
  const Recorded recorded = record_run(SimulatedDisk::make(rocksdb_rules()), 0, true);
  const Tally tally = Campaign(recorded).run(40);
  const auto lost = std::count_if(tally.faults.begin(), tally.faults.end(), [](const std::string& fault) {
    return fault.find("was acknowledged") != std::string::npos && fault.find("is lost") != std::string::npos;
  });
  fmt::print("skipped syncs: {} lost commits found in 40 images\n", lost);
  EXPECT_GT(lost, 100);
}

}  // namespace
}  // namespace orderly::power_loss
