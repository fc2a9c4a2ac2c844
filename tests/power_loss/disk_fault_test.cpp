// The embedded engine on a disk that is full or broken: it acknowledges nothing that is not durable, and reads go on.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <thread>

#include "tests/power_loss/campaign.h"
#include "tests/power_loss/engine_on_disk.h"
#include "tests/power_loss/workload.h"

namespace orderly::power_loss {
namespace {

using rocksdb::IOStatus;

constexpr std::size_t kCommitsBefore = 20;
constexpr std::chrono::seconds kRecoveryMax{20};

// An engine on a disk, and what it was asked to do.
class World {
 public:
  explicit World(std::size_t commits) { begin(commits); }

  void begin(std::size_t commits) {
    reopen();
    for (std::size_t i = 0; i < commits; ++i) EXPECT_FALSE(commit());
  }
  void reopen() {
    engine.reset();
    engine = std::make_unique<EngineOnDisk>(disk);
  }
  std::optional<Error> commit() {
    return commit_one_more(engine->system(), history, [this] { return disk->position(); });
  }
  // Commits until it works again, but not for longer than it may take.
  std::optional<Error> commit_patiently() {
    const auto deadline = std::chrono::steady_clock::now() + kRecoveryMax;
    std::optional<Error> error = commit();
    while (error && std::chrono::steady_clock::now() < deadline) {
      EXPECT_EQ(error->code(), ErrorCode::kUnavailable) << error->what();
      engine->clock().pass(std::chrono::seconds(2));
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      error = commit();
    }
    return error;
  }
  std::size_t feed_length() {
    const System& system = engine->system();
    auto events = boost::asio::co_spawn(system.context, system.store.feed(0, 1000), boost::asio::use_future);
    system.context.restart();
    system.context.run();
    return events.get().size();
  }
  // That a power cut now would leave what it must.
  void expect_survival(const std::string& where, Survival survival) {
    const std::uint64_t end = disk->position();
    Replay replay(disk->recording());
    expect_survival(where, survival, replay, end);
  }
  void expect_survival(const std::string& where, Survival survival, Replay& replay, std::uint64_t position) {
    try {
      const EngineOnDisk recovered(replay.image(position, campaign_seed(), survival));
      for (const std::string& fault : check_survivors(recovered.system(), history, position).faults) {
        ADD_FAILURE() << where << ", unsynced data " << name_of(survival) << ": " << fault;
      }
    } catch (const Error& error) {
      ADD_FAILURE() << where << ", unsynced data " << name_of(survival) << ": does not open: " << error.what();
    }
  }
  // That a cut at each step since `from` would have.
  void expect_survival_since(std::uint64_t from, const std::string& where) {
    const std::uint64_t end = disk->position();  // first: RocksDB's own threads go on writing
    Replay replay(disk->recording());
    for (std::uint64_t position = from; position <= end; ++position) {
      for (const Survival survival : kAllSurvivals) {
        expect_survival(fmt::format("{}, cut at {}", where, position), survival, replay, position);
      }
    }
  }

  std::shared_ptr<SimulatedDisk> disk = SimulatedDisk::make(rocksdb_rules());
  std::unique_ptr<EngineOnDisk> engine;
  History history;
};

class FullDisk : public testing::TestWithParam<PartialWrite> {};

TEST_P(FullDisk, RefusesCommitsServesReadsAndTakesCommitsAgainOnceThereIsSpace) {
  World world(kCommitsBefore);
  const std::uint64_t full_at = world.disk->position();
  world.disk->fail_from(FaultKind::kWrite, 0, IOStatus::NoSpace("disk full"), SimulatedDisk::kForever, GetParam());
  for (int i = 0; i < 3; ++i) {
    const auto error = world.commit();
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->code(), ErrorCode::kUnavailable) << error->what();
    EXPECT_EQ(world.feed_length(), kCommitsBefore);
    world.engine->clock().pass(std::chrono::seconds(2));
  }
  EXPECT_EQ(world.engine->fatal_calls(), 0);

  world.disk->heal();
  const std::optional<Error> error = world.commit_patiently();
  ASSERT_FALSE(error) << error->what();
  EXPECT_EQ(world.feed_length(), kCommitsBefore + 1);
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(world.commit());
  world.expect_survival_since(full_at, "a full disk");
}

// The first write after a start: there is nothing in memory whose flush would begin a new log, so the half-written
// record must not stay in front of the commits to come.
TEST_P(FullDisk, AtTheFirstCommitAfterAStartIsNoDifferent) {
  World world(kCommitsBefore);
  world.reopen();
  const std::uint64_t full_at = world.disk->position();
  world.disk->fail_from(FaultKind::kWrite, 0, IOStatus::NoSpace("disk full"), SimulatedDisk::kForever, GetParam());
  EXPECT_TRUE(world.commit().has_value());
  world.disk->heal();

  const std::optional<Error> error = world.commit_patiently();
  ASSERT_FALSE(error) << error->what();
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(world.commit());
  world.expect_survival_since(full_at, "a full disk after a start");
}

// The disk runs full in the middle of the write although there was space when the engine looked: it may stop for it,
// but it must not come back with what it refused.
TEST_P(FullDisk, WithoutWarningBringsNoRefusedCommitBack) {
  World world(kCommitsBefore);
  const std::uint64_t full_at = world.disk->position();
  world.disk->hide_lack_of_space();
  world.disk->fail_from(FaultKind::kWrite, 0, IOStatus::NoSpace("disk full"), 1, GetParam());
  EXPECT_TRUE(world.commit().has_value());
  for (int i = 0; i < 5; ++i) {
    world.engine->clock().pass(std::chrono::seconds(2));
    world.commit();
  }
  world.expect_survival_since(full_at, "full for a moment");
}

INSTANTIATE_TEST_SUITE_P(DiskFault, FullDisk, testing::Values(PartialWrite::kNothing, PartialWrite::kHalf),
                         [](const testing::TestParamInfo<PartialWrite>& info) {
                           return info.param == PartialWrite::kHalf ? "HalfWritten" : "NothingWritten";
                         });

TEST(DiskFault, AFailedSyncIsFatalAndAcknowledgesNothing) {
  World world(kCommitsBefore);
  const std::uint64_t failed_at = world.disk->position();
  world.disk->fail_from(FaultKind::kSync, 0, IOStatus::IOError("EIO"), 1);
  const auto error = world.commit();
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code(), ErrorCode::kUnavailable) << error->what();
  EXPECT_EQ(world.engine->fatal_calls(), 1);

  // The disk works again, but what it forgot no later sync brings back: the engine must not trust it.
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(world.commit().has_value());
  EXPECT_EQ(world.engine->fatal_calls(), 1);
  EXPECT_EQ(world.feed_length(), kCommitsBefore);
  world.expect_survival_since(failed_at, "a failed sync");
}

TEST(DiskFault, AWriteErrorIsFatalAndAcknowledgesNothing) {
  World world(kCommitsBefore);
  const std::uint64_t failed_at = world.disk->position();
  world.disk->fail_from(FaultKind::kWrite, 0, IOStatus::IOError("EIO"), 1);
  EXPECT_TRUE(world.commit().has_value());
  EXPECT_EQ(world.engine->fatal_calls(), 1);
  EXPECT_TRUE(world.commit().has_value());
  EXPECT_EQ(world.feed_length(), kCommitsBefore);
  world.expect_survival_since(failed_at, "a write error");
}

struct NthFault {
  const char* name;
  FaultKind kind;
  IOStatus status;
  std::uint64_t times;

  friend void PrintTo(const NthFault& fault, std::ostream* out) { *out << fault.name; }
};

class FailTheNth : public testing::TestWithParam<NthFault> {};

// With several clients at work, the fault hits the first operation of its kind since the start, then the second, and so
// on, until none is hit any more. Whatever the engine answers, a power cut afterwards finds no acknowledged commit
// missing and none in part.
TEST_P(FailTheNth, NothingIsAcknowledgedFalsely) {
  const NthFault& fault = GetParam();
  std::uint64_t n = 0;
  for (bool fired = true; fired; ++n) {
    ASSERT_LT(n, 1000u);
    World world(0);
    world.disk->hide_lack_of_space();
    world.disk->fail_from(fault.kind, n, fault.status, fault.times);
    Workload workload(campaign_seed(), 3, [&] { return world.disk->position(); });
    workload.run(world.engine->system(), 24);
    world.history = workload.history(world.engine->system());
    fired = world.disk->faults_fired() > 0;
    world.expect_survival(fmt::format("{} at operation {}", fault.name, n),
                          kAllSurvivals[n % std::size(kAllSurvivals)]);
  }
  EXPECT_GT(n, 5u);
}

INSTANTIATE_TEST_SUITE_P(DiskFault, FailTheNth,
                         testing::Values(NthFault{"WriteEioOnce", FaultKind::kWrite, IOStatus::IOError("EIO"), 1},
                                         NthFault{"WriteEnospcOnce", FaultKind::kWrite, IOStatus::NoSpace("full"), 1},
                                         NthFault{"WriteEnospcForever", FaultKind::kWrite, IOStatus::NoSpace("full"),
                                                  SimulatedDisk::kForever},
                                         NthFault{"SyncEioOnce", FaultKind::kSync, IOStatus::IOError("EIO"), 1},
                                         NthFault{"SyncEnospcOnce", FaultKind::kSync, IOStatus::NoSpace("full"), 1}),
                         [](const testing::TestParamInfo<NthFault>& info) { return info.param.name; });

// The same while it opens: either it opens or it says why not, and the folder is as good as before.
TEST(DiskFault, AFaultWhileOpeningLosesNothing) {
  for (const FaultKind kind : {FaultKind::kWrite, FaultKind::kSync}) {
    std::uint64_t n = 0;
    for (bool fired = true; fired; ++n) {
      ASSERT_LT(n, 1000u);
      World world(kCommitsBefore);
      world.engine.reset();
      world.disk->fail_from(kind, n, IOStatus::IOError("EIO"), 1);
      try {
        world.reopen();
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kUnavailable) << error.what();
      }
      fired = world.disk->faults_fired() > 0;
      world.disk->heal();
      world.expect_survival(fmt::format("opening, fault {}", n), kAllSurvivals[n % std::size(kAllSurvivals)]);
    }
    EXPECT_GT(n, 3u);
  }
}

}  // namespace
}  // namespace orderly::power_loss
