#include "app/check_history.h"

#include <algorithm>

#include "app/keys.h"
#include "base/text.h"

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
  ++context_.counts.events;
  context_.matchings.feed.left(where, fingerprint(stored.record.document));
  expect_indexes(context_, stored, {});
  const auto event = read_canonical<domain::OrderEvent>(context_, 6, where, stored.record.document);
  ++version_;
  if (!event) {
    is_whole_ = false;
    last_hash_.reset();
    return;
  }
  check_place(stored.record.key, where, *event);
  check_chain(where, *event);
  guarded(context_.findings, 1, where, [&] {
    if (!domain::is_balanced(event->postings)) {
      context_.findings.add(1, "unbalanced", where, "postings: " + shown(json::write(event->postings)));
    }
    ledger_.add(event->currency, event->postings);
  });
  guarded(context_.findings, 5, where, [&] { stock_.add_event(*event); });
  moves_.insert(moves_.end(), event->stock.begin(), event->stock.end());
  if (is_whole_) replay(where, *event);
  version_ = event->version;
  last_hash_ = event->hash;
}

void History::check_place(const ports::Key& key, const std::string& where, const domain::OrderEvent& event) {
  const ports::Key expected = keys::event(event.object, event.version);
  if (key != expected) context_.findings.add(6, "event-key", where, "it says that it is " + shown(text_of(expected)));
  if (event.version == version_) return;
  context_.findings.add(6, "version-gap", where, "version: " + expected_found(version_, event.version));
  is_whole_ = false;
  last_hash_.reset();
}

void History::check_chain(const std::string& where, const domain::OrderEvent& event) {
  if (last_hash_ && event.previous != *last_hash_) {
    context_.findings.add(6, "event-chain", where,
                          "hash of the event before: " + expected_found(*last_hash_, shown(event.previous)));
  }
  const std::string hash = base64url_encode(context_.crypto.sha256(domain::bytes_for_hash(event)));
  if (event.hash != hash) {
    context_.findings.add(6, "event-hash", where, "hash: " + expected_found(hash, shown(event.hash)));
  }
}

void History::replay(const std::string& where, const domain::OrderEvent& event) {
  try {
    domain::Order after = domain::apply(order_, event);
    check_postings(where, order_, event);
    const bool has_currency = event.currency == after.currency;
    if (!has_currency) {
      context_.findings.add(1, "currency", where,
                            "currency: " + expected_found(after.currency.code(), event.currency.code()));
    }
    if (event.type == "refund.done" && event.refund && !after.invoice.empty()) {
      refunded_after_invoice_.push_back(event.refund->id);
    }
    order_ = std::move(after);
  } catch (const Error& error) {
    is_whole_ = false;
    context_.findings.add(6, "illegal-transition", where, reason_of(error));
  }
}

void History::check_postings(const std::string& where, const domain::Order& before, const domain::OrderEvent& event) {
  const std::vector<domain::Posting> due = postings_due(before, event);
  if (event.postings == due) return;
  context_.findings.add(1, "postings", where,
                        "postings of " + shown(event.type) + ": " +
                            expected_found(shown(json::write(due)), shown(json::write(event.postings))));
}

std::optional<std::vector<domain::StockMove>> History::moved() const {
  if (!is_whole_) return std::nullopt;
  return summed_up(moves_);
}

bool History::is_due_credit_note(const TransactionId& refund) const {
  return std::find(refunded_after_invoice_.begin(), refunded_after_invoice_.end(), refund) !=
         refunded_after_invoice_.end();
}

}  // namespace orderly::app::checks
