// The fakes keep the contract that the engines keep (tests/contract), where use cases would notice; and the World
// notices what must not be.
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include "app/keys.h"
#include "base/limits.h"
#include "tests/fakes/consistency.h"
#include "tests/fakes/world.h"

namespace orderly::fakes {
namespace {

using Kind = ports::CommitResult::Kind;
using ports::QueueName;
using std::chrono::seconds;

class Fakes : public testing::Test {
 protected:
  template <class T>
  T run(Task<T> task) {
    std::optional<T> result;
    std::exception_ptr error;
    boost::asio::co_spawn(context, std::move(task), [&](std::exception_ptr thrown, T value) {
      error = thrown;
      result = std::move(value);
    });
    do {
      context.restart();
      while (context.poll_one() > 0) {
      }
    } while (!result && clock.jump_to_next(clock.now() + std::chrono::hours(1)));
    if (error) std::rethrow_exception(error);
    return std::move(*result);
  }
  void give_back(const ports::Message& message, Duration delay, std::string reason) {
    run([](MemoryQueue& q, ports::Message m, Duration d, std::string r) -> Task<bool> {
      co_await q.retry_later(m, d, std::move(r));
      co_return true;
    }(queue, message, delay, std::move(reason)));
  }
  ports::CommitResult commit(std::vector<ports::Write> writes, std::string token = {}) {
    ports::Commit one;
    one.writes = std::move(writes);
    one.token = std::move(token);
    return run(store.commit(std::move(one)));
  }
  void send(std::string id, Duration delay = Duration{0}) {
    ports::Commit one;
    one.messages = {{QueueName::kPayments, std::move(id), "{}", clock.now() + delay}};
    ASSERT_TRUE(run(store.commit(std::move(one))).committed());
  }
  ports::CommitResult acknowledge(const ports::Message& message) {
    ports::Commit one;
    one.acknowledged = {message.receipt};
    return run(store.commit(std::move(one)));
  }
  std::vector<ports::Message> receive(Duration wait = Duration{0}) {
    return run(queue.receive(QueueName::kPayments, 10, wait));
  }
  static ports::Put put(std::string partition, ports::Condition condition = ports::Absent{},
                        std::uint64_t version = 1) {
    return {{std::move(partition), "META"}, "{}", version, {}, {}, condition};
  }
  std::string slug_of(const std::function<void()>& act) {
    try {
      act();
    } catch (const Error& error) {
      return error.slug();
    }
    return "nothing thrown";
  }

  boost::asio::io_context context{1};
  VirtualClock clock{Time{1'000'000}};
  MemoryQueue queue{clock};
  MemoryStore store{clock, queue};
};

TEST_F(Fakes, TimePassesOnlyWhenNobodyHasAnythingElseToDo) {
  std::vector<std::string> course;
  const auto sleeper = [&](std::string name, Duration duration) -> Task<void> {
    co_await clock.sleep(duration);
    course.push_back(name + "@" + std::to_string(clock.now().ms - 1'000'000));
  };
  for (const auto& [name, ms] : {std::pair("late", 3000), std::pair("soon", 10), std::pair("same", 10)}) {
    boost::asio::co_spawn(context, sleeper(name, Duration{ms}), boost::asio::detached);
  }
  do {
    context.restart();
    context.poll();
  } while (clock.jump_to_next(Time{2'000'000}));
  EXPECT_EQ(course, (std::vector<std::string>{"soon@10", "same@10", "late@3000"}));
}

TEST_F(Fakes, ConditionsAndFloorsDecideForTheWholeCommit) {
  EXPECT_TRUE(commit({put("A")}).committed());
  EXPECT_EQ(commit({put("B"), put("A")}).which, 1u);
  EXPECT_FALSE(run(store.get(ports::Key{"B", "META"})));
  EXPECT_EQ(commit({put("A", ports::AtVersion{2}, 3)}).kind, Kind::kConflict);
  EXPECT_TRUE(commit({put("A", ports::AtVersion{1}, 2)}).committed());
  EXPECT_EQ(commit({ports::Count{{"S", "META"}, {{"n", -1}}}}).kind, Kind::kBelowFloor);
  EXPECT_TRUE(commit({ports::Count{{"S", "META"}, {{"n", 2}, {"a", 0}}}}).committed());
  EXPECT_EQ(run(store.get(ports::Key{"S", "META"}))->document, R"({"a":0,"n":2})");
  EXPECT_TRUE(commit({ports::Require{{"A", "META"}, ports::AtVersion{2}}, put("C")}).committed());
  EXPECT_FALSE(commit({ports::Require{{"A", "META"}, ports::Absent{}}, put("D")}).committed());
  EXPECT_TRUE(commit({ports::Remove{{"A", "META"}, ports::AtVersion{2}}}).committed());
  EXPECT_FALSE(run(store.get(ports::Key{"A", "META"})));
}

TEST_F(Fakes, ATokenIsAppliedOnceAndOneThatWasRefusedMayTryAgain) {
  const ports::Count count{{"S", "META"}, {{"n", 5}}};
  EXPECT_TRUE(commit({count}, "t1").committed());
  EXPECT_TRUE(commit({count}, "t1").committed());
  EXPECT_EQ(run(store.get(ports::Key{"S", "META"}))->document, R"({"n":5})");
  EXPECT_FALSE(commit({put("A", ports::AtVersion{1}, 2)}, "t2").committed());
  EXPECT_TRUE(commit({put("A")}).committed());
  EXPECT_TRUE(commit({put("A", ports::AtVersion{1}, 2)}, "t2").committed());
}

TEST_F(Fakes, AnExpiredRecordCountsAsAbsent) {
  ports::Put cart = put("CART");
  cart.expires_at = clock.now() + seconds(1);
  cart.indexes = {{ports::Index::kByDay, "day", "1"}};
  ASSERT_TRUE(commit({cart}).committed());
  clock.set(clock.now() + seconds(1));
  EXPECT_FALSE(run(store.get(ports::Key{"CART", "META"})));
  ports::Query query;
  query.index = ports::Index::kByDay;
  query.partition = "day";
  EXPECT_TRUE(run(store.query(query)).records.empty());
  EXPECT_TRUE(commit({put("CART")}).committed());
}

TEST_F(Fakes, PagesFollowEachOtherAndCursorsBelongToTheirQuery) {
  for (const std::string sort : {"a", "ab", "b", "c", "d"}) {
    ASSERT_TRUE(commit({ports::Put{{"P", sort}, "{}", 1, {}, {}, ports::Absent{}}}).committed());
  }
  for (const ports::Direction direction : {ports::Direction::kForward, ports::Direction::kBackward}) {
    std::string all;
    ports::Query query{{}, "P", "ab", "d", direction, 1, ""};
    do {
      const ports::Page page = run(store.query(query));
      for (const ports::Record& record : page.records) all += record.key.sort + " ";
      query.cursor = page.cursor;
    } while (!query.cursor.empty());
    EXPECT_EQ(all, direction == ports::Direction::kForward ? "ab b c " : "c b ab ");
  }
  ports::Query query{{}, "P", "", "", ports::Direction::kForward, 2, ""};
  query.cursor = run(store.query(query)).cursor;
  query.from = "b";
  EXPECT_EQ(slug_of([&] { run(store.query(query)); }), "invalid-cursor");
}

TEST_F(Fakes, CommitsThatBreakARuleAreRefusedOnEveryEngine) {
  std::vector<ports::Write> too_many;
  for (int i = 0; i < 101; ++i) too_many.emplace_back(put("W" + std::to_string(i)));
  EXPECT_EQ(slug_of([&] { commit(too_many); }), "bad-commit");
  EXPECT_EQ(slug_of([&] { commit({put("A"), put("A")}); }), "bad-commit");
  EXPECT_EQ(slug_of([&] { commit({put("A", ports::AtVersion{2}, 2)}); }), "bad-commit");
  EXPECT_EQ(slug_of([&] { commit({put("A\n")}); }), "bad-key");
}

TEST_F(Fakes, AMessageIsHiddenWhileInFlightAndAcknowledgedOnce) {
  send("m1");
  const auto first = receive();
  ASSERT_EQ(first.size(), 1u);
  EXPECT_TRUE(receive().empty());
  const auto second = receive(limits::kVisibilityTimeout);
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].attempts, 2);
  EXPECT_TRUE(acknowledge(second[0]).committed());
  EXPECT_EQ(acknowledge(first[0]).kind, Kind::kAcknowledged);
  EXPECT_EQ(queue.messages(), 0u);
}

TEST_F(Fakes, ADelayedMessageWakesItsReceiverWhenItIsDue) {
  send("later", seconds(3));
  const Time start = clock.now();
  EXPECT_TRUE(receive(seconds(1)).empty());
  EXPECT_EQ(receive(seconds(10)).size(), 1u);
  EXPECT_EQ(clock.now() - start, seconds(3));
}

TEST_F(Fakes, AfterItsLastDeliveryAMessageIsDeadAndMayBeRedriven) {
  send("m1");
  for (int delivery = 1; delivery <= limits::kDeliveriesMax; ++delivery) {
    const auto messages = receive(seconds(2));
    ASSERT_EQ(messages.size(), 1u);
    EXPECT_EQ(messages[0].attempts, delivery);
    give_back(messages[0], seconds(1), "provider-down");
  }
  EXPECT_EQ(queue.messages(), 0u);
  const auto dead = run(queue.dead_letters(QueueName::kPayments, 10));
  ASSERT_EQ(dead.size(), 1u);
  EXPECT_EQ(dead[0].reason, "provider-down");
  EXPECT_EQ(run(queue.redrive(QueueName::kPayments, "m1")), 1u);
  EXPECT_EQ(receive().at(0).attempts, 1);
}

TEST_F(Fakes, FaultsHitTheCommitThatWasMeant) {
  store.fail_commit(CommitFault::kLostAfterDone, 1);
  EXPECT_TRUE(commit({put("A")}).committed());
  EXPECT_EQ(slug_of([&] { commit({put("B")}, "t"); }), "outcome-unknown");
  EXPECT_TRUE(run(store.get(ports::Key{"B", "META"})));
  EXPECT_TRUE(commit({put("B")}, "t").committed());
  store.fail_commit(CommitFault::kLostBeforeDone);
  EXPECT_EQ(slug_of([&] { commit({put("C")}); }), "outcome-unknown");
  EXPECT_FALSE(run(store.get(ports::Key{"C", "META"})));
  store.conflict_once({"D", "META"});
  EXPECT_EQ(commit({put("D")}).kind, Kind::kConflict);
  EXPECT_TRUE(commit({put("D")}).committed());
}

std::vector<std::string> course_of(std::uint64_t seed) {
  WorldSettings settings;
  settings.seed = seed;
  World world(settings);
  for (const char* card : {"pm_card_visa", "pm_sim_http_500", "pm_sim_slow"}) world.place_order({{"1", 1}}, card);
  world.run_until_idle();
  std::vector<std::string> course;
  world.store.inspect()->feed([&](const ports::FeedEvent& event) {
    course.push_back(event.document);
    return true;
  });
  return course;
}

TEST(World, TheSameSeedGivesTheSameCourse) {
  EXPECT_EQ(course_of(7), course_of(7));
  EXPECT_NE(course_of(7), course_of(8));
}

// What a hand in the store, or a bug, would leave behind.
struct Damage {
  const char* name;
  const char* from;
  const char* to;
};

void PrintTo(const Damage& damage, std::ostream* out) { *out << damage.name; }

class WorldNotices : public testing::TestWithParam<Damage> {};

TEST_P(WorldNotices, ADamagedOrder) {
  World world;
  const ports::Key key = app::keys::order(world.place_paid_order({{"1", 2}}));
  std::string before;
  world.store.tamper(key, [&](std::string& document) {
    before = document;
    const std::size_t place = document.find(GetParam().from);
    ASSERT_NE(place, std::string::npos);
    document.replace(place, std::string_view(GetParam().from).size(), GetParam().to);
  });
  testing::TestPartResultArray failures;
  {
    testing::ScopedFakeTestPartResultReporter reporter(
        testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &failures);
    expect_consistent(world);
  }
  EXPECT_GT(failures.size(), 0);
  world.store.tamper(key, [&](std::string& document) { document = before; });
}

INSTANTIATE_TEST_SUITE_P(Damages, WorldNotices,
                         testing::Values(Damage{"total", "\"total\":19999", "\"total\":19998"},
                                         Damage{"status", "\"status\":\"confirmed\"", "\"status\":\"pending\""},
                                         Damage{"quantity", "\"quantity\":2", "\"quantity\":3"},
                                         Damage{"client", "\"client_id\":\"u1\"", "\"client_id\":\"u2\""},
                                         Damage{"version", "\"version\":4", "\"version\":5"}));

}  // namespace
}  // namespace orderly::fakes
