// Invariants 1 and 6: the events of one order, one after another, and what they did to ledger and stock.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/check_replay.h"
#include "app/check_stock.h"

namespace orderly::app::checks {

// Σ of postings by currency.
class LedgerCheck {
 public:
  void add(const Currency& currency, const std::vector<domain::Posting>& postings);
  // Adds the sums to the counts, and the findings.
  void finish(Context& context) const;

 private:
  std::map<std::string, LedgerSum, std::less<>> sums_;
};

class History {
 public:
  History(Context& context, StockCheck& stock, LedgerCheck& ledger)
      : context_(context), stock_(stock), ledger_(ledger), replay_(context) {}

  // The next event record of the order, in key order.
  void add(const ports::Inspection::StoredRecord& stored);

  // Whether `order`, as stored, is what the events lead to.
  void compare(const ports::Inspection::StoredRecord& stored, const domain::Order& order) const {
    replay_.compare(stored, order);
  }
  // What all of them did to stock; nothing when one was unreadable, missing or illegal.
  std::optional<std::vector<domain::StockMove>> moved() const;
  // Whether the refund was done when the order had its invoice already, so that it is due a credit note.
  bool is_due_credit_note(const TransactionId& refund) const;

 private:
  void check_money(const std::string& where, const domain::OrderEvent& event, const domain::Order& before,
                   const domain::Order& after);

  Context& context_;
  StockCheck& stock_;
  LedgerCheck& ledger_;
  Replay<Orders> replay_;
  std::vector<domain::StockMove> moves_;
  std::vector<TransactionId> refunded_after_invoice_;
};

}  // namespace orderly::app::checks
