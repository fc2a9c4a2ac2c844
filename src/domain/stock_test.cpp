#include "domain/stock.h"

#include <gtest/gtest.h>

#include <functional>
#include <numeric>
#include <random>

#include "base/error.h"

namespace orderly::domain {
namespace {

const std::vector<Quantity> kLines = {{"b", 2}, {"a", 1}, {"b", 3}};

using Moves = std::vector<StockMove>;

TEST(StockMoves, AddUpLinesOfTheSameProductInOrderOfProduct) {
  EXPECT_EQ(reserve(kLines), (Moves{{"a", -1, 1}, {"b", -5, 5}}));
  EXPECT_EQ(release(kLines), (Moves{{"a", 1, -1}, {"b", 5, -5}}));
  EXPECT_EQ(take_reserved(kLines), (Moves{{"a", 0, -1}, {"b", 0, -5}}));
  EXPECT_EQ(put_back(kLines), (Moves{{"a", 1, 0}, {"b", 5, 0}}));
  EXPECT_EQ(reserve({}), Moves{});
}

TEST(StockMoves, BetweenTwoReservationsAreTheDifference) {
  struct Case {
    std::vector<Quantity> before;
    std::vector<Quantity> after;
    Moves expected;
  };
  const std::vector<Case> cases = {
      {{{"a", 1}}, {{"a", 1}}, {}},
      {{{"a", 1}, {"a", 2}}, {{"a", 3}}, {}},
      {{{"a", 1}}, {{"a", 4}}, {{"a", -3, 3}}},
      {{{"a", 4}}, {{"a", 1}}, {{"a", 3, -3}}},
      {{{"a", 1}}, {{"b", 2}}, {{"a", 1, -1}, {"b", -2, 2}}},
      {{}, {{"a", 1}}, {{"a", -1, 1}}},
      {{{"a", 1}}, {}, {{"a", 1, -1}}},
  };
  for (const Case& each : cases) EXPECT_EQ(reserve_instead(each.before, each.after), each.expected);
}

TEST(StockMoves, AreOfOneBucketEach) {
  const std::vector<Quantity> lines = {{"a", 2, 1}, {"a", 3}, {"a", 4, 1}, {"b", 1, 2}};
  EXPECT_EQ(reserve(lines), (Moves{{"a", -3, 3, 0}, {"a", -6, 6, 1}, {"b", -1, 1, 2}}));
  EXPECT_EQ(put_back(lines), (Moves{{"a", 3, 0, 0}, {"a", 6, 0, 1}, {"b", 1, 0, 2}}));
  EXPECT_EQ(reserve_instead({{"a", 2, 1}}, {{"a", 2, 2}}), (Moves{{"a", 2, -2, 1}, {"a", -2, 2, 2}}));
}

Error error_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "an Error was expected, and none was thrown";
  return Error(ErrorCode::kInternal, "nothing-thrown", "");
}

TEST(InBuckets, ArePiecesThatSharesNameAndBucketZeroHasTheRest) {
  struct Case {
    std::vector<Quantity> lines;
    std::vector<Quantity> shares;
    Moves reserved;
  };
  const std::vector<Case> cases = {
      {{{"a", 2}, {"b", 1}}, {}, {{"a", -2, 2}, {"b", -1, 1}}},
      {{{"a", 2}, {"b", 1}}, {{"a", 2, 5}}, {{"a", -2, 2, 5}, {"b", -1, 1}}},
      {{{"a", 2}, {"a", 3}}, {{"a", 4, 1}}, {{"a", -1, 1}, {"a", -4, 4, 1}}},
      {{{"a", 5}}, {{"a", 1, 1}, {"a", 2, 2}, {"a", 1, 0}}, {{"a", -2, 2}, {"a", -1, 1, 1}, {"a", -2, 2, 2}}},
  };
  for (const Case& each : cases) EXPECT_EQ(reserve(in_buckets(each.lines, each.shares)), each.reserved);
  for (const std::vector<Quantity>& wrong :
       {std::vector<Quantity>{{"a", 3, 1}}, {{"a", 1, 1}, {"a", 2, 2}}, {{"b", 1, 1}}, {{"a", 0, 1}}, {{"a", -1, 1}}}) {
    EXPECT_EQ(error_of([&] { in_buckets({{"a", 2}}, wrong); }).code(), ErrorCode::kBrokenInvariant);
  }
}

TEST(WantedMore, IsWhatTheOrderDoesNotHaveInAnyBucket) {
  EXPECT_EQ(wanted_more({}, kLines), (std::vector<Quantity>{{"a", 1}, {"b", 5}}));
  EXPECT_EQ(wanted_more({{"b", 1, 3}, {"b", 1}, {"c", 4}}, kLines), (std::vector<Quantity>{{"a", 1}, {"b", 3}}));
  EXPECT_EQ(wanted_more(kLines, {{"a", 1}, {"b", 2}}), std::vector<Quantity>{});
}

TEST(Rearranged, KeepsWhatIsStillWantedWhereItIs) {
  struct Case {
    std::string name;
    std::vector<Quantity> before;
    std::vector<Quantity> lines;
    std::vector<Quantity> taken;
    Moves moves;
  };
  const std::vector<Quantity> held = {{"a", 2, 1}, {"a", 3, 4}, {"a", 1}};
  const std::vector<Case> cases = {
      {"the same", held, {{"a", 6}}, {}, {}},
      {"the same on two lines", held, {{"a", 5}, {"a", 1}}, {}, {}},
      {"more, from bucket 0", held, {{"a", 8}}, {}, {{"a", -2, 2}}},
      {"more, from elsewhere", held, {{"a", 8}}, {{"a", 1, 7}, {"a", 1, 4}}, {{"a", -1, 1, 4}, {"a", -1, 1, 7}}},
      {"fewer", held, {{"a", 4}}, {}, {{"a", 1, -1}, {"a", 1, -1, 4}}},
      {"none", held, {}, {}, {{"a", 1, -1}, {"a", 2, -2, 1}, {"a", 3, -3, 4}}},
      {"another product", {{"a", 2, 1}}, {{"b", 2}}, {{"b", 2, 3}}, {{"a", 2, -2, 1}, {"b", -2, 2, 3}}},
  };
  for (const Case& each : cases) {
    const auto after = rearranged(each.before, each.lines, each.taken);
    EXPECT_EQ(reserve_instead(each.before, after), each.moves) << each.name;
  }
  EXPECT_EQ(error_of([&] { rearranged(held, {{"a", 7}}, {{"a", 2, 1}}); }).code(), ErrorCode::kBrokenInvariant);
}

TEST(TakeFrom, OneBucketWhereOneHasThemAllElseAsFewAsCanBe) {
  struct Case {
    std::vector<std::int64_t> available;
    std::int64_t wanted;
    std::int64_t start;
    std::optional<std::vector<Quantity>> expected;
  };
  const std::vector<Case> cases = {
      {{5}, 5, 0, {{{"a", 5, 0}}}},
      {{5}, 6, 0, std::nullopt},
      {{5, 5, 5}, 5, 1, {{{"a", 5, 1}}}},
      {{5, 4, 3}, 5, 1, {{{"a", 5, 0}}}},
      {{2, 2}, 3, 1, {{{"a", 2, 1}, {"a", 1, 0}}}},
      {{2, 2}, 4, 0, {{{"a", 2, 0}, {"a", 2, 1}}}},
      {{2, 2}, 5, 0, std::nullopt},
      {{1, 4, 0, 3}, 6, 0, {{{"a", 4, 1}, {"a", 2, 3}}}},
      {{1, 1, 1, 1}, 3, 2, {{{"a", 1, 2}, {"a", 1, 3}, {"a", 1, 0}}}},
      {{0, 0, 0}, 1, 0, std::nullopt},
  };
  for (const Case& each : cases) EXPECT_EQ(take_from(each.available, {"a", each.wanted}, each.start), each.expected);
}

TEST(Refill, FillsTheEmptiestAndTakesFromTheFullestAndMovesNothing) {
  struct Case {
    std::vector<std::int64_t> available;
    std::int64_t total;
    std::vector<std::int64_t> expected;
  };
  const std::vector<Case> cases = {
      {{0}, 7, {7}},
      {{7}, 3, {-4}},
      {{7}, 7, {0}},
      {{0, 0, 0, 0}, 10, {2, 2, 3, 3}},
      {{9, 0, 0}, 9, {0, 0, 0}},
      {{9, 0, 0}, 12, {0, 1, 2}},
      {{9, 0, 0}, 30, {1, 10, 10}},
      {{5, 1, 4}, 6, {-2, 0, -2}},
      {{5, 1, 4}, 0, {-5, -1, -4}},
      {{5, 1, 4}, 9, {-1, 0, 0}},
      {{2, 2, 2}, 4, {0, -1, -1}},
  };
  for (const Case& each : cases) EXPECT_EQ(refill(each.available, each.total), each.expected) << each.total;
}

TEST(Refill, OfAnyBucketsComesToTheTotalByStepsInOneDirection) {
  std::mt19937 random(1);
  const auto draw = [&](std::int64_t high) { return std::uniform_int_distribution<std::int64_t>(0, high)(random); };
  for (int round = 0; round < 5000; ++round) {
    std::vector<std::int64_t> available(static_cast<std::size_t>(1 + draw(15)));
    for (std::int64_t& each : available) each = draw(20);
    const std::int64_t total = draw(400);
    const auto sum = std::accumulate(available.begin(), available.end(), std::int64_t{0});
    const auto changes = refill(available, total);
    std::vector<std::int64_t> after = available;
    for (std::size_t i = 0; i < after.size(); ++i) {
      after[i] += changes[i];
      EXPECT_GE(after[i], 0);
      EXPECT_TRUE(total >= sum ? changes[i] >= 0 : changes[i] <= 0);
    }
    EXPECT_EQ(std::accumulate(after.begin(), after.end(), std::int64_t{0}), total);
    // As even as it can be: no bucket that was filled is above one that could have been, and likewise downwards.
    for (std::size_t i = 0; i < after.size(); ++i) {
      for (const std::int64_t other : after) {
        if (changes[i] > 0) EXPECT_LE(after[i], other + 1);
        if (changes[i] < 0) EXPECT_GE(after[i], other - 1);
      }
    }
    if (HasFailure()) return;
  }
}

TEST(EvenOut, LeavesAllBucketsAsFullAsEachOther) {
  EXPECT_EQ(even_out({10, 0, 0, 0}, 10), (std::vector<std::int64_t>{-7, 3, 2, 2}));
  EXPECT_EQ(even_out({1, 0}, 1), (std::vector<std::int64_t>{0, 0}));
  EXPECT_EQ(even_out({4, 1, 0}, 12), (std::vector<std::int64_t>{0, 3, 4}));
}

}  // namespace
}  // namespace orderly::domain
