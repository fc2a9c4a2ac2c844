#include "engines/jwt/issuers.h"

#include <gtest/gtest.h>

#include <thread>

#include "engines/jwt/test_http.h"

namespace orderly::jwt {
namespace {

using namespace orderly::jwt::testing;  // NOLINT(google-build-using-namespace)
using std::chrono::minutes;
using std::chrono::seconds;

class IssuersTest : public ::testing::Test {
 protected:
  void use(std::vector<IssuerSettings> settings) { issuers_.emplace(std::move(settings), http_, clock_, monitor_); }

  void publish(const std::set<std::string>& kids) {
    answer_ = [body = tokens_.key_set(kids)](const https::Request&) -> https::Response { return {200, {}, body}; };
  }

  // "" when the token is good, else the error's slug.
  std::string slug(const std::string& token) {
    const std::optional<Error> failure = failure_of([&] { run(issuers_->verify(token)); });
    return failure ? failure->slug() : "";
  }

  const Tokens tokens_;
  ScriptedHttp::Script answer_ = [this](const https::Request&) -> https::Response {
    return {200, {}, tokens_.key_set()};
  };
  ScriptedHttp http_{[this](const https::Request& request) { return answer_(request); }};
  StandingClock clock_{tokens_.now()};
  RecordingMonitor monitor_;
  std::optional<Issuers> issuers_;
};

// The configured URL and nothing else is asked, whatever tokens say; the second time an answer is the first's.
TEST_F(IssuersTest, EachTokenOfTheFileGetsItsVerdictTwice) {
  std::size_t count = 0;
  for (const std::string name : {"plain", "no roles", "access tokens", "pointer", "url"}) {
    use({tokens_.settings(name)});
    for (const boost::json::value& each : tokens_.cases()) {
      const boost::json::value* settings = each.as_object().if_contains("settings");
      if ((settings == nullptr ? "plain" : string_of(*settings)) != name) continue;
      SCOPED_TRACE(string_of(each.at("name")));
      ++count;
      for (int i = 0; i < 2; ++i) {
        std::optional<Identity> identity;
        const std::optional<Error> failure =
            failure_of([&] { identity = run(issuers_->verify(string_of(each.at("token")))); });
        EXPECT_EQ(identity, tokens_.identity(each));
        EXPECT_EQ(failure ? failure->slug() : "invalid-token", "invalid-token");
      }
    }
  }
  EXPECT_EQ(count, tokens_.count());
  EXPECT_EQ(http_.count(), 5u) << "once for each set of settings";
  for (const https::Request& request : http_.requests()) EXPECT_EQ(request.endpoint.host, "id.example");
}

TEST_F(IssuersTest, NobodyIsAskedForATokenThatIsNoneOrOfAnotherIssuer) {
  use({tokens_.settings()});
  for (const std::string name :
       {"no text at all", "kid of 10 KB", "alg 'none' without a signature", "RS256: jku", "kid missing",
        "payload: not JSON", "iss another", "iss missing", "iss with a slash after"})
    EXPECT_EQ(slug(tokens_.token(name)), "invalid-token") << name;
  EXPECT_EQ(http_.count(), 0u);
}

TEST_F(IssuersTest, TokensIssuerDecidesWhoIsAsked) {
  IssuerSettings other = tokens_.settings();
  other.issuer = "https://attacker.example/shop";  // as the token of "iss another" says
  other.jwks_url = "https://keys.other.example/";
  use({tokens_.settings(), other});
  EXPECT_EQ(run(issuers_->verify(tokens_.token("iss another"))).issuer, "https://attacker.example/shop");
  ASSERT_EQ(http_.count(), 1u);
  EXPECT_EQ(http_.requests()[0].endpoint.host, "keys.other.example");
  EXPECT_EQ(slug(tokens_.token("ES256 with ec-1")), "");
  ASSERT_EQ(http_.count(), 2u);
  EXPECT_EQ(http_.requests()[1].endpoint.host, "id.example");
}

TEST_F(IssuersTest, KeysOfOneIssuerAreNoneOfAnother) {
  IssuerSettings other = tokens_.settings();
  other.issuer = "https://attacker.example/shop";
  other.jwks_url = "https://keys.other.example/";
  answer_ = [this](const https::Request& request) -> https::Response {
    const bool is_other = request.endpoint.host == "keys.other.example";
    return {200, {}, is_other ? tokens_.key_set({"ec-1"}) : tokens_.key_set({"rsa-1"})};
  };
  use({tokens_.settings(), other});
  EXPECT_EQ(slug(tokens_.token("iss another")), "");
  EXPECT_EQ(slug(tokens_.token("ES256 with ec-1")), "invalid-token");
  EXPECT_EQ(slug(tokens_.token("RS256 with rsa-1")), "");
}

// A kid says nothing by itself: it is looked for among the keys of the issuer that the token names.
TEST_F(IssuersTest, AnotherIssuersKeyUnderTheSameKidIsNotTheKey) {
  IssuerSettings other = tokens_.settings();
  other.issuer = "https://attacker.example/shop";
  other.jwks_url = "https://keys.other.example/";
  std::string renamed = tokens_.key_set({"rsa-2"});
  renamed.replace(renamed.find("rsa-2"), 5, "rsa-1");
  answer_ = [&](const https::Request& request) -> https::Response {
    return {200, {}, request.endpoint.host == "id.example" ? renamed : tokens_.key_set({"rsa-1", "ec-1"})};
  };
  use({tokens_.settings(), other});
  EXPECT_EQ(slug(tokens_.token("iss another")), "") << "the other's keys are known";
  EXPECT_EQ(slug(tokens_.token("RS256 with rsa-1")), "invalid-token") << "signed by the other's, in the first's name";
  EXPECT_EQ(http_.count(), 2u);
}

TEST_F(IssuersTest, EachIssuerHasItsOwnAudience) {
  IssuerSettings other = tokens_.settings();
  other.issuer = "https://attacker.example/shop";
  other.audience = "another-audience";
  use({tokens_.settings(), other});
  EXPECT_EQ(slug(tokens_.token("ES256 with ec-1")), "");
  EXPECT_EQ(slug(tokens_.token("iss another")), "invalid-token") << "its audience is the first's";
}

TEST_F(IssuersTest, AnIssuerThatIsDownIsNoOthersFault) {
  IssuerSettings other = tokens_.settings();
  other.issuer = "https://attacker.example/shop";
  other.jwks_url = "https://keys.other.example/";
  answer_ = [this](const https::Request& request) -> https::Response {
    if (request.endpoint.host == "keys.other.example") return {503, {}, ""};
    return {200, {}, tokens_.key_set()};
  };
  use({tokens_.settings(), other});
  for (int i = 0; i < 20; ++i) EXPECT_EQ(slug(tokens_.token("iss another")), "issuer-unavailable");
  EXPECT_EQ(slug(tokens_.token("ES256 with ec-1")), "");
  EXPECT_EQ(monitor_.alarms(),
            std::vector<std::string>{"issuer-unavailable keys.other.example issuer-unavailable: it answered 503"});
}

TEST_F(IssuersTest, RotationIsFollowed) {
  use({tokens_.settings()});
  publish({"rsa-1"});
  EXPECT_EQ(slug(tokens_.token("RS256 with rsa-1")), "");
  clock_.advance(minutes(6));
  publish({"ec-1"});
  EXPECT_EQ(slug(tokens_.token("ES256 with ec-1")), "") << "the new key is found";
  EXPECT_EQ(slug(tokens_.token("aud an array")), "invalid-token") << "which is of the key that was withdrawn";
  EXPECT_EQ(http_.count(), 2u);
}

TEST_F(IssuersTest, GoodTokenIsRememberedForFiveMinutes) {
  use({tokens_.settings()});
  const std::string token = tokens_.token("ES256 with ec-1");
  const Identity identity = run(issuers_->verify(token));
  publish({"rsa-1"});
  EXPECT_EQ(slug(tokens_.token("kid 'unknown'")), "invalid-token");
  clock_.advance(seconds(30));
  EXPECT_EQ(slug(tokens_.token("kid 'unknown'")), "invalid-token");
  EXPECT_EQ(http_.count(), 2u) << "the key is withdrawn";
  EXPECT_EQ(slug(tokens_.token("aud an array of one")), "invalid-token");
  clock_.advance(minutes(4) + seconds(30) - Duration{1});
  EXPECT_EQ(run(issuers_->verify(token)), identity);
  clock_.advance(Duration{1});
  EXPECT_EQ(slug(token), "invalid-token");
}

TEST_F(IssuersTest, GoodTokenIsNotRememberedBeyondItsExpiry) {
  use({tokens_.settings()});
  const std::string token = tokens_.token("exp with a fraction");  // in 100.25 s
  EXPECT_EQ(slug(token), "");
  clock_.advance(Duration{100'249});
  EXPECT_EQ(slug(token), "");
  clock_.advance(seconds(30));
  EXPECT_EQ(slug(token), "") << "within the leeway, verified anew";
  clock_.advance(Duration{1});
  EXPECT_EQ(slug(token), "invalid-token");
}

TEST_F(IssuersTest, BadTokenIsNotRemembered) {
  use({tokens_.settings()});
  publish({"rsa-1"});
  const std::string token = tokens_.token("ES256 with ec-1");
  EXPECT_EQ(slug(token), "invalid-token");
  publish({"ec-1"});
  clock_.advance(seconds(30));
  EXPECT_EQ(slug(token), "");
}

TEST_F(IssuersTest, IssuerThatCannotBeAskedIsNoFaultOfTheToken) {
  use({tokens_.settings()});
  answer_ = [](const https::Request&) -> https::Response { return {503, {}, ""}; };
  const std::optional<Error> failure = failure_of([&] { run(issuers_->verify(tokens_.token("ES256 with ec-1"))); });
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->code(), ErrorCode::kUnavailable);
  EXPECT_EQ(failure->slug(), "issuer-unavailable");
}

TEST_F(IssuersTest, SettingsMustNameIssuerAndAudience) {
  IssuerSettings none;
  const auto slug_with = [&](IssuerSettings changed) {
    const std::optional<Error> failure = failure_of([&] { use({std::move(changed)}); });
    return failure ? failure->slug() : "";
  };
  IssuerSettings settings = tokens_.settings();
  EXPECT_EQ(slug_with(settings), "");
  settings.issuer = "";
  EXPECT_EQ(slug_with(settings), "malformed-issuer");
  settings = tokens_.settings();
  settings.audience = "";
  EXPECT_EQ(slug_with(settings), "malformed-issuer");
  settings = tokens_.settings();
  settings.audience_claim = "";
  EXPECT_EQ(slug_with(settings), "malformed-issuer");
  settings = tokens_.settings();
  settings.jwks_url = "http://id.example/keys";
  EXPECT_EQ(slug_with(settings), "malformed-url");
  const std::optional<Error> twice = failure_of([&] { use({tokens_.settings(), tokens_.settings("url")}); });
  EXPECT_EQ(twice ? twice->slug() : "", "malformed-issuer");
}

TEST_F(IssuersTest, WithoutIssuersNoTokenIsGood) {
  use({});
  EXPECT_EQ(slug(tokens_.token("ES256 with ec-1")), "invalid-token");
}

Task<void> verify_and_count(Issuers& issuers, std::string token, std::atomic<int>& good) {
  const Identity identity = co_await issuers.verify(std::move(token));
  if (identity.subject == "user-1") ++good;
}

TEST_F(IssuersTest, ManyThreadsMayVerifyAtOnce) {
  use({tokens_.settings()});
  std::atomic<int> good = 0;
  std::vector<std::string> tokens;
  for (const std::string name : {"RS256 with rsa-1", "RS256 with rsa-2", "ES256 with ec-1", "aud an array"})
    tokens.push_back(tokens_.token(name));
  {
    std::vector<std::jthread> running;
    for (int i = 0; i < 4; ++i) {
      running.emplace_back([&] {
        boost::asio::io_context io;
        for (std::size_t k = 0; k < 100; ++k)
          boost::asio::co_spawn(io, verify_and_count(*issuers_, tokens[k % tokens.size()], good),
                                [](std::exception_ptr failure) {
                                  if (failure) std::rethrow_exception(failure);
                                });
        io.run();
      });
    }
  }
  EXPECT_EQ(good, 400);
  EXPECT_EQ(http_.count(), 1u);
}

}  // namespace
}  // namespace orderly::jwt
