// How often and how a commit is sent, and what reads make of incomplete answers. What DynamoDB itself does is tested
// against DynamoDB Local (tests/contract).
#include "engines/aws/dynamo_store.h"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>
#include <deque>

#include "engines/aws/test_http.h"

namespace orderly::aws {
namespace {

using namespace orderly::aws::testing;  // NOLINT(google-build-using-namespace)
namespace json = boost::json;

class FixedCredentials final : public CredentialsSource {
 public:
  Task<Credentials> get() override { co_return Credentials{"AKIA", "secret", "", {}}; }
  void forget(const Credentials&) override {}
};

class Listener final : public Acknowledger {
 public:
  Task<void> delete_handled(std::vector<ports::Receipt> receipts) override {
    for (const ports::Receipt& receipt : receipts) told.push_back(receipt.message_id);
    if (is_broken) throw Error(ErrorCode::kUnavailable, "queue-unavailable", "");
    co_return;
  }
  std::vector<std::string> told;
  bool is_broken = false;
};

https::Response failure(const std::string& type, int status = 400) {
  return {status, {}, R"({"__type":"com.amazonaws.dynamodb.v20120810#)" + type + R"("})"};
}

// "c" a failed condition, "t" a conflict, "." nothing.
https::Response cancelled(std::string_view codes) {
  json::array reasons;
  for (const char code : codes) {
    const char* name = code == 'c' ? "ConditionalCheckFailed" : code == 't' ? "TransactionConflict" : "None";
    reasons.push_back(json::object{{"Code", name}});
  }
  json::object body{{"__type", "com.amazonaws.dynamodb.v20120810#TransactionCanceledException"},
                    {"CancellationReasons", std::move(reasons)}};
  return {400, {}, json::serialize(body)};
}

class DynamoStoreTest : public ::testing::Test {
 protected:
  using Step = std::function<https::Response()>;
  static Step answers(https::Response response) {
    return [response] { return response; };
  }
  // The answers in turn; the last one stays.
  void script(std::vector<Step> steps) { steps_ = {steps.begin(), steps.end()}; }

  // One write, one event, one acknowledgement.
  static ports::Commit commit(std::string token = "t") {
    ports::Commit commit;
    commit.token = std::move(token);
    commit.writes = {ports::Put{{"A", "B"}, "{}", 1, {}, {}, ports::Absent{}}};
    commit.events = {{{"A", "E"}, "{}"}};
    commit.acknowledged = {{ports::QueueName::kPayments, "msg_1", {}, {}}};
    return commit;
  }
  std::string outcome(ports::Commit one = commit()) {
    try {
      const ports::CommitResult result = run(store_.commit(std::move(one)));
      switch (result.kind) {
        case ports::CommitResult::Kind::kCommitted: return "committed";
        case ports::CommitResult::Kind::kConflict: return "conflict";
        case ports::CommitResult::Kind::kBelowFloor: return "below-floor";
        case ports::CommitResult::Kind::kAcknowledged: return "acknowledged";
      }
      return "?";
    } catch (const Error& error) {
      return error.slug();
    }
  }
  // Whether all requests were the same to the byte.
  bool same_bodies() const {
    const auto requests = http_.requests();
    return std::ranges::all_of(requests, [&](const auto& one) { return one.body == requests.front().body; });
  }

  const Step kOk = answers({200, {}, "{}"});
  std::deque<Step> steps_{kOk};
  ScriptedHttp http_{[this](const https::Request&) {
    const Step step = steps_.front();
    if (steps_.size() > 1) steps_.pop_front();
    return step();
  }};
  JumpingClock clock_{"2026-11-21T10:30:00Z"};
  ConstantRandom random_;
  FixedCredentials credentials_;
  Context context_{http_, credentials_, clock_, random_};
  Service service_{context_, "https://dynamodb.eu-central-1.amazonaws.com", {"eu-central-1", "dynamodb"}};
  Listener listener_;
  DynamoStore store_{service_, "orderly", listener_};
};

TEST_F(DynamoStoreTest, ACommitIsOneCallAndThenItsMessagesAreDeleted) {
  EXPECT_EQ(outcome(), "committed");
  ASSERT_EQ(http_.count(), 1u);
  EXPECT_EQ(header_of(http_.requests()[0], "X-Amz-Target"), "DynamoDB_20120810.TransactWriteItems");
  EXPECT_EQ(listener_.told, std::vector<std::string>{"msg_1"});
  EXPECT_EQ(store_.counters().commits, 1u);
}

TEST_F(DynamoStoreTest, AnEmptyCommitIsNoCall) {
  EXPECT_EQ(outcome(ports::Commit{}), "committed");
  EXPECT_EQ(http_.count(), 0u);
}

TEST_F(DynamoStoreTest, ACommitOverTheLimitsIsNoCall) {
  ports::Commit large = commit();
  large.events[0].document.assign(400'001, 'x');
  EXPECT_EQ(outcome(large), "bad-commit");
  EXPECT_EQ(http_.count(), 0u);
}

TEST_F(DynamoStoreTest, LostAnswersAndOtherPassingFailuresAreSentAgainToTheByte) {
  const Step passing[] = {[]() -> https::Response { fail_lost(); },
                          []() -> https::Response { fail_unreachable(); },
                          answers(failure("InternalServerError", 500)),
                          answers({503, {}, "<html>"}),
                          answers(failure("TransactionInProgressException")),
                          answers(failure("ThrottlingException")),
                          answers(failure("ProvisionedThroughputExceededException")),
                          answers(cancelled("t..")),
                          answers(cancelled("..t"))};
  std::size_t sent = 0;
  for (const Step& step : passing) {
    script({step, step, kOk});
    EXPECT_EQ(outcome(commit("t" + std::to_string(sent))), "committed");
    ASSERT_EQ(http_.count(), sent + 3);
    const auto requests = http_.requests();
    EXPECT_EQ(requests[sent].body, requests[sent + 1].body);
    EXPECT_EQ(requests[sent].body, requests[sent + 2].body);
    sent += 3;
  }
  EXPECT_EQ(store_.counters().retries, sent / 3 * 2);
  EXPECT_EQ(clock_.slept().size(), sent / 3 * 2) << "a pause before each";
}

TEST_F(DynamoStoreTest, EightTriesAndNoMore) {
  script({[]() -> https::Response { fail_lost(); }});
  EXPECT_EQ(outcome(commit("lost")), "outcome-unknown");
  EXPECT_EQ(http_.count(), 8u);
  script({answers(cancelled("t.."))});
  EXPECT_EQ(outcome(commit("conflict")), "conflict");
  EXPECT_EQ(http_.count(), 16u);
  script({answers(cancelled(".t."))});
  EXPECT_EQ(outcome(commit("event")), "contention");
  script({answers(failure("ThrottlingException"))});
  EXPECT_EQ(outcome(commit("throttled")), "throttled");
  script({[]() -> https::Response { fail_unreachable(); }});
  EXPECT_EQ(outcome(commit("unreachable")), "peer-unreachable");
  EXPECT_EQ(store_.counters().failures, 4u);
  EXPECT_EQ(store_.counters().conflicts, 1u);
  EXPECT_TRUE(listener_.told.empty());
}

TEST_F(DynamoStoreTest, NoTryBeginsAfterAQuarterOfAMinute) {
  script({[this]() -> https::Response {
    clock_.advance(Duration{5'000});
    fail_lost();
  }});
  EXPECT_EQ(outcome(), "outcome-unknown");
  EXPECT_LE(http_.count(), 4u);
}

TEST_F(DynamoStoreTest, WhatOnceWasUnknownStaysSoUntilAnAnswerSettlesIt) {
  const Step lost = []() -> https::Response { fail_lost(); };
  script({lost, answers(failure("ThrottlingException"))});
  EXPECT_EQ(outcome(commit("1")), "outcome-unknown");
  script({lost, answers(failure("AccessDeniedException"))});
  EXPECT_EQ(outcome(commit("2")), "outcome-unknown");
  script({lost, answers(cancelled("c.."))});
  EXPECT_EQ(outcome(commit("3")), "conflict");
  script({lost, kOk});
  EXPECT_EQ(outcome(commit("4")), "committed");
}

TEST_F(DynamoStoreTest, TheSameCommitLaterIsTheSameRequestForAsLongAsItsTokenIsRemembered) {
  outcome();
  clock_.advance(std::chrono::minutes(9));
  outcome();
  EXPECT_TRUE(same_bodies());
  clock_.advance(std::chrono::minutes(1));
  outcome();
  EXPECT_FALSE(same_bodies());
}

TEST_F(DynamoStoreTest, ACommitWithoutATokenGetsOne) {
  outcome(commit(""));
  random_.byte = 1;
  outcome(commit(""));
  const auto token = [&](std::size_t i) {
    return json::value_to<std::string>(json::parse(http_.requests()[i].body).at("ClientRequestToken"));
  };
  EXPECT_EQ(token(0).size(), 36u);
  EXPECT_NE(token(0), token(1));
}

TEST_F(DynamoStoreTest, OnlyWhatIsHandledIsDeleted) {
  ports::Commit two = commit();
  two.acknowledged.push_back({ports::QueueName::kPayments, "msg_2", {}, {}});
  script({answers(cancelled("c..c"))});
  EXPECT_EQ(outcome(two), "acknowledged");
  EXPECT_EQ(listener_.told, std::vector<std::string>{"msg_2"});
  listener_.told.clear();
  script({answers(cancelled("c..."))});
  EXPECT_EQ(outcome(two), "conflict");
  EXPECT_TRUE(listener_.told.empty());
}

TEST_F(DynamoStoreTest, AQueueThatCannotDeleteDoesNotFailTheCommit) {
  listener_.is_broken = true;
  EXPECT_EQ(outcome(), "committed");
}

TEST_F(DynamoStoreTest, AfterStopNothingIsSent) {
  store_.stop();
  EXPECT_EQ(outcome(), "stopping");
  EXPECT_EQ(http_.count(), 0u);
}

TEST_F(DynamoStoreTest, StoppingEndsTheTries) {
  script({[this]() -> https::Response {
    store_.stop();
    fail_lost();
  }});
  EXPECT_EQ(outcome(), "outcome-unknown");
  EXPECT_EQ(http_.count(), 1u);
}

ports::Query list(std::optional<ports::Index> index, std::string partition) {
  ports::Query query;
  query.index = index;
  query.partition = std::move(partition);
  return query;
}

// --- Reads
// ------------------------------------------------------------------------------------------------------------

TEST_F(DynamoStoreTest, KeysThatABatchLeftUndoneAreAskedForAgain) {
  const char* first =
      R"({"Responses":{"orderly":[{"pk":{"S":"A"},"sk":{"S":"1"},"_v":{"N":"1"}}]},)"
      R"("UnprocessedKeys":{"orderly":{"Keys":[{"pk":{"S":"A"},"sk":{"S":"2"}}],"ConsistentRead":true}}})";
  const char* second = R"({"Responses":{"orderly":[{"pk":{"S":"A"},"sk":{"S":"2"},"_v":{"N":"2"}}]}})";
  script({answers({200, {}, first}), answers({200, {}, second})});
  const auto records = run(store_.get_many({{"A", "2"}, {"A", "1"}, {"A", "2"}, {"A", "3"}}));
  ASSERT_EQ(records.size(), 4u);
  EXPECT_EQ(records[0]->version, 2u);
  EXPECT_EQ(records[1]->version, 1u);
  EXPECT_EQ(records[2]->version, 2u);
  EXPECT_FALSE(records[3]);
  const json::value asked = json::parse(http_.requests()[1].body).at("RequestItems").at("orderly");
  EXPECT_EQ(asked.at("Keys").as_array().size(), 1u);
  EXPECT_EQ(asked.at("ConsistentRead").as_bool(), true);
}

TEST_F(DynamoStoreTest, ABatchThatIsNeverDoneIsThrottled) {
  script({answers({200, {}, R"({"UnprocessedKeys":{"orderly":{"Keys":[{"pk":{"S":"A"},"sk":{"S":"1"}}]}}})"})});
  EXPECT_EQ(slug_of(store_.get_many({{"A", "1"}})), "throttled");
}

TEST_F(DynamoStoreTest, KeysThatNoRecordCanHaveAreNoCall) {
  for (const ports::Key& key :
       {ports::Key{"", "B"}, {"A", ""}, {"A", std::string(1025, 'x')}, {"A\n", "B"}, {"\xff", "B"}}) {
    EXPECT_FALSE(run(store_.get(key)));
    EXPECT_FALSE(run(store_.get_many({key})).at(0));
  }
  EXPECT_TRUE(run(store_.query(list(std::nullopt, ""))).records.empty());
  EXPECT_EQ(http_.count(), 0u);
}

TEST_F(DynamoStoreTest, ReadsAreConsistent) {
  run(store_.get({"A", "B"}));
  run(store_.query(list(std::nullopt, "A")));
  run(store_.feed(0, 10));
  for (const https::Request& request : http_.requests()) {
    EXPECT_TRUE(json::parse(request.body).at("ConsistentRead").as_bool()) << request.body;
  }
}

TEST_F(DynamoStoreTest, AReadThatTheStoreRefusesSaysSo) {
  script({answers(failure("AccessDeniedException"))});
  EXPECT_EQ(slug_of(store_.get({"A", "B"})), "store-refused");
  script({answers(failure("ThrottlingException"))});
  EXPECT_EQ(slug_of(store_.get({"A", "B"})), "throttled");
  script({answers(failure("InternalServerError", 500))});
  EXPECT_EQ(slug_of(store_.get({"A", "B"})), "store-unavailable");
}

// An index's answer with the rows of `sorts`, all of records A/<sort>.
https::Response entries(std::vector<std::string> sorts) {
  json::array items;
  for (const std::string& sort : sorts) {
    items.push_back(json::parse(R"({"pk":{"S":"A"},"sk":{"S":")" + sort + R"("},"_1p":{"S":"CLIENT"},"_s":{"S":")" +
                                sort + R"(\u001fAAAAAAA)" + sort + R"("}})"));
  }
  return {200, {}, json::serialize(json::object{{"Items", std::move(items)}})};
}

TEST_F(DynamoStoreTest, AnEntryThatItsRecordDoesNotConfirmIsNotShown) {
  const char* records =
      R"({"Responses":{"orderly":[)"
      R"({"pk":{"S":"A"},"sk":{"S":"1"},"_v":{"N":"1"},"_1p":{"S":"CLIENT"},"_s":{"S":"1\u001fAAAAAAA1"}},)"
      R"({"pk":{"S":"A"},"sk":{"S":"2"},"_v":{"N":"1"},"_1p":{"S":"OTHER"},"_s":{"S":"2\u001fAAAAAAA2"}},)"
      R"({"pk":{"S":"A"},"sk":{"S":"3"},"_v":{"N":"1"},"_1p":{"S":"CLIENT"},"_s":{"S":"9\u001fAAAAAAA3"}},)"
      R"({"pk":{"S":"A"},"sk":{"S":"4"},"_v":{"N":"1"}}]}})";
  script({answers(entries({"1", "2", "3", "4", "5"})), answers({200, {}, records})});
  const ports::Page page = run(store_.query(list(ports::Index::kByClient, "CLIENT")));
  ASSERT_EQ(page.records.size(), 1u);
  EXPECT_EQ(page.records[0].key.sort, "1");
  EXPECT_EQ(page.cursor, "");
}

TEST_F(DynamoStoreTest, EmptyPagesAreReadOn) {
  const char* empty = R"({"Items":[],"LastEvaluatedKey":{"pk":{"S":"A"},"sk":{"S":"1"}}})";
  const char* last = R"({"Items":[{"pk":{"S":"A"},"sk":{"S":"2"},"_v":{"N":"1"}}]})";
  script({answers({200, {}, empty}), answers({200, {}, empty}), answers({200, {}, last})});
  const ports::Page page = run(store_.query(list(std::nullopt, "A")));
  EXPECT_EQ(page.records.size(), 1u);
  EXPECT_EQ(http_.count(), 3u);
}

}  // namespace
}  // namespace orderly::aws
