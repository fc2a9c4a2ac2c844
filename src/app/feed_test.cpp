// Finding a moment in the feed, whatever its events are of.
#include "app/feed.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "tests/fakes/world.h"

namespace orderly::app {
namespace {

using fakes::World;

// A feed whose sequences have gaps, as that of an engine that numbers pages: one event a second, from 1970 on.
class SparseFeed final : public ports::Store {
 public:
  explicit SparseFeed(std::vector<std::uint64_t> sequences) : sequences_(std::move(sequences)) {}
  Task<std::vector<ports::FeedEvent>> feed(std::uint64_t after, std::size_t limit) override {
    ++reads;
    if (on_read) on_read();
    std::vector<ports::FeedEvent> events;
    for (std::size_t i = 0; i < sequences_.size(); ++i) {
      if (sequences_[i] > after && events.size() < limit) events.push_back(event(i));
    }
    co_return events;
  }
  Task<std::optional<ports::Record>> get(ports::Key) override { co_return std::nullopt; }
  Task<std::vector<std::optional<ports::Record>>> get_many(std::vector<ports::Key>) override {
    co_return std::vector<std::optional<ports::Record>>{};
  }
  Task<ports::Page> query(ports::Query) override { co_return ports::Page{}; }
  Task<ports::CommitResult> commit(ports::Commit) override { co_return ports::CommitResult{}; }

  void add(std::uint64_t sequence) { sequences_.push_back(sequence); }
  std::size_t reads = 0;
  std::function<void()> on_read;

 private:
  ports::FeedEvent event(std::size_t i) const {
    // Every other one is of an object that nobody knows.
    domain::EventHead event;
    event.id = EventId::make(Time{1}, IdEntropy{});
    event.object = i % 2 == 0 ? "ord_1" : "thing_1";
    event.at = Time{static_cast<std::int64_t>(i) * 1000};
    std::string document = json::write(event);
    document.insert(1, R"("more":{"id":1},)");
    return {sequences_[i], {i % 2 == 0 ? "ORDER#1" : "THING#1", "EVENT#1"}, std::move(document)};
  }

  std::vector<std::uint64_t> sequences_;
};

TEST(LastBefore, IsFoundWhereverItIs) {
  World world;
  const std::vector<std::vector<std::uint64_t>> feeds = {
      {}, {1}, {2}, {1, 2}, {1, 2, 3}, {1001, 1002, 2001}, {1001, 1500, 77'000'003}, {5'000'001, 5'000'002}};
  for (const auto& sequences : feeds) {
    for (std::size_t earlier = 0; earlier <= sequences.size(); ++earlier) {
      SparseFeed feed(sequences);
      const Time moment{static_cast<std::int64_t>(earlier) * 1000 - 500};
      EXPECT_EQ(world.run(last_before(feed, moment)), earlier == 0 ? 0 : sequences[earlier - 1]);
      EXPECT_LE(feed.reads, 60u);
    }
  }
}

TEST(LastBefore, IsNotMovedByWhatHappensDuringTheSearch) {
  World world;
  SparseFeed feed({1, 2, 3, 4, 5, 6, 7});
  std::uint64_t next = 8;
  feed.on_read = [&] { feed.add(next++); };
  EXPECT_EQ(world.run(last_before(feed, Time{6'500})), 7u);
  EXPECT_GT(next, 10u);
}

TEST(HeadOf, NamesTheEventThatDoesNotRead) {
  try {
    head_of({7, {"ORDER#1", "EVENT#00000001"}, R"({"id":"x"})"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBrokenInvariant);
    EXPECT_NE(error.detail().find("ORDER#1/EVENT#00000001"), std::string::npos) << error.detail();
  }
}

}  // namespace
}  // namespace orderly::app
