#include "app/check_history.h"

#include <algorithm>

namespace orderly::app::checks {

namespace {

// What an event of that kind books: the ledger can be made again from the orders.
std::vector<domain::Posting> postings_due(const domain::Order& before, const domain::OrderEvent& event) {
  if (event.type == "payment.confirmed") {
    return domain::sale_paid(checked_subtract(before.subtotal, before.discount), before.shipping, before.tax);
  }
  if (event.type == "refund.done" && event.refund) {
    return domain::money_returned(event.refund->amount, event.refund->tax);
  }
  return {};
}

}  // namespace

void LedgerCheck::add(const Currency& currency, const std::vector<domain::Posting>& postings) {
  if (postings.empty()) return;
  LedgerSum& sum = sums_[std::string(currency.code())];
  sum.currency = currency;
  for (const domain::Posting& posting : postings) {
    ++sum.postings;
    sum.debit = checked_add(sum.debit, posting.debit);
    sum.credit = checked_add(sum.credit, posting.credit);
  }
}

void LedgerCheck::finish(Context& context) const {
  for (const auto& [code, sum] : sums_) {
    context.counts.ledger.push_back(sum);
    if (sum.debit == sum.credit) continue;
    context.findings.add(1, "trial-balance", code,
                         "debits are " + std::to_string(sum.debit) + ", credits " + std::to_string(sum.credit));
  }
}

void History::add(const ports::Inspection::StoredRecord& stored) {
  const std::string where = text_of(stored.record.key);
  note_event(context_, stored);
  const auto event = replay_.add(stored, [&](const domain::OrderEvent& each, const domain::Order& before,
                                             const domain::Order& after) { check_money(where, each, before, after); });
  if (!event) return;
  guarded(context_.findings, 1, where, [&] {
    if (!domain::is_balanced(event->postings)) {
      context_.findings.add(1, "unbalanced", where, "postings: " + shown(json::write(event->postings)));
    }
    ledger_.add(event->currency, event->postings);
  });
  guarded(context_.findings, 5, where, [&] { stock_.add_event(*event); });
  moves_.insert(moves_.end(), event->stock.begin(), event->stock.end());
}

void History::check_money(const std::string& where, const domain::OrderEvent& event, const domain::Order& before,
                          const domain::Order& after) {
  const std::vector<domain::Posting> due = postings_due(before, event);
  if (event.postings != due) {
    context_.findings.add(1, "postings", where,
                          "postings of " + shown(event.type) + ": " +
                              expected_found(shown(json::write(due)), shown(json::write(event.postings))));
  }
  const bool has_currency = event.currency == after.currency;
  if (!has_currency) {
    context_.findings.add(1, "currency", where,
                          "currency: " + expected_found(after.currency.code(), event.currency.code()));
  }
  if (event.type == "refund.done" && event.refund && !after.invoice.empty()) {
    refunded_after_invoice_.push_back(event.refund->id);
  }
}

std::optional<std::vector<domain::StockMove>> History::moved() const {
  if (replay_.replayed() == nullptr) return std::nullopt;
  return summed_up(moves_);
}

bool History::is_due_credit_note(const TransactionId& refund) const {
  return std::find(refunded_after_invoice_.begin(), refunded_after_invoice_.end(), refund) !=
         refunded_after_invoice_.end();
}

}  // namespace orderly::app::checks
