#include "domain/stock.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace orderly::domain
