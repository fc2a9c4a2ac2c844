#include "domain/ledger.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace orderly::domain {
namespace {

using Postings = std::vector<Posting>;

TEST(Ledger, ASaleThatIsPaidGoesThroughReceivable) {
  EXPECT_EQ(sale_paid(20050, 999, 4000), (Postings{{Account::kReceivable, 25049, 0},
                                                   {Account::kRevenue, 0, 20050},
                                                   {Account::kShipping, 0, 999},
                                                   {Account::kTax, 0, 4000},
                                                   {Account::kProviderClearing, 25049, 0},
                                                   {Account::kReceivable, 0, 25049}}));
}

TEST(Ledger, MoneyGivenBackLeavesTheProvider) {
  EXPECT_EQ(money_returned(10000, 1597),
            (Postings{{Account::kRefunds, 8403, 0}, {Account::kTax, 1597, 0}, {Account::kProviderClearing, 0, 10000}}));
}

TEST(Ledger, HasNoEmptySides) {
  for (const std::int64_t shipping : {0, 7}) {
    for (const std::int64_t tax : {0, 3}) {
      EXPECT_TRUE(is_balanced(sale_paid(100, shipping, tax)));
      EXPECT_EQ(sale_paid(100, shipping, tax).size(), 4u + (shipping != 0) + (tax != 0));
      EXPECT_TRUE(is_balanced(money_returned(100, tax)));
    }
  }
  EXPECT_TRUE(sale_paid(0, 0, 0).empty());
  EXPECT_EQ(money_returned(5, 5).size(), 2u);
}

TEST(Ledger, KnowsABalancedEntryFromOneThatIsNot) {
  struct Case {
    std::string_view name;
    Postings postings;
    bool balanced;
  };
  const std::vector<Case> cases = {
      {"nothing", {}, true},
      {"equal", {{Account::kTax, 5, 0}, {Account::kFees, 0, 5}}, true},
      {"two to one", {{Account::kTax, 5, 0}, {Account::kFees, 3, 0}, {Account::kRefunds, 0, 8}}, true},
      {"one side", {{Account::kTax, 5, 0}}, false},
      {"off by one", {{Account::kTax, 5, 0}, {Account::kFees, 0, 4}}, false},
      {"both sides of one posting", {{Account::kTax, 5, 5}}, false},
      {"a posting of nothing", {{Account::kTax, 0, 0}}, false},
      {"a negative debit", {{Account::kTax, -5, 0}, {Account::kFees, 5, 0}}, false},
      {"a negative credit", {{Account::kTax, 5, -5}, {Account::kFees, 0, 5}}, false},
  };
  for (const Case& each : cases) EXPECT_EQ(is_balanced(each.postings), each.balanced) << each.name;
}

TEST(Ledger, RefusesSumsThatOverflow) {
  EXPECT_THROW(sale_paid(std::numeric_limits<std::int64_t>::max(), 1, 0), Error);
}

}  // namespace
}  // namespace orderly::domain
