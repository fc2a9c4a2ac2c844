#include "bench/report.h"

#include <gtest/gtest.h>

namespace orderly::bench {
namespace {

Figure rate(const char* name, double value, const char* limit = "") {
  Figure figure;
  figure.name = name;
  figure.unit = "/s";
  figure.value = value;
  figure.limit = limit;
  return figure;
}

TEST(Summaries, ShowTheRoundOfTheMedianAndTheBest) {
  std::vector<Round> rounds{{rate("a", 30)}, {rate("a", 10)}, {rate("a", 20)}};
  rounds[1][0].errors = 2;
  const std::vector<Summary> summaries = summarize(rounds);
  ASSERT_EQ(summaries.size(), 1u);
  EXPECT_EQ(summaries[0].median.value, 20);
  EXPECT_EQ(summaries[0].median.errors, 2u);
  EXPECT_EQ(summaries[0].best, 30);
  EXPECT_FALSE(summaries[0].ratio);
}

TEST(Summaries, CompareEachRoundWithItself) {
  // A machine that gets slower: 90 % each time, though the medians of the two say 45 %.
  const std::vector<Round> rounds{{rate("limit", 1000), rate("a", 900, "limit")},
                                  {rate("limit", 1000), rate("a", 450, "limit")},
                                  {rate("limit", 100), rate("a", 91, "limit")}};
  EXPECT_DOUBLE_EQ(summarize(rounds)[1].ratio.value(), 0.9);
}

TEST(Summaries, OfALimitThatIsNotThereSayNothing) {
  EXPECT_FALSE(summarize({{rate("a", 1, "limit")}})[0].ratio);
  EXPECT_FALSE(summarize({{rate("limit", 0), rate("a", 1, "limit")}})[1].ratio);
}

}  // namespace
}  // namespace orderly::bench
