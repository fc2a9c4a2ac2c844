#include "engines/aws/service.h"

#include <gtest/gtest.h>

#include <deque>

#include "engines/aws/test_http.h"

namespace orderly::aws {
namespace {

using namespace orderly::aws::testing;  // NOLINT(google-build-using-namespace)

constexpr std::string_view kStart = "2026-11-21T10:30:00Z";

// Gives out the first of a row; forgetting it goes to the next, the last one stays.
class RowOfCredentials final : public CredentialsSource {
 public:
  Task<Credentials> get() override { co_return row.front(); }
  void forget(const Credentials& refused) override {
    ++forgotten;
    if (row.size() > 1 && row.front() == refused) row.pop_front();
  }

  std::deque<Credentials> row{{"ASIA1", "secret1", "token1", {}}};
  int forgotten = 0;
};

https::Response error(int status, const std::string& type, https::Headers headers = {}) {
  return {status, std::move(headers), R"({"__type":")" + type + R"("})"};
}

class ServiceTest : public ::testing::Test {
 protected:
  using Step = std::function<https::Response()>;
  static Step answers(https::Response response) {
    return [response] { return response; };
  }
  // The answers in turn; the last one stays.
  void script(std::vector<Step> steps) { steps_ = {steps.begin(), steps.end()}; }

  Answer call(Repeat repeat) {
    return run(service_.call("DynamoDB_20120810", "1.0", "GetItem", {{"TableName", "orderly"}}, repeat));
  }
  std::string slug(Repeat repeat) { return slug_of(service_.call("DynamoDB_20120810", "1.0", "GetItem", {}, repeat)); }
  std::string sent_header(std::size_t request, std::string_view name) const {
    return header_of(http_.requests().at(request), name);
  }

  const https::Response kOk{200, {}, R"({"done":true})"};
  std::deque<Step> steps_{answers(kOk)};
  ScriptedHttp http_{[this](const https::Request&) {
    const Step step = steps_.front();
    if (steps_.size() > 1) steps_.pop_front();
    return step();
  }};
  JumpingClock clock_{kStart};
  ConstantRandom random_;
  RowOfCredentials credentials_;
  Context context_{http_, credentials_, clock_, random_};
  Service service_{context_, "https://dynamodb.eu-central-1.amazonaws.com", {"eu-central-1", "dynamodb"}};
};

TEST_F(ServiceTest, CallIsASignedJsonRequest) {
  const Answer answer = call(Repeat::kSafe);
  EXPECT_TRUE(answer.ok());
  EXPECT_TRUE(answer.body.at("done").as_bool());
  EXPECT_FALSE(answer.follows_unknown_try);

  const https::Request request = http_.requests().at(0);
  EXPECT_EQ(request.method + " " + request.target, "POST /");
  EXPECT_EQ(request.endpoint, (https::Endpoint{true, "dynamodb.eu-central-1.amazonaws.com", 443}));
  EXPECT_EQ(request.body, R"({"TableName":"orderly"})");
  EXPECT_EQ(header_of(request, "Content-Type"), "application/x-amz-json-1.0");
  EXPECT_EQ(header_of(request, "X-Amz-Target"), "DynamoDB_20120810.GetItem");
  EXPECT_EQ(header_of(request, "X-Amz-Security-Token"), "token1");
  EXPECT_EQ(header_of(request, "X-Amz-Date"), "20261121T103000Z");
  EXPECT_TRUE(header_of(request, "Authorization")
                  .starts_with("AWS4-HMAC-SHA256 Credential=ASIA1/20261121/eu-central-1/dynamodb/aws4_request, "
                               "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, "));
  EXPECT_TRUE(request.safe_to_repeat);
  EXPECT_EQ(request.timeout, Duration{10'000});
  EXPECT_EQ(request.first_byte_timeout, Duration{10'000}) << "an answer may be waited for as long as the call may take";
}

TEST_F(ServiceTest, UrlMayHaveAPath) {
  Service service(context_, "http://127.0.0.1:9324/peer/", {"elasticmq", "sqs"});
  EXPECT_EQ(service.base_path(), "/peer");
  EXPECT_EQ(service_.base_path(), "");
  run(service.call("AmazonSQS", "1.0", "ListQueues", {}, Repeat::kNever));
  EXPECT_EQ(http_.requests().at(0).target, "/peer/");
  EXPECT_EQ(http_.requests().at(0).endpoint, (https::Endpoint{false, "127.0.0.1", 9324}));
  EXPECT_FALSE(http_.requests().at(0).safe_to_repeat);
}

TEST_F(ServiceTest, EndpointsOfAwsAreKnown) {
  EXPECT_EQ(service_url("dynamodb", "eu-central-1"), "https://dynamodb.eu-central-1.amazonaws.com");
  EXPECT_EQ(service_url("sqs", "us-gov-west-1"), "https://sqs.us-gov-west-1.amazonaws.com");
  EXPECT_EQ(service_url("sqs", "cn-north-1"), "https://sqs.cn-north-1.amazonaws.com.cn");
}

TEST_F(ServiceTest, WhatPassesIsTriedAgainOnlyWhereThatIsSafe) {
  struct Case {
    std::string name;
    Step step;
  };
  for (const Case& c : std::vector<Case>{
           {"throttled", answers(error(400, "ThrottlingException"))},
           {"service's own fault", answers(error(500, "InternalServerError"))},
           {"no error's name", answers({503, {}, "busy"})},
           {"lost", []() -> https::Response { fail_lost(); }},
           {"unreachable", []() -> https::Response { fail_unreachable(); }},
       }) {
    for (const Repeat repeat : {Repeat::kSafe, Repeat::kNever}) {
      const std::size_t before = http_.count();
      script({c.step, c.step, answers(kOk)});
      const bool is_done = slug(repeat).empty() && steps_.size() == 1;
      EXPECT_EQ(is_done, repeat == Repeat::kSafe) << c.name;
      EXPECT_EQ(http_.count() - before, repeat == Repeat::kSafe ? 3u : 1u) << c.name;
    }
  }
}

TEST_F(ServiceTest, RefusalsAreNotTriedAgain) {
  for (const https::Response& refusal : std::vector<https::Response>{
           error(400, "ConditionalCheckFailedException"),
           error(400, "TransactionCanceledException"),
           error(400, "AccessDeniedException"),
           error(400, "ValidationException"),
           {404, {}, ""},
           {301, {}, ""},
       }) {
    const std::size_t before = http_.count();
    script({answers(refusal)});
    EXPECT_EQ(call(Repeat::kSafe).status, refusal.status);
    EXPECT_EQ(http_.count() - before, 1u) << refusal.body;
  }
  EXPECT_TRUE(clock_.slept().empty());
}

TEST_F(ServiceTest, SixTriesAreEnough) {
  script({answers(error(500, "InternalServerError"))});
  EXPECT_EQ(call(Repeat::kSafe).error, "InternalServerError");
  EXPECT_EQ(http_.count(), 6u);
  script({[]() -> https::Response { fail_unreachable(); }});
  EXPECT_EQ(slug(Repeat::kSafe), "peer-unreachable");
  EXPECT_EQ(http_.count(), 12u);
}

TEST_F(ServiceTest, NoTryBeginsAfterTwiceTheTimeout) {
  script({[this]() -> https::Response {
    clock_.advance(std::chrono::seconds(10));
    fail_lost();
  }});
  EXPECT_EQ(slug(Repeat::kSafe), "answer-lost");
  EXPECT_EQ(http_.count(), 2u);
}

TEST_F(ServiceTest, StoppedClientEndsTheTries) {
  script({[]() -> https::Response { throw Error(ErrorCode::kUnavailable, "stopping", "Stopping."); }});
  EXPECT_EQ(slug(Repeat::kSafe), "stopping");
  EXPECT_EQ(http_.count(), 1u);
}

TEST_F(ServiceTest, PausesGrowWithFullJitter) {
  const auto pause = [this](int round) {
    run([](Context& context, int n) -> Task<bool> {
      co_await back_off(context, n);
      co_return true;
    }(context_, round));
    return clock_.slept().back();
  };
  random_.byte = 0;
  for (const int round : {1, 3, 100}) EXPECT_EQ(pause(round), Duration{0}) << round;
  for (const int byte : {1, 7, 99, 255}) {
    random_.byte = static_cast<std::uint8_t>(byte);
    for (int round = 1; round <= 12; ++round) {
      const std::int64_t longest = std::min<std::int64_t>(25 << (round - 1), 2'000);
      EXPECT_GE(pause(round), Duration{0});
      EXPECT_LE(pause(round).count(), longest) << round;
    }
  }
}

// Whole numbers from 0 to the longest pause: all of them come, none beyond.
TEST_F(ServiceTest, PausesUseTheirWholeRange) {
  class Counting final : public ports::Random {
   public:
    void fill(std::span<std::uint8_t> bytes) override {
      std::ranges::fill(bytes, std::uint8_t{0});
      bytes.back() = next++;
    }
    std::uint8_t next = 0;
  } counting;
  Context context{http_, credentials_, clock_, counting};
  for (int i = 0; i < 52; ++i) {
    run([](Context& c) -> Task<bool> {
      co_await back_off(c, 1);
      co_return true;
    }(context));
  }
  const std::vector<Duration> slept = clock_.slept();
  EXPECT_EQ((std::set<Duration>(slept.begin(), slept.end()).size()), 26u);
  EXPECT_EQ(std::ranges::max(slept), Duration{25});
}

TEST_F(ServiceTest, AnswerTellsWhetherATryBeforeItMayHaveBeenDone) {
  const Step refused = answers(error(400, "ConditionalCheckFailedException"));
  struct Case {
    std::string name;
    Step first;
    bool is_unknown;
  };
  for (const Case& c : std::vector<Case>{
           {"lost", []() -> https::Response { fail_lost(); }, true},
           {"unreachable", []() -> https::Response { fail_unreachable(); }, false},
           {"throttled", answers(error(400, "ThrottlingException")), false},
           {"server's fault", answers(error(500, "InternalServerError")), true},
       }) {
    script({c.first, refused});
    const Answer answer = call(Repeat::kSafe);
    EXPECT_EQ(answer.error, "ConditionalCheckFailedException");
    EXPECT_EQ(answer.follows_unknown_try, c.is_unknown) << c.name;
  }
}

TEST_F(ServiceTest, LostTryIsNotForgottenWhenThePeerThenIsUnreachable) {
  const Step unreachable = []() -> https::Response { fail_unreachable(); };
  script({[]() -> https::Response { fail_lost(); }, unreachable});
  EXPECT_EQ(slug(Repeat::kSafe), "answer-lost");
  script({answers(error(500, "InternalServerError")), unreachable});
  EXPECT_EQ(slug(Repeat::kSafe), "answer-lost");
  script({answers(error(400, "ThrottlingException")), unreachable});
  EXPECT_EQ(slug(Repeat::kSafe), "peer-unreachable");
}

TEST_F(ServiceTest, RefusedCredentialsAreRenewedOnce) {
  credentials_.row.push_back({"ASIA2", "secret2", "token2", {}});
  credentials_.row.push_back({"ASIA3", "secret3", "token3", {}});
  for (const Repeat repeat : {Repeat::kNever, Repeat::kSafe}) {
    const std::size_t before = http_.count();
    script({answers(error(400, "ExpiredTokenException")), answers(kOk)});
    EXPECT_TRUE(call(repeat).ok());
    EXPECT_EQ(http_.count() - before, 2u);
  }
  EXPECT_EQ(sent_header(0, "X-Amz-Security-Token"), "token1");
  EXPECT_EQ(sent_header(1, "X-Amz-Security-Token"), "token2");
  EXPECT_EQ(sent_header(3, "X-Amz-Security-Token"), "token3");
  EXPECT_TRUE(clock_.slept().empty());
}

TEST_F(ServiceTest, CredentialsAreNotRenewedOverAndOver) {
  for (int i = 2; i < 9; ++i) credentials_.row.push_back({"ASIA" + std::to_string(i), "secret", "token", {}});
  script({answers(error(400, "ExpiredTokenException"))});
  EXPECT_EQ(call(Repeat::kSafe).error, "ExpiredTokenException");
  EXPECT_EQ(http_.count(), 2u);
}

TEST_F(ServiceTest, CredentialsThatCannotBeRenewedAreNotTriedAgain) {
  script({answers(error(400, "ExpiredTokenException"))});
  EXPECT_EQ(call(Repeat::kSafe).error, "ExpiredTokenException");
  EXPECT_EQ(http_.count(), 1u);
  EXPECT_EQ(credentials_.forgotten, 1);
}

TEST_F(ServiceTest, UnknownClientIsARefusalWithoutASession) {
  credentials_.row = {{"AKIA1", "secret", "", {}}, {"AKIA2", "secret", "", {}}};
  script({answers(error(400, "UnrecognizedClientException"))});
  EXPECT_EQ(call(Repeat::kSafe).error, "UnrecognizedClientException");
  EXPECT_EQ(http_.count(), 1u);
}

TEST_F(ServiceTest, WrongClockIsCorrectedFromThenOn) {
  // The server is 20 minutes ahead, over the turn of the day.
  clock_.advance(std::chrono::hours(13) + std::chrono::minutes(20));
  const https::Headers date = {{"date", "Sun, 22 Nov 2026 00:10:00 GMT"}};
  script({answers(error(400, "InvalidSignatureException", date)), answers(kOk)});
  EXPECT_TRUE(call(Repeat::kNever).ok());
  EXPECT_EQ(sent_header(0, "X-Amz-Date"), "20261121T235000Z");
  EXPECT_EQ(sent_header(1, "X-Amz-Date"), "20261122T001000Z");
  EXPECT_NE(sent_header(1, "Authorization").find("/20261122/"), std::string::npos);

  clock_.advance(std::chrono::minutes(1));
  EXPECT_TRUE(call(Repeat::kNever).ok());
  EXPECT_EQ(sent_header(2, "X-Amz-Date"), "20261122T001100Z");
  EXPECT_EQ(http_.count(), 3u);
  const std::string url = run(service_.presign({}, std::chrono::minutes(1)));
  EXPECT_NE(url.find("X-Amz-Date=20261122T001100Z"), std::string::npos) << url;
}

TEST_F(ServiceTest, ClockIsNotBlamedForEveryWrongSignature) {
  for (const std::string date : {"Sat, 21 Nov 2026 10:35:00 GMT", "Sat, 21 Nov 2026 10:25:00 GMT", "", "yesterday",
                                 "Sat, 21 Nov 2026 25:35:00 GMT", "Sat, 21 Nox 2026 11:35:00 GMT"}) {
    const std::size_t before = http_.count();
    script({answers(error(403, "SignatureDoesNotMatch", {{"date", date}}))});
    EXPECT_EQ(call(Repeat::kSafe).error, "SignatureDoesNotMatch") << date;
    EXPECT_EQ(http_.count() - before, 1u) << date;
  }
}

TEST_F(ServiceTest, CallsThatWereOnTheirWayWithTheWrongTimeAreAllTriedAgain) {
  const https::Headers date = {{"date", "Sat, 21 Nov 2026 09:30:00 GMT"}};
  const Step skewed = answers(error(403, "RequestTimeTooSkewed", date));
  script({skewed, skewed, answers(kOk)});
  int done = 0;
  boost::asio::io_context io;
  for (int i = 0; i < 2; ++i) {
    boost::asio::co_spawn(io, service_.call("T", "1.0", "A", {}, Repeat::kNever),
                          [&](std::exception_ptr, const Answer& answer) { done += answer.ok() ? 1 : 0; });
  }
  io.run();
  EXPECT_EQ(done, 2);
  EXPECT_EQ(http_.count(), 4u);
}

TEST_F(ServiceTest, OtherRequestsAreSentAsTheyAre) {
  Service s3(context_, "http://127.0.0.1:9000/", {"us-east-1", "s3", PathRule::kAsItIs});
  https::Request request;
  request.method = "PUT";
  request.target = "/files/a%20b?x-id=PutObject";
  request.headers = {{"If-None-Match", "*"}};
  request.body = "text";
  const Step busy = answers({503, {}, "<Error><Code>SlowDown</Code></Error>"});
  script({busy, answers({412, {}, "<Error><Code>PreconditionFailed</Code></Error>"})});
  EXPECT_EQ(run(s3.send(request, Repeat::kSafe)).status, 412);
  ASSERT_EQ(http_.count(), 2u);
  for (const https::Request& sent : http_.requests()) {
    EXPECT_EQ(sent.endpoint, (https::Endpoint{false, "127.0.0.1", 9000}));
    EXPECT_EQ(sent.target, request.target);
    EXPECT_EQ(sent.body, "text");
    EXPECT_EQ(header_of(sent, "If-None-Match"), "*");
    EXPECT_EQ(header_of(sent, "x-amz-content-sha256"),
              "982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1");
    EXPECT_EQ(std::ranges::count(sent.headers, "Authorization", &https::Headers::value_type::first), 1);
  }
}

TEST_F(ServiceTest, UrlIsSignedForTheEndpoint) {
  Service s3(context_, "https://files.test:9000", {"us-east-1", "s3", PathRule::kAsItIs});
  https::Request request;
  request.target = "/files/a";
  const std::string url = run(s3.presign(request, std::chrono::minutes(15)));
  EXPECT_TRUE(url.starts_with("https://files.test:9000/files/a?X-Amz-Algorithm=AWS4-HMAC-SHA256")) << url;
  EXPECT_NE(url.find("&X-Amz-Expires=900&X-Amz-Security-Token=token1&X-Amz-Signature="), std::string::npos) << url;
  EXPECT_EQ(http_.count(), 0u);
}

TEST_F(ServiceTest, WithoutCredentialsNothingIsSent) {
  class None final : public CredentialsSource {
   public:
    Task<Credentials> get() override {
      throw Error(ErrorCode::kUnavailable, "no-credentials", "None.");
      co_return Credentials();
    }
    void forget(const Credentials&) override {}
  } none;
  Context context{http_, none, clock_, random_};
  Service service(context, "http://127.0.0.1:8000", {"eu-central-1", "dynamodb"});
  EXPECT_EQ(slug_of(service.call("T", "1.0", "A", {}, Repeat::kSafe)), "no-credentials");
  EXPECT_EQ(http_.count(), 0u);
}

}  // namespace
}  // namespace orderly::aws
