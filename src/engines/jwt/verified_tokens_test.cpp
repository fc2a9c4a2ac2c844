#include "engines/jwt/verified_tokens.h"

#include <gtest/gtest.h>

namespace orderly::jwt {
namespace {

constexpr Time kNow{1'893'456'000'000};

ports::Digest digest_of(std::size_t number) {
  ports::Digest digest{};
  for (std::size_t i = 0; i < sizeof number; ++i) digest[31 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  return digest;
}

Identity user(std::string name, Duration valid) {
  return {
      .issuer = "issuer", .subject = std::move(name), .expires_at = kNow + valid, .email = std::nullopt, .roles = {}};
}

TEST(VerifiedTokens, AreFoundForFiveMinutes) {
  VerifiedTokens tokens;
  tokens.keep(digest_of(1), user("anna", std::chrono::hours(1)), kNow);
  EXPECT_EQ(tokens.find(digest_of(1), kNow + std::chrono::minutes(5) - Duration{1}).value().subject, "anna");
  EXPECT_FALSE(tokens.find(digest_of(1), kNow + std::chrono::minutes(5)));
  EXPECT_FALSE(tokens.find(digest_of(2), kNow));
}

TEST(VerifiedTokens, AreFoundUntilTheyExpire) {
  VerifiedTokens tokens;
  tokens.keep(digest_of(1), user("anna", Duration{1'000}), kNow);
  tokens.keep(digest_of(2), user("boris", Duration{-1}), kNow);  // within the leeway
  EXPECT_TRUE(tokens.find(digest_of(1), kNow + Duration{999}));
  EXPECT_FALSE(tokens.find(digest_of(1), kNow + Duration{1'000}));
  EXPECT_FALSE(tokens.find(digest_of(2), kNow));
}

TEST(VerifiedTokens, AreVerifiedAnewInTheirOldPlace) {
  VerifiedTokens tokens;
  tokens.keep(digest_of(1), user("anna", std::chrono::hours(1)), kNow);
  tokens.keep(digest_of(1), user("anna", std::chrono::hours(1)), kNow + std::chrono::minutes(5));
  EXPECT_TRUE(tokens.find(digest_of(1), kNow + std::chrono::minutes(9)));
  EXPECT_EQ(tokens.size(), 1u);
}

TEST(VerifiedTokens, AreTenThousandAtMostAndTheOldestGoFirst) {
  VerifiedTokens tokens;
  for (std::size_t i = 0; i < 10'003; ++i) {
    tokens.keep(digest_of(i), user(std::to_string(i), std::chrono::hours(1)), kNow);
    ASSERT_LE(tokens.size(), 10'000u);
  }
  EXPECT_EQ(tokens.size(), 10'000u);
  EXPECT_FALSE(tokens.find(digest_of(2), kNow));
  EXPECT_EQ(tokens.find(digest_of(3), kNow).value().subject, "3");
  EXPECT_EQ(tokens.find(digest_of(10'002), kNow).value().subject, "10002");
}

}  // namespace
}  // namespace orderly::jwt
