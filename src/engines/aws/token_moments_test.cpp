#include "engines/aws/token_moments.h"

#include <gtest/gtest.h>

namespace orderly::aws {
namespace {

TEST(TokenMoments, ATokenKeepsItsFirstMomentAsLongAsDynamoDbRemembersIt) {
  TokenMoments moments;
  const Time start{1'000};
  EXPECT_EQ(moments.first_use("a", start), start);
  EXPECT_EQ(moments.first_use("b", start + Duration{5}), start + Duration{5});
  EXPECT_EQ(moments.first_use("a", start + Duration{599'999}), start);
  EXPECT_EQ(moments.first_use("a", start + Duration{600'000}), start + Duration{600'000});
  EXPECT_EQ(moments.first_use("b", start + Duration{600'000}), start + Duration{5});
}

TEST(TokenMoments, OnlySoManyAreRemembered) {
  TokenMoments moments(2);
  for (const std::int64_t ms : {0, 1, 2}) moments.first_use(std::to_string(ms), Time{ms});
  EXPECT_EQ(moments.first_use("2", Time{9}), Time{2});
  EXPECT_EQ(moments.first_use("1", Time{9}), Time{1});
  EXPECT_EQ(moments.first_use("0", Time{9}), Time{9});
}

}  // namespace
}  // namespace orderly::aws
