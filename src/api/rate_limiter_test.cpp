#include "api/rate_limiter.h"

#include <gtest/gtest.h>

namespace orderly::api {
namespace {

constexpr Time kStart{1'800'000'000'000};
constexpr Rate kRate{10, 5};

int passed(RateLimiter& limiter, std::string_view who, int requests, Time now, Rate rate = kRate) {
  int count = 0;
  for (int i = 0; i < requests; ++i) count += limiter.take(who, rate, now) ? 0 : 1;
  return count;
}

TEST(RateLimiter, LetsABurstThroughAndThenSoManyASecond) {
  RateLimiter limiter;
  EXPECT_EQ(passed(limiter, "a", 20, kStart), 5);
  EXPECT_EQ(limiter.take("a", kRate, kStart), Duration{100});
  EXPECT_EQ(limiter.take("a", kRate, kStart + Duration{99}), Duration{1});
  EXPECT_EQ(passed(limiter, "a", 20, kStart + Duration{100}), 1);
  EXPECT_EQ(passed(limiter, "a", 20, kStart + Duration{10'000}), 5) << "what was not used adds up to one burst";
  int in_ten_seconds = 0;
  for (int ms = 0; ms < 10'000; ++ms) in_ten_seconds += passed(limiter, "b", 1, kStart + Duration{ms});
  EXPECT_EQ(in_ten_seconds, 4 + 100);
}

TEST(CountedAs, ANetworkOfOneCallersAddressesIsOneCaller) {
  struct Case {
    std::string_view address, counted;
  };
  for (const auto& [address, counted] :
       {Case{"192.0.2.1", "192.0.2.1"}, Case{"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
        Case{"2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"}, Case{"2001:db8:1:2::", "2001:db8:1:2::/64"},
        Case{"2001:db8:1:3::", "2001:db8:1:3::/64"}, Case{"::1", "::/64"}, Case{"::ffff:192.0.2.1", "192.0.2.1"},
        Case{"::ffff:c000:201", "192.0.2.1"}, Case{"", ""}, Case{"local", "local"}}) {
    EXPECT_EQ(counted_as(address), counted) << address;
  }
}

TEST(RateLimiter, CallersDoNotShare) {
  RateLimiter limiter;
  EXPECT_EQ(passed(limiter, "a", 20, kStart), 5);
  EXPECT_EQ(passed(limiter, "b", 20, kStart), 5);
}

TEST(RateLimiter, NoRateIsNoLimitAndABurstIsAtLeastOne) {
  RateLimiter limiter;
  EXPECT_EQ(passed(limiter, "a", 1000, kStart, Rate{}), 1000);
  EXPECT_EQ(passed(limiter, "b", 10, kStart, Rate{1, 0}), 1);
}

TEST(RateLimiter, ACrowdOfNewCallersDoesNotFreeOneWhoGoesOnAsking) {
  RateLimiter limiter;
  EXPECT_EQ(passed(limiter, "a", 20, kStart), 5);
  for (std::size_t i = 0; i < RateLimiter::kCallersMax * 3; ++i) {
    limiter.take("crowd" + std::to_string(i), kRate, kStart);
    if (i % 1000 == 0) EXPECT_EQ(passed(limiter, "a", 1, kStart), 0);
  }
}

TEST(RateLimiter, WhatIsGivenBackCanBeTakenAgainAtOnce) {
  RateLimiter limiter;
  EXPECT_EQ(passed(limiter, "a", 20, kStart), 5);
  limiter.give_back("a", kRate, kStart);
  EXPECT_EQ(passed(limiter, "a", 20, kStart), 1);
  for (int i = 0; i < 3; ++i) limiter.give_back("a", kRate, kStart);
  EXPECT_EQ(passed(limiter, "a", 20, kStart), 3);
  EXPECT_EQ(limiter.take("a", kRate, kStart), Duration{100}) << "as if it had never been given back";
  EXPECT_EQ(passed(limiter, "b", 20, kStart), 5);
  limiter.give_back("a", kRate, kStart);
  EXPECT_EQ(passed(limiter, "b", 20, kStart), 0) << "it was another's";
}

TEST(RateLimiter, NobodyHasMoreThanABurstHoweverMuchIsGivenBack) {
  RateLimiter limiter;
  EXPECT_EQ(passed(limiter, "a", 2, kStart), 2);
  for (int i = 0; i < 20; ++i) limiter.give_back("a", kRate, kStart);
  EXPECT_EQ(passed(limiter, "a", 20, kStart), 5);
  EXPECT_EQ(limiter.take("a", kRate, kStart), Duration{100});
  const Time full_again = kStart + Duration{500};
  limiter.give_back("a", kRate, full_again);
  limiter.give_back("a", kRate, full_again);
  EXPECT_EQ(passed(limiter, "a", 20, full_again), 5);
  EXPECT_EQ(limiter.take("a", kRate, full_again), Duration{100});
}

TEST(RateLimiter, GivingBackToSomebodyUnknownChangesNothing) {
  RateLimiter limiter;
  limiter.give_back("a", kRate, kStart);
  limiter.give_back("a", kRate, kStart);
  EXPECT_EQ(passed(limiter, "a", 20, kStart), 5);
  EXPECT_EQ(limiter.take("a", kRate, kStart), Duration{100});
  limiter.give_back("b", Rate{}, kStart);
  EXPECT_EQ(passed(limiter, "b", 1000, kStart, Rate{}), 1000);
  EXPECT_EQ(passed(limiter, "b", 20, kStart), 5);
}

TEST(RateLimiter, WhoIsAboutToBeForgottenIsGivenBackToAlike) {
  RateLimiter limiter;
  EXPECT_EQ(passed(limiter, "a", 20, kStart), 5);
  // So many that the callers so far are the older ones, and not yet forgotten.
  for (std::size_t i = 0; i < RateLimiter::kCallersMax * 6 / 10; ++i) {
    limiter.take("crowd" + std::to_string(i), kRate, kStart);
  }
  limiter.give_back("a", kRate, kStart);
  EXPECT_EQ(passed(limiter, "a", 20, kStart), 1);
}

}  // namespace
}  // namespace orderly::api
