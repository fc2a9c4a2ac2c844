// Invariant 7: invoices and credit notes. Their records come in the order of their numbers, a series after another.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "app/check_context.h"
#include "app/invoices.h"

namespace orderly::app::checks {

// What an invoice or credit note and its order both know: everything but number, dates, parties and hashes.
std::string linked_content(domain::Invoice invoice);

// Notes what an order says of its invoice and credit notes; the invoices say the same of it.
void expect_documents(Context& context, const domain::Order& order);

class InvoiceCheck {
 public:
  explicit InvoiceCheck(Context& context) : context_(context) {}

  // A record of a partition "INVOICE#<sortable number>", in key order.
  void add(const ports::Inspection::StoredRecord& stored);
  // After the last record of each such partition.
  void finish_partition();
  // "SERIES#<series>"; those come after all invoices.
  void add_head(const ports::Inspection::StoredRecord& stored);
  void finish();

 private:
  struct Series {
    std::int64_t sequence = 0;             // of the last one met
    std::optional<std::string> hash = "";  // its hash; nothing when it could not be read
    std::int64_t documents = 0;
    bool has_head = false;
  };
  struct File {
    std::string where;
    std::string document;
  };

  void add_invoice(const ports::Inspection::StoredRecord& stored);
  void check_content(const std::string& where, const domain::InvoiceNumber& number, const domain::Invoice& invoice);
  void check_file(const std::string& number);

  Context& context_;
  std::map<std::string, Series, std::less<>> series_;
  std::optional<File> file_;          // of the partition at hand; it comes before the invoice
  std::optional<std::string> where_;  // of the partition's invoice, once met
  std::string number_;                // as shown
};

}  // namespace orderly::app::checks
