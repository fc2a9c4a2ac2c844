#include "bench/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace orderly::bench {
namespace {

using std::chrono::nanoseconds;

TEST(Histogram, AnEmptyOneSaysZero) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.max(), nanoseconds{0});
  EXPECT_EQ(histogram.percentile(99), nanoseconds{0});
}

TEST(Histogram, OneValueIsEveryPercentile) {
  for (const std::int64_t ns : {0, 1, 63, 64, 65, 127, 128, 1000, 123'456, 98'765'432}) {
    Histogram histogram;
    histogram.record(nanoseconds{ns});
    for (const double percent : {0.1, 50.0, 99.0, 100.0}) EXPECT_EQ(histogram.percentile(percent), nanoseconds{ns});
  }
}

TEST(Histogram, PercentilesAreAtMostTwoPercentAboveTheTrueOnes) {
  std::mt19937_64 random(7);
  std::lognormal_distribution<double> latency(13, 2);
  Histogram histogram;
  std::vector<std::int64_t> values;
  for (int i = 0; i < 100'000; ++i) {
    values.push_back(static_cast<std::int64_t>(latency(random)));
    histogram.record(nanoseconds{values.back()});
  }
  std::ranges::sort(values);
  for (const double percent : {1.0, 10.0, 50.0, 90.0, 99.0, 99.9}) {
    const auto exact = values[static_cast<std::size_t>(percent / 100 * static_cast<double>(values.size())) - 1];
    const auto said = histogram.percentile(percent).count();
    EXPECT_GE(said, exact) << percent;
    EXPECT_LE(static_cast<double>(said), static_cast<double>(exact) * 1.02 + 1) << percent;
  }
  EXPECT_EQ(histogram.max().count(), values.back());
}

TEST(Histogram, BucketsCoverEveryValueWithoutAGap) {
  for (int bits = 0; bits < 40; ++bits) {
    for (const std::int64_t offset : {-1, 0, 1}) {
      const std::int64_t ns = std::max<std::int64_t>((std::int64_t{1} << bits) + offset, 0);
      Histogram histogram;
      histogram.record(nanoseconds{ns});
      histogram.record(nanoseconds{std::int64_t{1} << 40});  // so that max() does not hide the bucket's end
      EXPECT_GE(histogram.percentile(50).count(), ns);
      EXPECT_LE(static_cast<double>(histogram.percentile(50).count()), static_cast<double>(ns) * 1.02 + 1);
    }
  }
}

TEST(Histogram, TimesBeyondItsRangeAndNegativeOnesAreCounted) {
  Histogram histogram;
  histogram.record(nanoseconds{-5});
  histogram.record(std::chrono::hours(5));
  EXPECT_EQ(histogram.count(), 2u);
  EXPECT_EQ(histogram.percentile(50), nanoseconds{0});
  EXPECT_EQ(histogram.max(), std::chrono::hours(5));
}

TEST(Histogram, AddingMakesOneOfBoth) {
  Histogram slow;
  Histogram fast;
  for (int i = 0; i < 99; ++i) fast.record(nanoseconds{10});
  slow.record(nanoseconds{50});
  fast.add(slow);
  EXPECT_EQ(fast.count(), 100u);
  EXPECT_EQ(fast.percentile(99), nanoseconds{10});
  EXPECT_EQ(fast.percentile(100), nanoseconds{50});
}

}  // namespace
}  // namespace orderly::bench
