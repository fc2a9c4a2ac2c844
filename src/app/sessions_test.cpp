#include "app/sessions.h"

#include <gtest/gtest.h>

#include "app/account_samples.h"
#include "app/erasure.h"
#include "base/limits.h"

namespace orderly::app {
namespace {

using namespace samples;  // NOLINT(google-build-using-namespace)
using fakes::Started;

Error error_of_token(World& world, const std::string& token) {
  return world.error_of(caller_of_access_token(world.app, token));
}

std::string slug_of_refresh(World& world, const std::string& token) {
  const Error error = world.error_of(refresh_session(world.app, {token}, {}));
  EXPECT_EQ(error.code(), ErrorCode::kUnauthenticated);
  return error.slug();
}

struct Parts {
  std::string header, claims, signature;

  std::string text() const { return header + "." + claims + "." + signature; }
};

Parts parts_of(const std::string& token) {
  const std::size_t first = token.find('.');
  const std::size_t second = token.find('.', first + 1);
  return {token.substr(0, first), token.substr(first + 1, second - first - 1), token.substr(second + 1)};
}

// As the shop signs, under a key that follows from `master_key`.
Parts sign(World& world, Parts parts, const ports::SecretKey& master_key) {
  const auto text_of = [](const auto& bytes) {
    return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  };
  const ports::Digest key = world.crypto.hmac_sha256(text_of(master_key), "access-token");
  parts.signature = base64url_encode(world.crypto.hmac_sha256(text_of(key), parts.header + "." + parts.claims));
  return parts;
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const std::size_t place = text.find(what);
  if (place == std::string::npos) ADD_FAILURE() << what << " is not in " << text;
  return place == std::string::npos ? text : text.replace(place, what.size(), by);
}

// --- Access tokens
// ---------------------------------------------------------------------------------------------------------

TEST(AccessTokens, SayWhoseTheyAreWithoutTheStore) {
  World world;
  const SessionView session = open_account(world, kAda);
  caller_of(world, session);  // from here on the account's epoch is known
  const std::size_t reads = world.store.reads().size();
  const Caller caller = caller_of(world, session);
  EXPECT_EQ(caller.client_id, session.client_id.text);
  EXPECT_EQ(caller.cart, session.client_id.text);
  EXPECT_TRUE(caller.scopes.empty());
  EXPECT_EQ(world.store.reads().size(), reads);
}

TEST(AccessTokens, AreGoodForAQuarterOfAnHour) {
  World world;
  const SessionView session = open_account(world, kAda);
  world.clock.set(world.clock.now() + limits::kAccessTokenKept - std::chrono::seconds(1));
  EXPECT_TRUE(is_signed_in(world, session));
  world.clock.set(world.clock.now() + std::chrono::seconds(1));
  EXPECT_FALSE(is_signed_in(world, session));
}

TEST(AccessTokens, AreRefusedWithAnyByteChanged) {
  World world;
  const SessionView session = open_account(world, kAda);
  const std::string& token = session.access_token;
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    const Error error = error_of_token(world, changed);
    ASSERT_EQ(error.code(), ErrorCode::kUnauthenticated) << i;
    ASSERT_EQ(error.slug(), "invalid-token") << i;
  }
  EXPECT_TRUE(is_signed_in(world, session));
}

TEST(AccessTokens, AreRefusedInAnyOtherForm) {
  World world;
  const SessionView session = open_account(world, kAda);
  const Parts good = parts_of(session.access_token);
  const auto header = [&](const std::string& text) {
    return sign(world, {base64url_encode(text), good.claims, {}}, world.app.master_key).text();
  };
  const std::string claims = base64url_decode(good.claims).value();
  const auto with_claims = [&](const std::string& text, const ports::SecretKey& key) {
    return sign(world, {good.header, base64url_encode(text), {}}, key).text();
  };
  ASSERT_EQ(with_claims(claims, world.app.master_key), session.access_token) << "this test signs as the shop does";
  const struct {
    std::string name, token;
  } bad[] = {
      {"nothing", ""},
      {"dots", ".."},
      {"no signature", good.header + "." + good.claims},
      {"an empty signature", good.header + "." + good.claims + "."},
      {"an empty middle", good.header + ".." + good.signature},
      {"a fourth part", session.access_token + ".x"},
      {"padding", session.access_token + "="},
      {"a space", session.access_token + " "},
      {"alg none", header(R"({"alg":"none","kid":"orderly","typ":"JWT"})")},
      {"alg none without a signature", base64url_encode(R"({"alg":"none","typ":"JWT"})") + "." + good.claims + "."},
      {"another alg", header(R"({"alg":"HS512","kid":"orderly","typ":"JWT"})")},
      {"the header in another order", header(R"({"typ":"JWT","alg":"HS256","kid":"orderly"})")},
      {"the header with white space", header(R"({"alg": "HS256","kid":"orderly","typ":"JWT"})")},
      {"a header with a key in it", header(R"({"alg":"HS256","kid":"orderly","typ":"JWT","jwk":{}})")},
      {"another shop's key", with_claims(claims, ports::SecretKey{9})},
      {"another issuer",
       with_claims(replaced(claims, R"("iss":"orderly")", R"("iss":"elsewhere")"), world.app.master_key)},
      {"an epoch to come", with_claims(replaced(claims, R"("epoch":1)", R"("epoch":2)"), world.app.master_key)},
      {"a client who is not there",
       with_claims(replaced(claims, session.client_id.text, ClientId::make(world.clock.now(), {}).text),
                   world.app.master_key)},
  };
  for (const auto& [name, token] : bad) {
    const Error error = error_of_token(world, token);
    EXPECT_EQ(error.code(), ErrorCode::kUnauthenticated) << name;
    EXPECT_EQ(error.slug(), "invalid-token") << name;
  }
}

TEST(AccessTokens, AreKnownByTheirHeader) {
  World world;
  const SessionView session = open_account(world, kAda);
  EXPECT_TRUE(looks_like_access_token(session.access_token));
  for (const std::string& other : {std::string(), std::string("ok_test_1"), session.refresh_token,
                                   "x" + session.access_token, parts_of(session.access_token).header}) {
    EXPECT_FALSE(looks_like_access_token(other)) << other;
  }
}

TEST(AccessTokens, EndInAnotherProcessWithinSecondsOfASignOut) {
  World world;
  const SessionView session = open_account(world, kAda);
  App other = another_process(world);
  EXPECT_EQ(world.run(caller_of_access_token(other, session.access_token)).client_id, session.client_id.text);
  world.run(end_all_sessions(world.app, caller_of(world, session), {}));
  EXPECT_FALSE(is_signed_in(world, session));
  world.clock.set(world.clock.now() + kRecentKept);
  EXPECT_EQ(world.error_of(caller_of_access_token(other, session.access_token)).slug(), "invalid-token");
}

// --- Refreshing
// ---------------------------------------------------------------------------------------------------------

TEST(Sessions, GoOnWithANewTokenEachTime) {
  World world;
  const SessionView first = open_account(world, kAda);
  const SessionView second = refresh(world, first);
  const SessionView third = refresh(world, second);
  EXPECT_NE(first.refresh_token, second.refresh_token);
  EXPECT_NE(second.refresh_token, third.refresh_token);
  EXPECT_EQ(third.client_id, first.client_id);
  EXPECT_TRUE(is_signed_in(world, third));
}

TEST(Sessions, EndWhenATokenIsUsedAgain) {
  World world;
  const SessionView stolen = open_account(world, kAda);
  const SessionView other = sign_in_as(world, kAda);
  const SessionView next = refresh(world, stolen);
  EXPECT_EQ(slug_of_refresh(world, stolen.refresh_token), "invalid-refresh-token");
  EXPECT_EQ(slug_of_refresh(world, next.refresh_token), "invalid-refresh-token") << "nobody knows whose it is";
  EXPECT_TRUE(is_signed_in(world, refresh(world, other))) << "another device goes on";
}

TEST(Sessions, GiveOneOfTwoWhoRefreshAtOnceATokenAtMost) {
  World world;
  const SessionView session = open_account(world, kAda);
  std::vector<Started<Answer>> both;
  for (int i = 0; i < 2; ++i) both.push_back(world.start(refresh_session(world.app, {session.refresh_token}, {})));
  world.advance(std::chrono::seconds(1));
  int winners = 0;
  for (auto& one : both) {
    try {
      one.get();
      ++winners;
    } catch (const Error& error) {
      EXPECT_EQ(error.slug(), "invalid-refresh-token");
    }
  }
  EXPECT_EQ(winners, 1);
}

TEST(Sessions, AreOverThirtyDaysAfterTheyWereLastRefreshed) {
  World world;
  SessionView session = open_account(world, kAda);
  for (int month = 0; month < 3; ++month) {
    world.clock.set(world.clock.now() + limits::kSessionKept - std::chrono::hours(1));
    session = refresh(world, session);
  }
  world.clock.set(world.clock.now() + limits::kSessionKept);
  EXPECT_EQ(slug_of_refresh(world, session.refresh_token), "invalid-refresh-token");
}

TEST(Sessions, TakeNoOtherText) {
  World world;
  const SessionView session = open_account(world, kAda);
  const std::string& token = session.refresh_token;
  for (const std::string& bad :
       {std::string(), std::string("rt_"), token.substr(1), token + "0", token.substr(0, token.size() - 1),
        "xx_" + token.substr(3), session.access_token, std::string(token.size(), 'z')}) {
    EXPECT_EQ(slug_of_refresh(world, bad), "invalid-refresh-token") << bad;
  }
  EXPECT_TRUE(is_signed_in(world, refresh(world, session)));
}

TEST(Sessions, ARefreshWhoseAnswerWasLostIsAskedForAgainUnderItsKey) {
  World world;
  const SessionView session = open_account(world, kAda);
  const RepeatKey key = world.key("refresh-1", session.refresh_token);
  const Answer first = world.run(refresh_session(world.app, {session.refresh_token}, key));
  const auto again = world.run(find_answer(world.app, key));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->body, first.body);
  const auto view = json::read_stored<SessionView>(again->body);
  EXPECT_TRUE(is_signed_in(world, refresh(world, view)));
  EXPECT_TRUE(world.places_of(view.refresh_token).empty());
}

// --- Ending
// ---------------------------------------------------------------------------------------------------------

TEST(Sessions, EndOneByOne) {
  World world;
  const SessionView session = open_account(world, kAda);
  const SessionView other = sign_in_as(world, kAda);
  EXPECT_EQ(world.run(end_session(world.app, {session.refresh_token}, {})).status, 200);
  EXPECT_EQ(slug_of_refresh(world, session.refresh_token), "invalid-refresh-token");
  EXPECT_EQ(world.run(end_session(world.app, {session.refresh_token}, {})).status, 200) << "over is no error";
  EXPECT_EQ(world.run(end_session(world.app, {"nonsense"}, {})).status, 200);
  EXPECT_TRUE(is_signed_in(world, refresh(world, other)));
}

TEST(Sessions, AreNotEndedByATokenThatIsNotTheirsNow) {
  World world;
  const SessionView first = open_account(world, kAda);
  const SessionView second = refresh(world, first);
  world.run(end_session(world.app, {first.refresh_token}, {}));
  std::string guessed = second.refresh_token;
  guessed.back() = guessed.back() == '0' ? '1' : '0';
  world.run(end_session(world.app, {guessed}, {}));
  EXPECT_TRUE(is_signed_in(world, refresh(world, second)));
}

TEST(Sessions, EndAllAtOnce) {
  World world;
  const SessionView first = open_account(world, kAda);
  const SessionView second = sign_in_as(world, kAda);
  const SessionView of_bob = open_account(world, "bob@example.org");
  world.run(end_all_sessions(world.app, caller_of(world, first), {}));
  for (const SessionView& session : {first, second}) {
    EXPECT_FALSE(is_signed_in(world, session));
    EXPECT_EQ(slug_of_refresh(world, session.refresh_token), "invalid-refresh-token");
  }
  EXPECT_TRUE(is_signed_in(world, of_bob));
  EXPECT_TRUE(is_signed_in(world, sign_in_as(world, kAda)));
}

TEST(Sessions, SigningOutEverywhereIsForThoseWithAnAccount) {
  World world;
  const Caller bob = world.client(make_client(world, client_named("Bob")).id.text);
  EXPECT_EQ(world.error_of(end_all_sessions(world.app, bob, {})).code(), ErrorCode::kNotFound);
}

TEST(Sessions, OfABlockedClientGoOnButOfAnErasedOneEndAtOnce) {
  World world;
  const SessionView session = open_account(world, kAda);
  UpdateClient block;
  block.blocked = true;
  world.run(update_client(world.app, world.staff(), session.client_id.text, block, {}));
  const SessionView next = refresh(world, session);
  EXPECT_TRUE(is_signed_in(world, next));
  world.run(erase_client(world.app, world.owner(), session.client_id.text, {}));
  EXPECT_FALSE(is_signed_in(world, next));
  EXPECT_EQ(slug_of_refresh(world, next.refresh_token), "invalid-refresh-token");
  world.clock.set(world.clock.now() + kRecentKept);
  EXPECT_FALSE(is_signed_in(world, next));
}

}  // namespace
}  // namespace orderly::app
