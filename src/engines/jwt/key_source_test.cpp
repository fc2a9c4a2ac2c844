#include "engines/jwt/key_source.h"

#include <gtest/gtest.h>

#include <boost/asio/detached.hpp>
#include <thread>

#include "engines/jwt/test_http.h"

namespace orderly::jwt {
namespace {

using namespace orderly::jwt::testing;  // NOLINT(google-build-using-namespace)
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Time kStart{1'893'456'000'000};

class KeySourceTest : public ::testing::Test {
 protected:
  // The issuer publishes these from now on.
  void publish(const std::set<std::string>& kids) {
    answer_ = [body = tokens_.key_set(kids)](const https::Request&) -> https::Response { return {200, {}, body}; };
  }
  void fail_with(https::Response response) {
    answer_ = [response = std::move(response)](const https::Request&) { return response; };
  }
  void be_unreachable() {
    answer_ = [](const https::Request&) -> https::Response {
      throw Error(ErrorCode::kUnavailable, "peer-unreachable", "Not available.", "test: unreachable");
    };
  }

  // "found", "unknown", or the error's slug.
  std::string look_up(const std::string& kid) {
    std::string found;
    const std::optional<Error> failure =
        failure_of([&] { found = run(source_.keys_for(kid))->find(kid) != nullptr ? "found" : "unknown"; });
    return failure ? failure->slug() : found;
  }

  const Tokens tokens_;
  ScriptedHttp::Script answer_;
  ScriptedHttp http_{[this](const https::Request& request) { return answer_(request); }};
  StandingClock clock_{kStart};
  RecordingMonitor monitor_;
  KeySource source_{"https://id.example/keys?tenant=1", http_, clock_, monitor_};
};

TEST_F(KeySourceTest, KeysAreAskedForWhenFirstNeededAtTheConfiguredUrl) {
  publish({"rsa-1", "ec-1"});
  EXPECT_EQ(http_.count(), 0u);
  EXPECT_EQ(look_up("rsa-1"), "found");
  EXPECT_EQ(look_up("ec-1"), "found");
  ASSERT_EQ(http_.count(), 1u);
  const https::Request request = http_.requests()[0];
  EXPECT_EQ(request.method + " " + request.target, "GET /keys?tenant=1");
  EXPECT_EQ(request.endpoint, (https::Endpoint{true, "id.example", 443}));
  EXPECT_EQ(request.body_bytes_max, std::size_t{128} << 10);
  EXPECT_LE(request.timeout, Duration{5'000});
}

TEST_F(KeySourceTest, KeysAreKeptForTenMinutes) {
  publish({"rsa-1"});
  EXPECT_EQ(look_up("rsa-1"), "found");
  clock_.advance(minutes(10) - Duration{1});
  EXPECT_EQ(look_up("rsa-1"), "found");
  EXPECT_EQ(http_.count(), 1u);
  clock_.advance(Duration{1});
  EXPECT_EQ(look_up("rsa-1"), "found");
  EXPECT_EQ(http_.count(), 2u);
}

TEST_F(KeySourceTest, WithdrawnKeyIsGoneTenMinutesLater) {
  publish({"rsa-1", "ec-1"});
  EXPECT_EQ(look_up("rsa-1"), "found");
  publish({"ec-1"});
  clock_.advance(minutes(10));
  EXPECT_EQ(look_up("rsa-1"), "unknown");
  publish({});
  clock_.advance(minutes(10));
  EXPECT_EQ(look_up("ec-1"), "unknown");
}

TEST_F(KeySourceTest, NewKeyIsFoundAtOnce) {
  publish({"rsa-1"});
  EXPECT_EQ(look_up("rsa-1"), "found");
  publish({"rsa-1", "ec-1"});
  clock_.advance(seconds(30));
  EXPECT_EQ(look_up("ec-1"), "found");
  EXPECT_EQ(look_up("rsa-1"), "found");
  EXPECT_EQ(http_.count(), 2u);
}

TEST_F(KeySourceTest, MadeUpNamesCostTheIssuerOneQuestionEachHalfMinute) {
  publish({"rsa-1"});
  for (int i = 0; i < 50; ++i) EXPECT_EQ(look_up("made-up-" + std::to_string(i)), "unknown");
  EXPECT_EQ(http_.count(), 1u);
  clock_.advance(seconds(30) - Duration{1});
  EXPECT_EQ(look_up("made-up"), "unknown");
  EXPECT_EQ(http_.count(), 1u);
  clock_.advance(Duration{1});
  for (int i = 0; i < 50; ++i) EXPECT_EQ(look_up("made-up-" + std::to_string(i)), "unknown");
  EXPECT_EQ(http_.count(), 2u);
}

TEST_F(KeySourceTest, OldKeysServeForADayWhileFetchingFails) {
  publish({"rsa-1"});
  EXPECT_EQ(look_up("rsa-1"), "found");
  be_unreachable();
  clock_.advance(minutes(10));
  for (int i = 0; i < 50; ++i) EXPECT_EQ(look_up("rsa-1"), "found");
  EXPECT_EQ(http_.count(), 2u) << "callers must not wait for the failing issuer one after another";
  clock_.advance(seconds(30));
  EXPECT_EQ(look_up("rsa-1"), "found");
  EXPECT_EQ(look_up("ec-1"), "unknown");
  EXPECT_EQ(http_.count(), 3u);
  clock_.advance(hours(24) - minutes(10) - seconds(30) - Duration{1});
  EXPECT_EQ(look_up("rsa-1"), "found");
  clock_.advance(Duration{1});
  EXPECT_EQ(look_up("rsa-1"), "issuer-unavailable");
  publish({"rsa-1"});
  clock_.advance(seconds(30));
  EXPECT_EQ(look_up("rsa-1"), "found");
}

TEST_F(KeySourceTest, FailingIssuerIsAskedAgainHalfAMinuteLater) {
  be_unreachable();
  for (int i = 0; i < 50; ++i) EXPECT_EQ(look_up("rsa-1"), "issuer-unavailable");
  EXPECT_EQ(http_.count(), 1u);
  publish({"rsa-1"});
  clock_.advance(seconds(30) - Duration{1});
  EXPECT_EQ(look_up("rsa-1"), "issuer-unavailable");
  clock_.advance(Duration{1});
  EXPECT_EQ(look_up("rsa-1"), "found");
  EXPECT_EQ(http_.count(), 2u);
}

TEST_F(KeySourceTest, AnAlarmIsRaisedOnceInTenMinutesWhileFetchingFails) {
  publish({"rsa-1"});
  EXPECT_EQ(look_up("rsa-1"), "found");
  EXPECT_EQ(monitor_.alarms().size(), 0u);
  be_unreachable();
  clock_.advance(minutes(10));
  for (int minute = 0; minute < 25; ++minute) {
    for (int i = 0; i < 5; ++i) EXPECT_EQ(look_up("rsa-1"), "found") << "by the keys at hand, yet somebody must know";
    clock_.advance(minutes(1));
  }
  EXPECT_EQ(monitor_.alarms(),
            std::vector<std::string>(3, "issuer-unavailable id.example peer-unreachable: test: unreachable"));
  publish({"rsa-1"});
  EXPECT_EQ(look_up("rsa-1"), "found");
  clock_.advance(minutes(10));
  EXPECT_EQ(look_up("rsa-1"), "found");
  EXPECT_EQ(monitor_.alarms().size(), 3u);
}

TEST_F(KeySourceTest, FailureNamesItsCauseForTheLog) {
  be_unreachable();
  const std::optional<Error> failure = failure_of([&] { run(source_.keys_for("rsa-1")); });
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->code(), ErrorCode::kUnavailable);
  EXPECT_EQ(failure->detail(), "peer-unreachable: test: unreachable");
}

TEST_F(KeySourceTest, UselessAnswersAreNoKeysAndDoNotReplaceSome) {
  publish({"rsa-1"});
  EXPECT_EQ(look_up("rsa-1"), "found");
  const std::string good = tokens_.key_set({"ec-1"});
  for (const https::Response& useless : std::vector<https::Response>{
           {301, {{"location", "https://attacker.example/keys"}}, good},
           {302, {{"location", "https://attacker.example/keys"}}, ""},
           {307, {{"location", "https://id.example/other"}}, good},
           {204, {}, ""},
           {206, {}, good},
           {304, {}, ""},
           {404, {}, good},
           {500, {}, good},
           {200, {}, ""},
           {200, {}, "<html>signed in elsewhere</html>"},
           {200, {}, "{}"},
           {200, {}, good + std::string(kKeySetBytesMax, ' ')},
       }) {
    fail_with(useless);
    clock_.advance(minutes(10));
    const std::size_t before = http_.count();
    EXPECT_EQ(look_up("ec-1"), "unknown") << useless.status;
    EXPECT_EQ(look_up("rsa-1"), "found") << useless.status;
    EXPECT_EQ(http_.count(), before + 1) << "redirects are not followed";

    KeySource fresh("https://id.example/keys", http_, clock_, monitor_);
    EXPECT_EQ(failure_of([&] { run(fresh.keys_for("ec-1")); }).value().slug(), "issuer-unavailable") << useless.status;
  }
}

TEST_F(KeySourceTest, PlainHttpIsForThisMachineOnly) {
  struct Case {
    std::string url;
    bool is_allowed;
  };
  for (const Case& c : std::vector<Case>{
           {"https://id.example/keys", true},
           {"http://localhost:8080/keys", true},
           {"http://127.0.0.1/keys", true},
           {"http://[::1]/keys", true},
           {"http://id.example/keys", false},
           {"http://127.0.0.1.id.example/keys", false},
           {"http://192.168.0.1/keys", false},
           {"http://169.254.169.254/keys", false},
           {"ftp://id.example/keys", false},
           {"file:///etc/keys", false},
           {"https://user@id.example/keys", false},
           {"", false},
       }) {
    const std::optional<Error> failure = failure_of([&] { const KeySource source(c.url, http_, clock_, monitor_); });
    EXPECT_EQ(failure ? failure->slug() : "", c.is_allowed ? "" : "malformed-url") << c.url;
  }
}

struct Tally {
  std::atomic<int> found = 0;
  std::atomic<int> unknown = 0;
  std::atomic<int> unavailable = 0;
};

Task<void> look_up_and_count(KeySource& source, std::string kid, Tally& tally) {
  try {
    const std::shared_ptr<const KeySet> keys = co_await source.keys_for(kid);
    ++(keys->find(kid) != nullptr ? tally.found : tally.unknown);
  } catch (const Error& error) {
    if (error.slug() == "issuer-unavailable") ++tally.unavailable;
  }
}

// `threads` event loops with `each` callers at once.
void look_up_everywhere(KeySource& source, const std::string& kid, Tally& tally, int threads, int each) {
  std::vector<std::jthread> running;
  for (int i = 0; i < threads; ++i) {
    running.emplace_back([&] {
      boost::asio::io_context io;
      for (int k = 0; k < each; ++k)
        boost::asio::co_spawn(io, look_up_and_count(source, kid, tally), [](std::exception_ptr failure) {
          if (failure) std::rethrow_exception(failure);
        });
      io.run();
    });
  }
}

TEST_F(KeySourceTest, CallersOnManyThreadsShareOneFetch) {
  answer_ = [body = tokens_.key_set({"rsa-1"})](const https::Request&) -> https::Response {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return {200, {}, body};
  };
  Tally tally;
  look_up_everywhere(source_, "rsa-1", tally, 4, 25);
  EXPECT_EQ(tally.found, 100);
  EXPECT_EQ(http_.count(), 1u);
}

TEST_F(KeySourceTest, CallersOnManyThreadsShareARefetchForAnUnknownName) {
  publish({"rsa-1"});
  EXPECT_EQ(look_up("rsa-1"), "found");
  clock_.advance(seconds(30));
  publish({"rsa-1", "ec-1"});
  Tally tally;
  look_up_everywhere(source_, "ec-1", tally, 4, 25);
  EXPECT_EQ(tally.found, 100);
  EXPECT_EQ(http_.count(), 2u);
}

TEST_F(KeySourceTest, CallersShareAFailureToo) {
  be_unreachable();
  Tally tally;
  look_up_everywhere(source_, "rsa-1", tally, 4, 25);
  EXPECT_EQ(tally.unavailable, 100);
  EXPECT_EQ(http_.count(), 1u);
}

// One caller asks the issuer anew, which takes its time.
TEST_F(KeySourceTest, CallersWhoseKeyIsAtHandDoNotWaitForSomebodyElsesFetch) {
  publish({"rsa-1"});
  EXPECT_EQ(look_up("rsa-1"), "found");
  clock_.advance(minutes(10));
  boost::asio::io_context io;
  Tally first;
  boost::asio::co_spawn(io, look_up_and_count(source_, "ec-1", first), boost::asio::detached);
  io.poll_one();
  io.poll_one();
  ASSERT_EQ(http_.count(), 2u) << "the fetch has begun";
  EXPECT_EQ(look_up("rsa-1"), "found");
  EXPECT_EQ(first.unknown, 0) << "and is not over";
  EXPECT_EQ(http_.count(), 2u);
  io.run();
  EXPECT_EQ(first.unknown, 1);
}

TEST_F(KeySourceTest, FetchThatDiesWithItsEventLoopIsTakenOverByTheNextCaller) {
  publish({"rsa-1"});
  {
    Tally lost;
    boost::asio::io_context io;
    boost::asio::co_spawn(io, look_up_and_count(source_, "rsa-1", lost), boost::asio::detached);
    io.poll_one();
    io.poll_one();
    ASSERT_EQ(http_.count(), 1u) << "the fetch has begun";
    ASSERT_EQ(lost.found, 0) << "and is not over";
  }
  EXPECT_EQ(look_up("rsa-1"), "found");
  EXPECT_EQ(http_.count(), 2u);
}

TEST_F(KeySourceTest, FetchThatDiesCountsAsOneWhereThereAreKeys) {
  publish({"rsa-1"});
  EXPECT_EQ(look_up("rsa-1"), "found");
  clock_.advance(seconds(30));
  {
    Tally lost;
    boost::asio::io_context io;
    boost::asio::co_spawn(io, look_up_and_count(source_, "made-up", lost), boost::asio::detached);
    io.poll_one();
    io.poll_one();
    ASSERT_EQ(http_.count(), 2u) << "the fetch has begun";
  }
  EXPECT_EQ(look_up("made-up"), "unknown");
  EXPECT_EQ(http_.count(), 2u) << "callers who give up must not make it ask more often";
}

}  // namespace
}  // namespace orderly::jwt
