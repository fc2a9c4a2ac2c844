// Events: records like others, and a feed in commit order that no late one slips into.
#include "tests/contract/world.h"

namespace orderly::contract {
namespace {

template <class Engine>
class FeedContract : public Contract<Engine> {
 protected:
  ports::Commit with_event(const std::string& name) {
    ports::Commit commit;
    commit.events.push_back({key("ORDER#1", "EVENT#" + name), "\"" + name + "\""});
    return commit;
  }
  std::vector<ports::FeedEvent> feed(std::uint64_t after, std::size_t limit = 100) {
    return this->run(this->store().feed(after, limit));
  }
};
TYPED_TEST_SUITE(FeedContract, Engines);

TYPED_TEST(FeedContract, EventsComeInTheOrderOfTheirCommits) {
  EXPECT_TRUE(this->feed(0).empty());
  for (const std::string name : {"placed", "paid", "shipped"}) {
    ASSERT_EQ(this->commit(this->with_event(name)), "committed");
  }
  const auto events = this->feed(0);
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].document, "\"placed\"");
  EXPECT_EQ(events[1].document, "\"paid\"");
  EXPECT_EQ(events[2].document, "\"shipped\"");
  EXPECT_EQ(events[0].key, key("ORDER#1", "EVENT#placed"));
  EXPECT_LT(events[0].sequence, events[1].sequence);
  EXPECT_LT(events[1].sequence, events[2].sequence);
  EXPECT_EQ(this->feed(events[0].sequence, 1).at(0).document, "\"paid\"");
  EXPECT_TRUE(this->feed(events[2].sequence).empty());
}

TYPED_TEST(FeedContract, AnEventIsARecordOfItsPartition) {
  ASSERT_EQ(this->commit(this->with_event("placed")), "committed");
  EXPECT_EQ(this->document(key("ORDER#1", "EVENT#placed")), "\"placed\"");
  EXPECT_EQ(this->sorts({.partition = "ORDER#1", .from = "EVENT#"}), std::vector<std::string>{"EVENT#placed"});
}

TYPED_TEST(FeedContract, TheEventsOfOneCommitKeepTheirOrder) {
  ports::Commit commit;
  for (const std::string name : {"shipped", "delivered"}) {
    commit.events.push_back({key("ORDER#1", "EVENT#" + name), "\"" + name + "\""});
  }
  ASSERT_EQ(this->commit(commit), "committed");
  const auto events = this->feed(0);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].document, "\"shipped\"");
  EXPECT_EQ(events[1].document, "\"delivered\"");
}

// A reader that remembers the last sequence it saw misses nothing, whatever else is going on.
TYPED_TEST(FeedContract, AReaderThatFollowsMissesNothingWhileManyWrite) {
  constexpr std::size_t kWriters = 16;
  constexpr std::size_t kEach = 25;
  auto write = [this](std::size_t writer) -> Task<void> {
    for (std::size_t i = 0; i < kEach; ++i) {
      ports::Commit commit;
      commit.events.push_back({key("W#" + padded(writer), padded(i)), "{}"});
      EXPECT_EQ(outcome(co_await this->store().commit(std::move(commit))), "committed");
    }
  };
  std::vector<std::future<void>> writers;
  for (std::size_t writer = 0; writer < kWriters; ++writer) writers.push_back(this->threads_.start(write(writer)));

  std::map<std::string, std::size_t> next_of;
  std::size_t seen = 0;
  std::uint64_t last = 0;
  this->eventually([&] {
    for (const ports::FeedEvent& event : this->feed(last, 7)) {
      EXPECT_GT(event.sequence, last);
      last = event.sequence;
      EXPECT_EQ(event.key.sort, padded(next_of[event.key.partition]++)) << "a writer's own events are in its order";
      ++seen;
    }
    return seen == kWriters * kEach || ::testing::Test::HasFailure();
  });
  for (std::future<void>& writer : writers) writer.get();
  EXPECT_EQ(this->feed(0, 1000).size(), kWriters * kEach);
}

}  // namespace
}  // namespace orderly::contract
