// Requests that repeat, as the API does them: look for a kept answer, else do the work and keep its answer in the
// commit.
#include "app/answers.h"

#include <gtest/gtest.h>

#include <map>

#include "app/keys.h"
#include "base/limits.h"
#include "tests/fakes/world.h"

namespace orderly::app {
namespace {

using fakes::CommitFault;
using fakes::World;

Task<Answer> place_once(World& world, RepeatKey key, World::Lines lines) {
  if (auto kept = co_await find_answer(world.app, key)) co_return *kept;
  co_return co_await place_order(world.app, world.owner(), world.order_of(std::move(lines)), key);
}

std::size_t count_orders(World& world) {
  std::size_t count = 0;
  world.store.inspect()->records([&](const auto& each) {
    if (each.record.key.partition.starts_with("ORDER#") && each.record.key.sort == keys::kMeta) ++count;
    return true;
  });
  return count;
}

TEST(Answers, TheSameRequestGetsTheSameBytesAndIsDoneOnce) {
  World world;
  const RepeatKey key = world.key("k1", "body");
  const Answer first = world.run(place_once(world, key, {{"1", 2}}));
  world.run_until_idle();  // the order has changed since; its answer has not
  const Answer again = world.run(place_once(world, key, {{"1", 2}}));
  EXPECT_FALSE(first.replayed);
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.status, first.status);
  EXPECT_EQ(count_orders(world), 1u);
}

TEST(Answers, AnotherBodyUnderTheKeyIsRefused) {
  World world;
  world.run(place_once(world, world.key("k1", "body"), {{"1", 2}}));
  const Error error = world.error_of(place_once(world, world.key("k1", "other body"), {{"1", 3}}));
  EXPECT_EQ(error.code(), ErrorCode::kKeyReused);
  EXPECT_EQ(count_orders(world), 1u);
}

TEST(Answers, KeysOfOthersPathsAndMethodsAreOtherKeys) {
  World world;
  const auto name = [&](std::string_view caller, std::string_view method, std::string_view path, std::string_view key) {
    return make_repeat_key(world.app, caller, method, path, key, "{}").name;
  };
  const std::string one = name("owner", "POST", "/orders", "k");
  EXPECT_EQ(name("owner", "POST", "/orders", "k"), one);
  EXPECT_NE(name("u1", "POST", "/orders", "k"), one);
  EXPECT_NE(name("owner", "PUT", "/orders", "k"), one);
  EXPECT_NE(name("owner", "POST", "/checkout", "k"), one);
  EXPECT_NE(name("owner", "POST", "/orders", "k2"), one);
  EXPECT_NE(name("ownerP", "OST", "/orders", "k"), one);  // lengths are part of it
}

TEST(Answers, ARefusalIsKeptToo) {
  World world;
  const RepeatKey key = world.key("refused");
  EXPECT_FALSE(world.run(keep_refusal(world.app, key, {409, R"({"type":"out-of-stock"})"})).replayed);
  const auto kept = world.run(find_answer(world.app, key));
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->status, 409);
  EXPECT_EQ(kept->body, R"({"type":"out-of-stock"})");
}

TEST(Answers, ARefusalThatComesSecondGivesWayToTheFirst) {
  World world;
  const RepeatKey key = world.key("refused", "body");
  world.run(keep_refusal(world.app, key, {409, R"({"type":"out-of-stock"})"}));
  const Answer second = world.run(keep_refusal(world.app, key, {409, "{}"}));
  EXPECT_TRUE(second.replayed);
  EXPECT_EQ(second.body, R"({"type":"out-of-stock"})");
  EXPECT_EQ(world.run(find_answer(world.app, key))->body, second.body);
  const RepeatKey with_other_body = world.key("refused", "other body");
  EXPECT_EQ(world.error_of(keep_refusal(world.app, with_other_body, {409, "{}"})).code(), ErrorCode::kKeyReused);
}

TEST(Answers, ACommitWithAnUnknownOutcomeIsDoneOnceUnderItsToken) {
  for (const CommitFault fault : {CommitFault::kLostBeforeDone, CommitFault::kLostAfterDone}) {
    World world;
    world.store.fail_commit(fault, 0);
    world.store.fail_commit(fault, 1);
    const Answer answer = world.run(place_once(world, world.key("lost"), {{"1", 1}}));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(count_orders(world), 1u);
    EXPECT_EQ(world.stock("1"), (domain::StockCounters{999, 1}));
    EXPECT_EQ(world.run(find_answer(world.app, world.key("lost")))->body, answer.body);
  }
}

TEST(Answers, AnOutcomeThatStaysUnknownIsFoundOutByTheClientsRetry) {
  World world;
  const RepeatKey key = world.key("lost");
  for (std::size_t nth = 0; nth < 20; ++nth) world.store.fail_commit(CommitFault::kLostAfterDone, nth);
  EXPECT_EQ(world.error_of(place_once(world, key, {{"1", 1}})).slug(), "outcome-unknown");
  const Answer answer = world.run(place_once(world, key, {{"1", 1}}));
  EXPECT_TRUE(answer.replayed);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(count_orders(world), 1u);
}

TEST(Answers, TheSameRequestTwiceAtOnceIsDoneOnce) {
  World world;
  const Time begun = world.clock.now();
  const RepeatKey key = world.key("twice");
  auto first = world.start(place_once(world, key, {{"1", 1}}));
  auto second = world.start(place_once(world, key, {{"1", 1}}));
  world.advance(Duration{0});
  ASSERT_TRUE(first.done() && second.done()) << "the second one was run again, which cannot help";
  EXPECT_EQ(world.clock.now(), begun);
  EXPECT_EQ(first.get().status, 200);
  try {
    second.get();
    FAIL() << "both were done";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInProgress);  // tried again by the client, it gets the first one's answer
  }
  EXPECT_EQ(count_orders(world), 1u);
  EXPECT_TRUE(world.run(place_once(world, key, {{"1", 1}})).replayed);
}

TEST(Answers, AreKeptForThirtyDays) {
  fakes::WorldSettings settings;
  settings.sweep_interval = std::chrono::hours(24 * 365);
  World world(settings);
  const RepeatKey key = world.key("old");
  world.run(place_once(world, key, {{"1", 1}}));
  world.clock.set(world.clock.now() + limits::kIdempotencyKept - std::chrono::seconds(1));
  EXPECT_TRUE(world.run(find_answer(world.app, key)));
  world.clock.set(world.clock.now() + std::chrono::seconds(1));
  EXPECT_FALSE(world.run(find_answer(world.app, key)));
  EXPECT_FALSE(world.run(place_once(world, key, {{"1", 1}})).replayed);
}

TEST(Answers, EveryCommandKeepsItsOwnWhateverHappensToTheOrderAfterwards) {
  World world;
  std::map<std::string, std::string> answers;
  const OrderId id = world.place_paid_order({{"1", 1}});
  const auto expect_kept = [&](const std::string& name) {
    const auto kept = world.run(find_answer(world.app, world.key(name)));
    ASSERT_TRUE(kept) << name;
    EXPECT_EQ(kept->body, answers.at(name)) << name;
  };
  const auto command = [&](const std::string& name, Task<Answer> task) {
    answers[name] = world.run(std::move(task)).body;
    expect_kept(name);
  };
  const Caller owner = world.owner();
  command("report",
          report_payment(world.app, owner, {id.text, ReportedStatus::kPaid}, world.key("report")));  // changes nothing
  command("refund", refund_order(world.app, owner, id.text, {100, {}}, world.key("refund")));
  command("ship", ship_order(world.app, owner, id.text, world.key("ship")));
  command("deliver", deliver_order(world.app, owner, id.text, world.key("deliver")));
  const OrderId other = world.place_unpaid({{"2", 1}});
  UpdateOrder update;
  update.items = World::Lines{{"3", 2}};
  command("update", update_order(world.app, owner, other.text, update, world.key("update")));
  command("pay", start_payment(world.app, owner, {other.text, "pm_card_visa"}, world.key("pay")));
  command("cancel", cancel_order(world.app, owner, other.text, {}, world.key("cancel")));
  world.run_until_idle();
  for (const auto& [name, body] : answers) expect_kept(name);
}

TEST(Answers, ThatShowAnOrderAreKeptAsItsVersionAlone) {
  World world;
  PlaceOrder order = world.order_of({{"1", 1}});
  world.run(place_order(world.app, world.owner(), order, world.key("k")));
  const auto record = world.run(world.store.get(keys::answer(world.key("k").name)));
  ASSERT_TRUE(record);
  EXPECT_LT(record->document.size(), 200u) << record->document;
}

}  // namespace
}  // namespace orderly::app
