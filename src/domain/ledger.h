// Double entry. Every movement of money is a list of postings whose debits and credits are equal, written in the event
// of the commit that causes it and never changed: the ledger is the events' postings, so the two cannot differ.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/json_type.h"

namespace orderly::domain {

enum class Account { kReceivable, kRevenue, kTax, kShipping, kProviderClearing, kRefunds, kFees };
inline const auto& enum_names(Account) {
  static constexpr std::array<std::pair<Account, std::string_view>, 7> kNames{
      {{Account::kReceivable, "receivable"},
       {Account::kRevenue, "revenue"},
       {Account::kTax, "tax"},
       {Account::kShipping, "shipping"},
       {Account::kProviderClearing, "provider_clearing"},
       {Account::kRefunds, "refunds"},
       {Account::kFees, "fees"}}};
  return kNames;
}

struct Posting {
  Account account = Account::kReceivable;
  std::int64_t debit = 0;  // minor units of the event's currency; exactly one of the two is above 0
  std::int64_t credit = 0;

  friend bool operator==(const Posting&, const Posting&) = default;
};
BOOST_DESCRIBE_STRUCT(Posting, (), (account, debit, credit))
std::vector<json::Rule> json_rules(const Posting*);

// Whether Σ debit = Σ credit and each posting has exactly one positive side.
bool is_balanced(const std::vector<Posting>& postings);

// A sale that is paid at once: receivable against revenue, shipping and tax; clearing against receivable. Sides of 0
// are left out. total = revenue + shipping + tax.
std::vector<Posting> sale_paid(std::int64_t revenue, std::int64_t shipping, std::int64_t tax);
// Money given back: `tax` of it was tax.
std::vector<Posting> money_returned(std::int64_t amount, std::int64_t tax);

}  // namespace orderly::domain
