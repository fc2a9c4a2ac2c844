// The embedded engine on a disk that is full or broken: it acknowledges nothing that is not durable, and reads go on.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
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

class World {
 public:
  World() : disk(SimulatedDisk::make(rocksdb_rules())), engine(disk) {
    for (std::size_t i = 0; i < kCommitsBefore; ++i) EXPECT_FALSE(commit());
  }

  std::optional<Error> commit() {
    return commit_one_more(engine.system(), history, [this] { return disk->position(); });
  }
  std::size_t feed_length() {
    boost::asio::io_context context;
    auto events = boost::asio::co_spawn(context, engine.system().store.feed(0, 1000), boost::asio::use_future);
    context.run();
    return events.get().size();
  }
  // What is wrong with what a power cut now would leave.
  std::vector<std::string> faults_after_power_loss(Survival survival, std::uint64_t seed) {
    Replay replay(disk->recording());
    const std::uint64_t position = disk->position();
    try {
      const EngineOnDisk recovered(replay.image(position, seed, survival));
      return check_survivors(recovered.system(), history, position).faults;
    } catch (const Error& error) {
      return {std::string("does not open: ") + error.what()};
    }
  }
  void expect_survival(const std::string& where) {
    for (const Survival survival : kAllSurvivals) {
      for (const std::string& fault : faults_after_power_loss(survival, campaign_seed())) {
        ADD_FAILURE() << where << ", " << name_of(survival) << ": " << fault;
      }
    }
  }

  std::shared_ptr<SimulatedDisk> disk;
  EngineOnDisk engine;
  History history;
};

TEST(DiskFault, AFullDiskRefusesCommitsServesReadsAndTakesCommitsAgainOnceThereIsSpace) {
  World world;
  world.disk->fail_from(FaultKind::kWrite, 0, IOStatus::NoSpace("disk full"));
  for (int i = 0; i < 3; ++i) {
    const auto error = world.commit();
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->code(), ErrorCode::kUnavailable) << error->what();
    EXPECT_EQ(world.feed_length(), kCommitsBefore);
  }
  EXPECT_GT(world.disk->faults_fired(), 0u);
  EXPECT_EQ(world.engine.fatal_calls(), 0);
  world.expect_survival("full");

  world.disk->heal();
  const auto deadline = std::chrono::steady_clock::now() + kRecoveryMax;
  std::optional<Error> error = world.commit();
  while (error && std::chrono::steady_clock::now() < deadline) {
    EXPECT_EQ(error->code(), ErrorCode::kUnavailable) << error->what();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    error = world.commit();
  }
  ASSERT_FALSE(error) << error->what();
  EXPECT_EQ(world.feed_length(), kCommitsBefore + 1);
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(world.commit());
  world.expect_survival("after there was space again");
}

TEST(DiskFault, AFailedSyncIsFatalAndAcknowledgesNothing) {
  World world;
  world.disk->fail_from(FaultKind::kSync, 0, IOStatus::IOError("EIO"), 1);
  const auto error = world.commit();
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code(), ErrorCode::kUnavailable) << error->what();
  EXPECT_EQ(world.engine.fatal_calls(), 1);

  // The disk works again, but what it forgot no later sync brings back: the engine must not trust it.
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(world.commit().has_value());
  EXPECT_EQ(world.engine.fatal_calls(), 1);
  EXPECT_EQ(world.feed_length(), kCommitsBefore);
  world.expect_survival("after a failed sync");
}

TEST(DiskFault, AWriteErrorIsFatalAndAcknowledgesNothing) {
  World world;
  world.disk->fail_from(FaultKind::kWrite, 0, IOStatus::IOError("EIO"), 1);
  EXPECT_TRUE(world.commit().has_value());
  EXPECT_EQ(world.engine.fatal_calls(), 1);
  EXPECT_TRUE(world.commit().has_value());
  EXPECT_EQ(world.feed_length(), kCommitsBefore);
  world.expect_survival("after a write error");
}

struct NthFault {
  const char* name;
  FaultKind kind;
  IOStatus status;
  std::uint64_t times;
};

class FailTheNth : public testing::TestWithParam<NthFault> {};

// From the moment the engine is open: the fault hits the first operation of its kind, then the second, and so on, until
// none is hit any more. Whatever the engine answers, a power cut afterwards finds no acknowledged commit missing.
TEST_P(FailTheNth, NoCommitIsAcknowledgedFalsely) {
  const NthFault& fault = GetParam();
  constexpr int kCommits = 5;
  std::uint64_t n = 0;
  for (bool fired = true; fired; ++n) {
    ASSERT_LT(n, 1000u);
    World world;
    world.disk->fail_from(fault.kind, n, fault.status, fault.times);
    for (int i = 0; i < kCommits; ++i) world.commit();
    fired = world.disk->faults_fired() > 0;
    world.expect_survival(fmt::format("{} at operation {}", fault.name, n));
  }
  EXPECT_GT(n, 2u);
}

INSTANTIATE_TEST_SUITE_P(DiskFault, FailTheNth,
                         testing::Values(NthFault{"WriteEioOnce", FaultKind::kWrite, IOStatus::IOError("EIO"), 1},
                                         NthFault{"WriteEnospcOnce", FaultKind::kWrite, IOStatus::NoSpace("full"), 1},
                                         NthFault{"WriteEnospcForever", FaultKind::kWrite, IOStatus::NoSpace("full"),
                                                  SimulatedDisk::kForever},
                                         NthFault{"SyncEioOnce", FaultKind::kSync, IOStatus::IOError("EIO"), 1},
                                         NthFault{"SyncEnospcOnce", FaultKind::kSync, IOStatus::NoSpace("full"), 1}),
                         [](const testing::TestParamInfo<NthFault>& info) { return info.param.name; });

}  // namespace
}  // namespace orderly::power_loss
