#include "engines/jwt/verification.h"

#include <gtest/gtest.h>

#include <iostream>

#include "base/text.h"
#include "engines/jwt/test_http.h"

namespace orderly::jwt {
namespace {

using namespace orderly::jwt::testing;  // NOLINT(google-build-using-namespace)

class VerificationTest : public ::testing::Test {
 protected:
  Identity verify_now(const std::string& token, const std::string& settings = "plain") const {
    return verify(parse_token(token), keys_, tokens_.settings(settings), tokens_.now());
  }

  bool is_refused(const std::string& token) const {
    const std::optional<Error> failure = failure_of([&] { verify_now(token); });
    return failure && failure->code() == ErrorCode::kUnauthenticated && failure->slug() == "invalid-token";
  }

  const Tokens tokens_;
  const KeySet keys_ = KeySet::parse(tokens_.key_set());
};

// Neither the token's text nor what it says may reach the log.
void expect_discreet(const Error& error, const std::string& token) {
  const std::string said = error.what();
  EXPECT_EQ(error.message(), "The token is not valid.");
  EXPECT_LT(said.size(), 100u);
  for (const std::string_view secret : {"user-1", "rsa-1", "ec-1", "attacker", "dev/null"}) {
    EXPECT_EQ(said.find(secret), std::string::npos) << said;
  }
  EXPECT_TRUE(token.size() < 12 || said.find(token.substr(0, 12)) == std::string::npos) << said;
}

TEST_F(VerificationTest, EachTokenOfTheFileGetsItsVerdict) {
  std::size_t good = 0;
  std::size_t bad = 0;
  for (const boost::json::value& each : tokens_.cases()) {
    SCOPED_TRACE(string_of(each.at("name")));
    const std::string token = string_of(each.at("token"));
    const boost::json::value* settings = each.as_object().if_contains("settings");
    std::optional<Identity> identity;
    const std::optional<Error> failure =
        failure_of([&] { identity = verify_now(token, settings == nullptr ? "plain" : string_of(*settings)); });
    EXPECT_EQ(identity, tokens_.identity(each)) << (failure ? failure->what() : "");
    if (!failure) {
      ++good;
      continue;
    }
    ++bad;
    EXPECT_EQ(failure->code(), ErrorCode::kUnauthenticated);
    EXPECT_EQ(failure->slug(), "invalid-token");
    if (const boost::json::value* because = each.as_object().if_contains("because")) {
      EXPECT_NE(failure->detail().find(string_of(*because)), std::string::npos) << failure->detail();
    }
    expect_discreet(*failure, token);
  }
  std::cout << good << " good and " << bad << " bad tokens\n";
  EXPECT_EQ(good + bad, tokens_.count());
  EXPECT_GE(good, 60u);
  EXPECT_GE(bad, 350u);
}

TEST_F(VerificationTest, EveryChangedBitIsNoticed) {
  int tried = 0;
  for (const std::string name : {"RS256 with rsa-1", "ES256 with ec-1"}) {
    const std::string token = tokens_.token(name);
    ASSERT_FALSE(is_refused(token));
    for (std::size_t at = 0; at < token.size(); ++at) {
      for (int bit = 0; bit < 8; ++bit, ++tried) {
        std::string changed = token;
        changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
        ASSERT_TRUE(is_refused(changed)) << name << ", byte " << at << ", bit " << bit;
      }
    }
  }
  std::cout << tried << " tokens with a changed bit\n";
  EXPECT_GT(tried, 4000);
}

TEST_F(VerificationTest, EveryShortenedTokenIsNoticed) {
  for (const std::string name : {"RS256 with rsa-1", "ES256 with ec-1"}) {
    const std::string token = tokens_.token(name);
    for (std::size_t at = 0; at < token.size(); ++at) {
      ASSERT_TRUE(is_refused(token.substr(0, at))) << name << ", " << at << " bytes";
      ASSERT_TRUE(is_refused(token.substr(0, at) + token.substr(at + 1))) << name << " without byte " << at;
    }
  }
}

TEST_F(VerificationTest, TokenGrowsOldAndWasOnceTooYoung) {
  const SignedToken token = parse_token(tokens_.token("nbf in 30 s: within the leeway"));
  const Time begin = tokens_.now();
  const Time end = begin + std::chrono::seconds(3600 + 30);
  const auto is_good = [&](Time now) { return !failure_of([&] { verify(token, keys_, tokens_.settings(), now); }); };
  EXPECT_FALSE(is_good(begin - Duration{1}));
  EXPECT_TRUE(is_good(begin));
  EXPECT_TRUE(is_good(end - Duration{1}));
  EXPECT_FALSE(is_good(end));
}

// An issuer's other set-up must not let another kind of token in.
TEST_F(VerificationTest, SettingsDecideWhomATokenIsFor) {
  IssuerSettings settings = tokens_.settings();
  const SignedToken token = parse_token(tokens_.token("aud an array"));
  EXPECT_FALSE(failure_of([&] { verify(token, keys_, settings, tokens_.now()); }));
  settings.audience = "other";
  EXPECT_FALSE(failure_of([&] { verify(token, keys_, settings, tokens_.now()); }));
  settings.audience = "third";
  EXPECT_TRUE(failure_of([&] { verify(token, keys_, settings, tokens_.now()); }));
  settings.audience = "user-1";
  settings.audience_claim = "sub";
  EXPECT_FALSE(failure_of([&] { verify(token, keys_, settings, tokens_.now()); }));
}

}  // namespace
}  // namespace orderly::jwt
