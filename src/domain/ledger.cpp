#include "domain/ledger.h"

#include "base/money.h"

namespace orderly::domain {

namespace {

void debit(std::vector<Posting>& postings, Account account, std::int64_t amount) {
  if (amount != 0) postings.push_back({account, amount, 0});
}

void credit(std::vector<Posting>& postings, Account account, std::int64_t amount) {
  if (amount != 0) postings.push_back({account, 0, amount});
}

}  // namespace

std::vector<json::Rule> json_rules(const Posting*) {
  return {json::field("debit").brief(), json::field("credit").brief()};
}

bool is_balanced(const std::vector<Posting>& postings) {
  std::int64_t balance = 0;
  for (const Posting& posting : postings) {
    const bool is_debit = posting.debit > 0 && posting.credit == 0;
    const bool is_credit = posting.credit > 0 && posting.debit == 0;
    if (!is_debit && !is_credit) return false;
    balance = checked_add(balance, is_debit ? posting.debit : -posting.credit);
  }
  return balance == 0;
}

std::vector<Posting> sale_paid(std::int64_t revenue, std::int64_t shipping, std::int64_t tax) {
  const std::int64_t total = checked_add(checked_add(revenue, shipping), tax);
  std::vector<Posting> postings;
  debit(postings, Account::kReceivable, total);
  credit(postings, Account::kRevenue, revenue);
  credit(postings, Account::kShipping, shipping);
  credit(postings, Account::kTax, tax);
  debit(postings, Account::kProviderClearing, total);
  credit(postings, Account::kReceivable, total);
  return postings;
}

std::vector<Posting> money_returned(std::int64_t amount, std::int64_t tax) {
  std::vector<Posting> postings;
  debit(postings, Account::kRefunds, checked_subtract(amount, tax));
  debit(postings, Account::kTax, tax);
  credit(postings, Account::kProviderClearing, amount);
  return postings;
}

}  // namespace orderly::domain
