// Requests that reach several processes over one store: one World, an Api for each process.
#include "api/api.h"

#include <gtest/gtest.h>

#include "app/keys.h"
#include "tests/fakes/world.h"

namespace orderly::api {
namespace {

using fakes::World;
using std::chrono::seconds;

Probes no_probes() {
  return {"test", []() -> Task<std::string> { co_return ""; }, [] { return true; }};
}

Request request_of(Method method, std::string target, std::string key, std::string body = "") {
  Request request{method, std::move(target), {{"host", "localhost"}}, std::move(body), {}, {}};
  if (!key.empty()) request.headers.emplace_back("idempotency-key", std::move(key));
  if (!request.body.empty()) request.headers.emplace_back("content-type", "application/json");
  return request;
}

Request placing(std::string key, std::string items = R"([{"product_id":"1","quantity":1}])",
                const std::string& more = "") {
  return request_of(Method::kPost, "/orders", std::move(key),
                    R"({"client_id":"u1","pay_later":true,"items":)" + items + more + "}");
}

bool is_replayed(const Response& response) {
  return std::ranges::find(response.headers, std::pair<std::string, std::string>("idempotent-replayed", "true")) !=
         response.headers.end();
}

class TwoProcesses : public testing::Test {
 protected:
  ~TwoProcesses() override { world.store.before_commit(nullptr); }

  // `late` is about to commit what it decided when `early`, in another process, has all of its turn.
  std::pair<Response, Response> race(Request early, Request late) {
    std::optional<Response> first;
    world.store.before_commit([&](const ports::Commit&) -> Task<void> {
      ++commits_asked;
      if (!first) first = co_await another.handle(early);
    });
    Response second = world.run(one.handle(std::move(late)));
    world.store.before_commit(nullptr);
    EXPECT_TRUE(first) << "nothing was committed";
    return {first.value_or(Response{}), std::move(second)};
  }
  void expect_one_answer(const Response& first, const Response& second, int status) {
    EXPECT_EQ(first.status, status) << first.body;
    EXPECT_FALSE(is_replayed(first));
    EXPECT_EQ(second.status, status) << second.body;
    EXPECT_EQ(second.body, first.body);
    EXPECT_TRUE(is_replayed(second));
    ASSERT_FALSE(first.headers.empty() || second.headers.empty());
    EXPECT_EQ(second.headers.front(), first.headers.front()) << "content-type";
  }
  std::size_t count_orders() {
    std::size_t count = 0;
    world.store.inspect()->records([&](const auto& each) {
      if (each.record.key.partition.starts_with("ORDER#") && each.record.key.sort == app::keys::kMeta) ++count;
      return true;
    });
    return count;
  }

  World world;
  Api one{world.app, no_probes()};
  Api another{world.app, no_probes()};
  int commits_asked = 0;  // by the late request
};

TEST_F(TwoProcesses, ARequestSentToBothIsDoneOnceAndAnsweredAlike) {
  const Time begun = world.clock.now();
  const auto [first, second] = race(placing("k"), placing("k"));
  expect_one_answer(first, second, 200);
  EXPECT_EQ(count_orders(), 1u);
  EXPECT_EQ(world.stock("1"), (domain::StockCounters{999, 1}));
  EXPECT_EQ(commits_asked, 1) << "what was answered by another need not be tried again";
  EXPECT_EQ(world.clock.now(), begun);
}

TEST_F(TwoProcesses, SentToBothAtTheSameMomentItIsDoneOnceAndAnsweredAlike) {
  auto first = world.start(one.handle(placing("k")));
  auto second = world.start(another.handle(placing("k")));
  world.advance(seconds(1));
  ASSERT_TRUE(first.done() && second.done());
  Response answers[] = {first.get(), second.get()};
  if (is_replayed(answers[0])) std::swap(answers[0], answers[1]);
  expect_one_answer(answers[0], answers[1], 200);
  EXPECT_EQ(count_orders(), 1u);
}

// The late one finds the order changed and decides again: by then it is cancelled, which alone would be a refusal.
TEST_F(TwoProcesses, ACancelSentToBothIsNoRefusalForTheLateOne) {
  const OrderId id = world.place_paid_order({{"1", 1}});
  const Request cancel = request_of(Method::kPost, "/orders/" + id.text + "/cancel", "k", "{}");
  const auto [first, second] = race(cancel, cancel);
  expect_one_answer(first, second, 200);
  world.run_until_idle();
  EXPECT_EQ(world.refunds(id), 1u);
}

TEST_F(TwoProcesses, ARefundSentToBothIsMadeOnce) {
  const OrderId id = world.place_paid_order({{"1", 1}});
  world.run(app::ship_order(world.app, world.owner(), id.text, {}));
  const Request refund = request_of(Method::kPost, "/orders/" + id.text + "/refund", "k", R"({"amount":100})");
  const auto [first, second] = race(refund, refund);
  expect_one_answer(first, second, 200);
  world.run_until_idle();
  EXPECT_EQ(world.refunds(id), 1u);
  EXPECT_EQ(world.held(id), 10399);
}

TEST_F(TwoProcesses, TheOneWhoBoughtTheLastPiecesIsNotToldThatTheyAreGone) {
  const std::string all = R"([{"product_id":"limited","quantity":10}])";
  const auto [first, second] = race(placing("k", all), placing("k", all));
  expect_one_answer(first, second, 200);
  EXPECT_EQ(world.stock("limited"), (domain::StockCounters{0, 10}));
}

TEST_F(TwoProcesses, ARefusalOfBothIsKeptOnce) {
  const Request wrong_total = placing("k", R"([{"product_id":"1","quantity":1}])", R"(,"total":1.00)");
  const auto [first, second] = race(wrong_total, wrong_total);
  expect_one_answer(first, second, 409);
  EXPECT_NE(second.body.find("price-changed"), std::string::npos) << second.body;
}

TEST_F(TwoProcesses, AnotherBodyUnderTheKeyIsRefusedToTheLateOne) {
  const auto [first, second] = race(placing("k"), placing("k", R"([{"product_id":"2","quantity":1}])"));
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(second.status, 422);
  EXPECT_NE(second.body.find("idempotency-key-reused"), std::string::npos) << second.body;
  EXPECT_EQ(count_orders(), 1u);
}

TEST_F(TwoProcesses, ContentionWithOthersIsNotTakenForAnAnswer) {
  const OrderId id = world.place_unpaid({{"1", 1}});
  world.store.before_commit([&](const ports::Commit&) -> Task<void> {
    world.store.conflict_once(app::keys::order(id));
    co_return;
  });
  const Response response =
      world.run(one.handle(request_of(Method::kPost, "/orders/" + id.text + "/cancel", "k", "{}")));
  EXPECT_EQ(response.status, 503);
  EXPECT_NE(response.body.find("contention"), std::string::npos) << response.body;
  world.store.before_commit(nullptr);
  EXPECT_EQ(world.run(one.handle(request_of(Method::kPost, "/orders/" + id.text + "/cancel", "k", "{}"))).status, 200);
}

TEST(EventStream, EndsWhenTheProcessStops) {
  World world;
  Api api(world.app, no_probes());
  const OrderId id = world.place_unpaid({{"1", 1}});
  Request request = request_of(Method::kGet, "/orders/" + id.text + "/events", "");
  request.headers.emplace_back("accept", "text/event-stream");
  const Response response = world.run(api.handle(std::move(request)));
  ASSERT_TRUE(response.stream);
  EXPECT_NE(world.run(response.stream()).value_or("").find("order.placed"), std::string::npos);
  auto next = world.start(response.stream());
  world.advance(seconds(2));
  ASSERT_FALSE(next.done());
  world.app.is_stopping = true;
  world.advance(Duration{200});
  ASSERT_TRUE(next.done());
  EXPECT_FALSE(next.get());
}

}  // namespace
}  // namespace orderly::api
