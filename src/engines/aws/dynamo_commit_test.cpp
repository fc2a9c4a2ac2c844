#include "engines/aws/dynamo_commit.h"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <limits>

namespace orderly::aws {
namespace {

namespace json = boost::json;

constexpr Time kNow{1'795'257'005'123};  // 2026-11-21T10:30:05.123Z
const ports::Key kKey{"A", "B"};

// --- The request
// ------------------------------------------------------------------------------------------------------

json::array actions(const ports::Commit& commit) {
  return transact_input(commit, "orderly", "token", kNow).at("TransactItems").as_array();
}

// The one action of a commit of one write: "Put", and what is in it.
std::pair<std::string, json::object> action_of(ports::Write write) {
  ports::Commit commit;
  commit.writes.push_back(std::move(write));
  const json::array all = actions(commit);
  EXPECT_EQ(all.size(), 1u);
  const auto& only = *all.at(0).as_object().begin();
  return {std::string(only.key()), only.value().as_object()};
}

std::string part(const json::object& action, std::string_view name) {
  const json::value* found = action.if_contains(name);
  return found == nullptr ? "none" : json::serialize(*found);
}

ports::Put put(ports::Condition condition) { return {kKey, R"({"n":1})", 9, {}, std::nullopt, condition}; }

TEST(DynamoCommit, APutHasTheItemAndItsCondition) {
  const auto [kind, always] = action_of(put(ports::Always{}));
  EXPECT_EQ(kind, "Put");
  EXPECT_EQ(part(always, "TableName"), "\"orderly\"");
  EXPECT_EQ(part(always, "Item"), R"({"pk":{"S":"A"},"sk":{"S":"B"},"n":{"N":"1"},"_v":{"N":"9"}})");
  EXPECT_EQ(part(always, "ConditionExpression"), "none");
  EXPECT_EQ(part(always, "ExpressionAttributeNames"), "none");

  const json::object absent = action_of(put(ports::Absent{})).second;
  EXPECT_EQ(part(absent, "ConditionExpression"), R"~("attribute_not_exists(pk) OR #x <= :now")~");
  EXPECT_EQ(part(absent, "ExpressionAttributeNames"), R"({"#x":"_x"})");
  EXPECT_EQ(part(absent, "ExpressionAttributeValues"), R"({":now":{"N":"1795257005123"}})");

  const json::object at = action_of(put(ports::AtVersion{8})).second;
  EXPECT_EQ(part(at, "ConditionExpression"), R"~("#v = :v AND (attribute_not_exists(#x) OR #x > :now)")~");
  EXPECT_EQ(part(at, "ExpressionAttributeNames"), R"({"#v":"_v","#x":"_x"})");
  EXPECT_EQ(part(at, "ExpressionAttributeValues"), R"({":v":{"N":"8"},":now":{"N":"1795257005123"}})");
}

TEST(DynamoCommit, RemovingAndRequiringNameTheKey) {
  const auto [removes, removed] = action_of(ports::Remove{kKey, ports::Always{}});
  EXPECT_EQ(removes, "Delete");
  EXPECT_EQ(part(removed, "Key"), R"({"pk":{"S":"A"},"sk":{"S":"B"}})");
  EXPECT_EQ(part(removed, "ConditionExpression"), "none");

  const auto [requires_it, required] = action_of(ports::Require{kKey, ports::AtVersion{0}});
  EXPECT_EQ(requires_it, "ConditionCheck");
  EXPECT_EQ(part(required, "ConditionExpression"), R"~("attribute_exists(pk) AND attribute_not_exists(#v)")~");
  EXPECT_EQ(part(required, "ExpressionAttributeValues"), "none");
  EXPECT_NE(part(action_of(ports::Require{kKey, ports::Always{}}).second, "ConditionExpression"), "none");
}

TEST(DynamoCommit, ACountAddsWithinItsBounds) {
  const auto [kind, count] = action_of(ports::Count{kKey, {{"available", -2}, {"reserved", 2}, {"received", 0}}});
  EXPECT_EQ(kind, "Update");
  EXPECT_EQ(part(count, "UpdateExpression"), R"~("ADD #c0 :d0, #c1 :d1, #c2 :d2")~");
  EXPECT_EQ(part(count, "ConditionExpression"),
            R"~("attribute_not_exists(#v) AND #c0 >= :b0 AND (attribute_not_exists(#c1) OR #c1 <= :b1)")~");
  EXPECT_EQ(part(count, "ExpressionAttributeNames"),
            R"({"#v":"_v","#c0":"available","#c1":"reserved","#c2":"received"})");
  EXPECT_EQ(part(count, "ExpressionAttributeValues"),
            R"({":d0":{"N":"-2"},":b0":{"N":"2"},":d1":{"N":"2"},":b1":{"N":"9223372036854775805"},":d2":{"N":"0"}})");
  EXPECT_EQ(part(count, "ReturnValuesOnConditionCheckFailure"), R"("ALL_OLD")");

  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(part(action_of(ports::Count{kKey, {{"n", kLeast}}}).second, "ExpressionAttributeValues"),
            R"({":d0":{"N":"-9223372036854775808"},":b0":{"N":"9223372036854775808"}})");
  EXPECT_EQ(part(action_of(ports::Count{kKey, {}}).second, "UpdateExpression"), R"~("REMOVE #v")~");
}

ports::Commit whole() {
  ports::Commit commit;
  commit.writes = {put(ports::Absent{}), ports::Count{{"S", "M"}, {{"n", -1}}}};
  commit.events = {{{"A", "E1"}, "{}"}, {{"A", "E2"}, "{}"}};
  commit.messages = {{ports::QueueName::kPayments, "msg_1", "[1]", kNow}};
  commit.acknowledged = {{ports::QueueName::kPayments, "msg_0", {}, {}},
                         {ports::QueueName::kInvoices, "msg_9", {}, {}}};
  return commit;
}

TEST(DynamoCommit, EventsAndAcknowledgementsAreNewItemsBehindTheWrites) {
  const json::array all = actions(whole());
  ASSERT_EQ(all.size(), 6u);
  const auto item = [&](std::size_t i) { return all.at(i).at("Put").at("Item").as_object(); };
  for (std::size_t i = 2; i < 6; ++i) {
    EXPECT_EQ(all.at(i).at("Put").at("ConditionExpression").as_string(), "attribute_not_exists(pk)");
  }
  EXPECT_EQ(part(item(2), "sk"), R"({"S":"E1"})");
  EXPECT_EQ(part(item(2), "_fs"), R"({"S":"2026-11-21T10:30:05.123Z#00"})");
  EXPECT_TRUE(item(2).contains("_m")) << "the first event carries the message";
  EXPECT_FALSE(item(3).contains("_m"));
  EXPECT_EQ(part(item(3), "_fs"), R"({"S":"2026-11-21T10:30:05.123Z#01"})");
  EXPECT_EQ(part(item(4), "pk"), R"({"S":"~DONE#msg_0"})");
  EXPECT_EQ(part(item(5), "pk"), R"({"S":"~DONE#msg_9"})");
  EXPECT_TRUE(item(5).contains("ttl"));
}

TEST(DynamoCommit, MessagesAreSpreadOverTheEvents) {
  ports::Commit commit = whole();
  const auto carried = [&](std::size_t messages, std::size_t events) {
    commit.messages.clear();
    commit.events.clear();
    for (std::size_t i = 0; i < messages; ++i) {
      commit.messages.push_back({ports::QueueName::kDocuments, "msg_" + std::to_string(i), "[]", kNow});
    }
    for (std::size_t i = 0; i < events; ++i) commit.events.push_back({{"A", "E" + std::to_string(i)}, "{}"});
    std::string ids;
    for (const json::value& action : actions(commit)) {
      const json::object& item = action.as_object().begin()->value().as_object();
      const json::value* put = item.if_contains("Item");
      if (put == nullptr || !put->as_object().contains("_m")) continue;
      for (const json::value& message : put->at("_m").at("L").as_array()) {
        ids += message.at("M").at("id").at("S").as_string().back();
      }
      ids += '.';
    }
    return ids;
  };
  EXPECT_EQ(carried(3, 3), "0.1.2.");
  EXPECT_EQ(carried(1, 3), "0.");
  EXPECT_EQ(carried(2, 3), "0.1.");
  EXPECT_EQ(carried(5, 2), "012.34.");
  EXPECT_EQ(carried(3, 1), "012.");
}

TEST(DynamoCommit, MessagesWithoutAnEventTravelInARecordOfTheirOwn) {
  ports::Commit commit = whole();
  commit.events.clear();
  const json::array all = actions(commit);
  ASSERT_EQ(all.size(), 5u);
  EXPECT_EQ(json::serialize(all.at(2).at("Put").at("Item").at("pk")), R"({"S":"~OUT#token"})");
  commit.messages.clear();
  EXPECT_EQ(actions(commit).size(), 4u);
}

TEST(DynamoCommit, TheSameCommitAtTheSameMomentIsTheSameRequest) {
  EXPECT_EQ(json::serialize(transact_input(whole(), "orderly", "token", kNow)),
            json::serialize(transact_input(whole(), "orderly", "token", kNow)));
  EXPECT_NE(transact_input(whole(), "orderly", "token", kNow),
            transact_input(whole(), "orderly", "token", kNow + Duration{1}));
}

TEST(DynamoCommit, TokensFitWhatDynamoDbTakes) {
  EXPECT_EQ(request_token("orderly", "msg_1").size(), 36u);
  EXPECT_EQ(request_token("orderly", std::string(500, 'x')).size(), 36u);
  EXPECT_EQ(request_token("orderly", "msg_1"), request_token("orderly", "msg_1"));
  EXPECT_NE(request_token("orderly", "msg_1"), request_token("orderly", "msg_2"));
  EXPECT_NE(request_token("orderly", "msg_1"), request_token("other", "msg_1")) << "one account, two shops";
}

// --- The answer
// -------------------------------------------------------------------------------------------------------

Answer error(const std::string& name, int status = 400) {
  Answer answer;
  answer.status = status;
  answer.error = name;
  return answer;
}

// The codes of whole()'s actions in short: '.' nothing, 'c' condition, 't' conflict with others, 'h' throttled,
// 'v' malformed.
Answer cancelled(std::string_view codes, std::string_view item = "") {
  Answer answer = error("TransactionCanceledException");
  json::array reasons;
  for (const char code : codes) {
    const char* name = code == 'c'   ? "ConditionalCheckFailed"
                       : code == 't' ? "TransactionConflict"
                       : code == 'h' ? "ThrottlingError"
                       : code == 'v' ? "ValidationError"
                                     : "None";
    json::object reason{{"Code", name}};
    if (code == 'c' && !item.empty()) reason["Item"] = json::parse(std::string(item));
    reasons.push_back(reason);
  }
  answer.body["CancellationReasons"] = std::move(reasons);
  return answer;
}

// "committed", "conflict 0", "below-floor 1", "acknowledged 0" (with what is known to be handled); "again: …" for what
// is tried again; "refused: …".
std::string outcome(const CommitTry& answer) {
  const std::string which = answer.result ? " " + std::to_string(answer.result->which) : "";
  switch (answer.kind) {
    case CommitTry::Kind::kConflict: return "again: conflict" + which;
    case CommitTry::Kind::kThrottled: return "again: throttled";
    case CommitTry::Kind::kUnsent: return "again: unsent";
    case CommitTry::Kind::kUnknown: return "again: unknown";
    case CommitTry::Kind::kRefused: return "refused: " + answer.failure->slug();
    case CommitTry::Kind::kKnown: break;
  }
  switch (answer.result->kind) {
    case ports::CommitResult::Kind::kCommitted: return "committed";
    case ports::CommitResult::Kind::kConflict: return "conflict" + which;
    case ports::CommitResult::Kind::kBelowFloor: return "below-floor" + which;
    case ports::CommitResult::Kind::kAcknowledged: break;
  }
  std::string text = "acknowledged" + which + ":";
  for (const std::size_t handled : answer.handled) text += " " + std::to_string(handled);
  return text;
}

std::string outcome(const Answer& answer) { return outcome(read_commit_answer(whole(), answer)); }

TEST(DynamoCommit, ReasonsBecomeResults) {
  struct Case {
    const char* codes;  // put, count, event, event, acknowledgement, acknowledgement
    const char* expected;
  };
  const Case cases[] = {
      {"c.....", "conflict 0"},
      {".c....", "below-floor 1"},
      {"cc....", "conflict 0"},
      {"c.cc..", "conflict 0"},
      {"....c.", "acknowledged 0: 0"},
      {".....c", "acknowledged 1: 1"},
      {"cc..cc", "acknowledged 0: 0 1"},
      {"t.....", "again: conflict 0"},
      {".t....", "again: conflict 1"},
      {"..t...", "again: conflict"},
      {"....t.", "again: conflict"},
      {"c...t.", "again: conflict"},  // another is just acknowledging it
      {"c...ct", "acknowledged 0: 0"},
      {"ct....", "conflict 0"},
      {"tc....", "below-floor 1"},
      {"t.h...", "again: conflict 0"},
      {"h.....", "again: throttled"},
      {"c.h...", "conflict 0"},
      {"..c...", "refused: event-exists"},
      {"t.c...", "again: conflict 0"},
      {"v.....", "refused: bad-commit"},
      {"v...c.", "acknowledged 0: 0"},
  };
  for (const Case& one : cases) EXPECT_EQ(outcome(cancelled(one.codes)), one.expected) << one.codes;
}

TEST(DynamoCommit, ReasonsThatDoNotFitTheRequestAreNotBelieved) {
  EXPECT_EQ(outcome(cancelled("c....")), "refused: store-refused");
  EXPECT_EQ(outcome(error("TransactionCanceledException")), "refused: store-refused");
}

TEST(DynamoCommit, AnOutboxRecordOfTheSameTokenMeansThatItWasDone) {
  ports::Commit commit = whole();
  commit.events.clear();
  EXPECT_EQ(outcome(read_commit_answer(commit, cancelled("c.c.."))), "committed");
  EXPECT_EQ(outcome(read_commit_answer(commit, cancelled("c..c."))), "acknowledged 0: 0");
}

TEST(DynamoCommit, WhyACountFailedIsSaidByTheRecordItself) {
  const auto failed = [](std::vector<ports::Count::Delta> deltas, std::string_view item) {
    ports::Commit commit;
    commit.writes = {ports::Count{kKey, std::move(deltas)}};
    return outcome(read_commit_answer(commit, cancelled("c", item)));
  };
  EXPECT_EQ(failed({{"n", -1}}, ""), "below-floor 0");
  EXPECT_EQ(failed({{"n", -1}}, R"({"pk":{"S":"A"},"n":{"N":"0"}})"), "below-floor 0");
  EXPECT_EQ(failed({{"n", 1}}, R"({"pk":{"S":"A"},"_v":{"N":"1"}})"), "refused: not-a-counter");
  EXPECT_EQ(failed({{"n", 1}}, R"({"n":{"N":"9223372036854775807"}})"), "refused: counter-overflow");
  EXPECT_EQ(failed({{"m", -1}, {"n", 1}}, R"({"n":{"N":"9223372036854775807"}})"), "below-floor 0");
}

TEST(DynamoCommit, OtherAnswersAreToldApart) {
  Answer done;
  done.status = 200;
  EXPECT_EQ(outcome(done), "committed");
  EXPECT_EQ(outcome(error("TransactionInProgressException")), "again: unknown");
  EXPECT_EQ(outcome(error("InternalServerError", 500)), "again: unknown");
  EXPECT_EQ(outcome(error("http-503", 503)), "again: unknown");
  EXPECT_EQ(outcome(error("ThrottlingException")), "again: throttled");
  EXPECT_EQ(outcome(error("ProvisionedThroughputExceededException")), "again: throttled");
  EXPECT_EQ(outcome(error("IdempotentParameterMismatchException")), "refused: token-reused");
  EXPECT_EQ(outcome(error("ValidationException")), "refused: store-refused");
  EXPECT_EQ(outcome(error("AccessDeniedException")), "refused: store-refused");
}

TEST(DynamoCommit, NoAnswerMayMeanDoneOrNot) {
  const auto failure = [](ErrorCode code, const std::string& slug) {
    return outcome(read_commit_failure(Error(code, slug, "")));
  };
  EXPECT_EQ(failure(ErrorCode::kUnavailable, "peer-unreachable"), "again: unsent");
  EXPECT_EQ(failure(ErrorCode::kUnavailable, "no-credentials"), "again: unsent");
  EXPECT_EQ(failure(ErrorCode::kUnavailable, "answer-lost"), "again: unknown");
  EXPECT_EQ(failure(ErrorCode::kUnavailable, "stopping"), "again: unknown");
  EXPECT_EQ(failure(ErrorCode::kInternal, "malformed-url"), "refused: malformed-url");
}

TEST(DynamoCommit, GivingUpSaysWhatIsKnown) {
  const auto said = [](const CommitTry& last, bool is_unknown) -> std::string {
    try {
      const ports::CommitResult result = give_up(last, is_unknown);
      return "conflict " + std::to_string(result.which);
    } catch (const Error& error) {
      return error.slug();
    }
  };
  const CommitTry at_write = read_commit_answer(whole(), cancelled(".t...."));
  const CommitTry at_event = read_commit_answer(whole(), cancelled("..t..."));
  const CommitTry throttled = read_commit_answer(whole(), error("ThrottlingException"));
  const CommitTry unsent = read_commit_failure(Error(ErrorCode::kUnavailable, "peer-unreachable", ""));
  const CommitTry lost = read_commit_failure(Error(ErrorCode::kUnavailable, "answer-lost", ""));
  EXPECT_EQ(said(at_write, false), "conflict 1");
  EXPECT_EQ(said(at_event, false), "contention");
  EXPECT_EQ(said(throttled, false), "throttled");
  EXPECT_EQ(said(unsent, false), "peer-unreachable");
  EXPECT_EQ(said(lost, true), "outcome-unknown");
  for (const CommitTry& last : {at_write, at_event, throttled, unsent}) EXPECT_EQ(said(last, true), "outcome-unknown");
}

}  // namespace
}  // namespace orderly::aws
