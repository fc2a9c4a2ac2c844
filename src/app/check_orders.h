// Invariants 1 to 6, and what orders owe to invoices, messages and indexes: one order at a time, since all its records
// are in one partition: its events, itself, its later transactions, in this order.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "app/check_history.h"

namespace orderly::app::checks {

class OrderCheck {
 public:
  // `partition`: "ORDER#<id>". All references must outlive it.
  OrderCheck(Context& context, StockCheck& stock, LedgerCheck& ledger, std::string partition)
      : context_(context), stock_(stock), partition_(std::move(partition)), history_(context, stock, ledger) {}

  // A record of the partition, in key order.
  void add(const ports::Inspection::StoredRecord& stored);
  void finish();

 private:
  // What a record of a later transaction must be.
  struct LaterRecord {
    std::string document;
    std::vector<ports::IndexEntry> indexes;
  };

  void add_order(const ports::Inspection::StoredRecord& stored);
  void add_later_transaction(const ports::Inspection::StoredRecord& stored);
  void check_identity(const ports::Inspection::StoredRecord& stored);
  void check_attempts();
  void check_refunds();
  void check_transaction_numbers();
  void check_total();
  void check_messages();
  void link_documents();
  void expect_later_transactions();
  template <class Transaction>
  void expect_later_transaction(const Transaction& transaction);

  Context& context_;
  StockCheck& stock_;
  std::string partition_;
  History history_;
  std::string where_;  // of the order's own record
  bool has_record_ = false;
  std::optional<domain::Order> order_;
  std::map<ports::Key, LaterRecord> later_;  // not met yet
};

}  // namespace orderly::app::checks
