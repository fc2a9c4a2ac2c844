#include "app/recent_cache.h"

#include <gtest/gtest.h>

namespace orderly::app {
namespace {

constexpr Time kNow{1'800'000'000'000};

TEST(RecentCache, KeepsWhatWasReadForSeconds) {
  RecentCache<int> cache;
  EXPECT_FALSE(cache.find("a", kNow));
  cache.keep("a", 1, 10, kNow);
  EXPECT_EQ(cache.find("a", kNow + kRecentKept - Duration{1}), 10);
  EXPECT_FALSE(cache.find("a", kNow + kRecentKept));
  EXPECT_FALSE(cache.find("b", kNow));
}

TEST(RecentCache, WhoReadAVersionBeforeTheLatestDoesNotBringItBack) {
  RecentCache<int> cache;
  cache.keep("a", 2, 20, kNow);
  cache.keep("a", 1, 10, kNow);
  EXPECT_EQ(cache.find("a", kNow), 20);
  cache.keep("a", 1, 10, kNow + kRecentKept * 2);
  EXPECT_FALSE(cache.find("a", kNow + kRecentKept * 2)) << "however late that reader is";
  cache.keep("a", 3, 30, kNow + kRecentKept * 2);
  EXPECT_EQ(cache.find("a", kNow + kRecentKept * 2), 30);
}

TEST(RecentCache, IsBounded) {
  RecentCache<int> cache;
  for (int i = 0; i <= 10'000; ++i) cache.keep(std::to_string(i), 1, i, kNow);
  EXPECT_FALSE(cache.find("0", kNow));
  EXPECT_EQ(cache.find("10000", kNow), 10'000);
}

}  // namespace
}  // namespace orderly::app
