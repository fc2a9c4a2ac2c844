// One holder at a time, as far as clocks allow; and the loop that relays while it holds one.
#include "engines/aws/lease.h"

#include <gtest/gtest.h>

#include "engines/aws/relay_worker.h"
#include "engines/aws/test_cloud.h"

namespace orderly::aws {
namespace {

using namespace orderly::aws::testing;  // NOLINT(google-build-using-namespace)

class LeaseTest : public ::testing::Test {
 protected:
  JumpingClock clock_{"2026-11-21T10:30:00Z"};
  CountingRandom random_;
  FakeCloud cloud_;
  Process process_{cloud_, clock_, random_};
  Lease lease_{process_.records, "relay", Duration{15'000}};
  Lease other_{process_.records, "relay", Duration{15'000}};
};

TEST_F(LeaseTest, OnlyOneHoldsIt) {
  EXPECT_TRUE(run(lease_.hold()));
  EXPECT_FALSE(run(other_.hold()));
  EXPECT_TRUE(run(lease_.hold()));
}

TEST_F(LeaseTest, ItIsRenewedWhenAThirdIsOver) {
  EXPECT_TRUE(run(lease_.hold()));
  clock_.advance(Duration{4'000});
  EXPECT_TRUE(run(lease_.hold()));
  EXPECT_EQ(cloud_.calls["PutItem"], 1);
  clock_.advance(Duration{2'000});
  EXPECT_TRUE(run(lease_.hold()));
  EXPECT_EQ(cloud_.calls["PutItem"], 2);
  clock_.advance(Duration{14'000});
  EXPECT_FALSE(run(other_.hold()));
}

TEST_F(LeaseTest, OneThatIsNotRenewedIsAnothers) {
  EXPECT_TRUE(run(lease_.hold()));
  clock_.advance(Duration{15'001});
  EXPECT_TRUE(run(other_.hold()));
  EXPECT_FALSE(run(lease_.hold()));
}

TEST_F(LeaseTest, AReleasedOneIsFreeAtOnceAndOnlyItsHolderReleasesIt) {
  EXPECT_TRUE(run(lease_.hold()));
  run_all(other_.release());
  EXPECT_FALSE(run(other_.hold()));
  run_all(lease_.release());
  EXPECT_TRUE(run(other_.hold()));
}

TEST_F(LeaseTest, WhileTheTableIsDownItIsHeldUntilItsEnd) {
  EXPECT_TRUE(run(lease_.hold()));
  cloud_.fate_of = [](const std::string&) { return Fate::kDown; };
  clock_.advance(Duration{6'000});
  EXPECT_TRUE(run(lease_.hold()));
  clock_.advance(Duration{10'000});
  EXPECT_THROW(run(lease_.hold()), Error);
}

TEST_F(LeaseTest, TheRelayGoesOnAfterFailuresAndWithAnotherProcessWhereTheFeedStands) {
  cloud_.shards["s"].records = {inserted(event_item("A", "1", clock_.now()), "001", clock_.now())};
  const auto relay_until = [&](Process& process, std::size_t events) {
    std::stop_source stop;
    StreamReader reader(process.service, process.table);
    RelayWorker worker(reader, process.pages, process.relay, process.counters, process.records,
                       {Duration{200}, Duration{15'000}});
    int down = 3;
    cloud_.fate_of = [&, events](const std::string& action) {
      if (feed_of(cloud_).size() >= events) stop.request_stop();
      return action == "GetRecords" && down-- > 0 ? Fate::kDown : Fate::kDone;
    };
    run_all(worker.run(stop.get_token()));
    cloud_.fate_of = [](const std::string&) { return Fate::kDone; };
  };
  relay_until(process_, 1);
  EXPECT_EQ(feed_of(cloud_), (std::vector<std::string>{"A/1"}));
  EXPECT_FALSE(cloud_.items.contains({"~LEASE", "relay"}));

  cloud_.shards["s"].records.push_back(inserted(event_item("A", "2", clock_.now()), "002", clock_.now()));
  Process next(cloud_, clock_, random_);
  relay_until(next, 2);
  EXPECT_EQ(feed_of(cloud_), (std::vector<std::string>{"A/1", "A/2"}));
  EXPECT_EQ(sent_to(cloud_, "shop-payments"), (std::vector<std::string>{"msg_A1", "msg_A2"}));
}

TEST(PauseAfterFailures, DoublesUpToFiveSeconds) {
  EXPECT_EQ(pause_after_failures(1), Duration{100});
  EXPECT_EQ(pause_after_failures(2), Duration{200});
  EXPECT_EQ(pause_after_failures(6), Duration{3'200});
  EXPECT_EQ(pause_after_failures(100), Duration{5'000});
}

}  // namespace
}  // namespace orderly::aws
