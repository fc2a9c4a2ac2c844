#include "base/time.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "base/error.h"

namespace orderly {
namespace {

constexpr std::int64_t kLastMs = 253'402'300'799'999;   // 9999-12-31T23:59:59.999Z
constexpr std::int64_t kFirstMs = -62'167'219'200'000;  // 0000-01-01T00:00:00.000Z

TEST(FormatTime, Writes24CharactersOfUtc) {
  struct Case {
    std::int64_t ms;
    std::string_view text;
  };
  for (const auto& [ms, text] : std::vector<Case>{{0, "1970-01-01T00:00:00.000Z"},
                                                  {-1, "1969-12-31T23:59:59.999Z"},
                                                  {951'782'400'000, "2000-02-29T00:00:00.000Z"},
                                                  {1'795'167'000'123, "2026-11-20T09:30:00.123Z"},
                                                  {kFirstMs, "0000-01-01T00:00:00.000Z"},
                                                  {kLastMs, "9999-12-31T23:59:59.999Z"}}) {
    EXPECT_EQ(format_time({ms}), text);
    EXPECT_EQ(parse_time(text), Time{ms}) << text;
  }
}

TEST(FormatTime, RefusesYearsOfFiveDigits) {
  EXPECT_THROW(format_time({kLastMs + 1}), Error);
  EXPECT_THROW(format_time({kFirstMs - 1}), Error);
  EXPECT_THROW(format_day({INT64_MAX}), Error);
}

TEST(FormatTime, SortsAsTimeDoesAndComesBack) {
  std::mt19937_64 random(11);
  const auto draw = [&random] {
    return Time{kFirstMs + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(kLastMs - kFirstMs))};
  };
  for (int i = 0; i < 20'000; ++i) {
    const Time a = draw();
    const Time b = draw();
    ASSERT_EQ(a < b, format_time(a) < format_time(b));
    ASSERT_EQ(parse_time(format_time(a)), a);
    ASSERT_EQ(parse_time(format_day(a)), start_of_day(a));
  }
}

TEST(FormatDay, IsTheDayInUtc) {
  const Time time = *parse_time("2026-11-20T23:59:59.999Z");
  EXPECT_EQ(format_day(time), "2026-11-20");
  EXPECT_EQ(format_year(time), "2026");
  EXPECT_EQ(format_time(start_of_day(time)), "2026-11-20T00:00:00.000Z");
  EXPECT_EQ(format_time(start_of_day({-1})), "1969-12-31T00:00:00.000Z");
}

TEST(ParseTime, ReadsRfc3339) {
  struct Case {
    std::string_view text, utc;
  };
  for (const auto& [text, utc] :
       std::vector<Case>{{"2026-11-20", "2026-11-20T00:00:00.000Z"},
                         {"2026-11-20T09:30:00Z", "2026-11-20T09:30:00.000Z"},
                         {"2026-11-20t09:30:00z", "2026-11-20T09:30:00.000Z"},
                         {"2026-11-20T09:30:00.5Z", "2026-11-20T09:30:00.500Z"},
                         {"2026-11-20T09:30:00.123999999999Z", "2026-11-20T09:30:00.123Z"},
                         {"2026-11-20T09:30:00+02:00", "2026-11-20T07:30:00.000Z"},
                         {"2026-11-20T23:30:00.25-05:45", "2026-11-21T05:15:00.250Z"},
                         {"2026-11-20T09:30:00-00:00", "2026-11-20T09:30:00.000Z"},
                         {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"},
                         {"2000-02-29", "2000-02-29T00:00:00.000Z"},
                         // Leap seconds, as in RFC 3339 section 5.8: POSIX counts them as the second that follows.
                         {"1990-12-31T23:59:60Z", "1991-01-01T00:00:00.000Z"},
                         {"1990-12-31T15:59:60-08:00", "1991-01-01T00:00:00.000Z"}}) {
    const auto time = parse_time(text);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(format_time(*time), utc) << text;
  }
}

TEST(ParseTime, RefusesEverythingElse) {
  for (const std::string_view text : {"",
                                      "2026",
                                      "2026-11",
                                      "2026-11-2",
                                      "2026-11-200",
                                      "26-11-20",
                                      "2026/11/20",
                                      "2026-11-20T",
                                      "2026-11-20Z",
                                      "2026-11-20T09:30:00",
                                      "2026-11-20T09:30Z",
                                      "2026-11-20 09:30:00Z",
                                      "2026-11-20T09:30:00.Z",
                                      "2026-11-20T09:30:00,5Z",
                                      "2026-11-20T09:30:00+0200",
                                      "2026-11-20T09:30:00+02",
                                      "2026-11-20T09:30:00+24:00",
                                      "2026-11-20T09:30:00+02:60",
                                      "2026-11-20T24:00:00Z",
                                      "2026-11-20T09:60:00Z",
                                      "2026-11-20T09:30:60Z",
                                      "2026-11-20T23:59:60Z",
                                      "2026-11-20T09:30:61Z",
                                      "2026-11-20T09:30:00Z ",
                                      " 2026-11-20",
                                      "2026-00-10",
                                      "2026-13-10",
                                      "2026-11-00",
                                      "2026-11-31",
                                      "2026-02-29",
                                      "2100-02-29",
                                      "1900-02-29",
                                      "+2026-11-20",
                                      "-026-11-20",
                                      "2026-11-20T09:30:00.1x",
                                      "2026-11-20T-9:30:00Z",
                                      "9999-12-31T23:59:59-00:01",
                                      "0000-01-01T00:00:00+00:01",
                                      "10000-01-01",
                                      "1795167000"}) {
    EXPECT_EQ(parse_time(text), std::nullopt) << text;
  }
}

TEST(ParseTime, KnowsLeapYears) {
  for (int year = 1; year <= 9999; ++year) {
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    std::string text = std::to_string(year);
    text.insert(0, 4 - text.size(), '0');
    ASSERT_EQ(parse_time(text + "-02-29").has_value(), leap) << year;
  }
}

TEST(Time, CountsInMilliseconds) {
  const Time noon = *parse_time("2026-11-20T12:00:00Z");
  EXPECT_EQ(noon + std::chrono::hours{12}, *parse_time("2026-11-21"));
  EXPECT_EQ(noon - start_of_day(noon), std::chrono::hours{12});
  EXPECT_LT(noon - Duration{1}, noon);
}

}  // namespace
}  // namespace orderly
