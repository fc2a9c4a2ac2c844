// Invariants 1 and 6: the events of one order, one after another. Replays them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/check_context.h"
#include "app/check_stock.h"
#include "domain/order.h"

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
      : context_(context), stock_(stock), ledger_(ledger) {}

  // The next event record of the order, in key order.
  void add(const ports::Inspection::StoredRecord& stored);

  // The order that the events lead to; nothing when one was unreadable, missing or illegal.
  const domain::Order* replayed() const { return is_whole_ ? &order_ : nullptr; }
  // Hash of the last event; nothing when it could not be read.
  const std::optional<std::string>& last_hash() const { return last_hash_; }
  // What all of them did to stock; nothing as for replayed().
  std::optional<std::vector<domain::StockMove>> moved() const;
  // Whether the refund was done when the order had its invoice already, so that it is due a credit note.
  bool is_due_credit_note(const TransactionId& refund) const;

 private:
  void check_place(const ports::Key& key, const std::string& where, const domain::OrderEvent& event);
  void check_chain(const std::string& where, const domain::OrderEvent& event);
  void replay(const std::string& where, const domain::OrderEvent& event);
  void check_postings(const std::string& where, const domain::Order& before, const domain::OrderEvent& event);

  Context& context_;
  StockCheck& stock_;
  LedgerCheck& ledger_;
  domain::Order order_;  // replayed so far
  bool is_whole_ = true;
  std::int64_t version_ = 0;
  std::optional<std::string> last_hash_ = "";
  std::vector<domain::StockMove> moves_;
  std::vector<TransactionId> refunded_after_invoice_;
};

}  // namespace orderly::app::checks
