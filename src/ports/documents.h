// The page that a client gets: an invoice or a credit note as PDF.
#pragma once

#include <string>
#include <vector>

#include "base/money.h"
#include "base/time.h"

namespace orderly::ports {

struct InvoicePage {
  struct Party {
    std::string name;
    std::vector<std::string> lines;  // address, tax number: printed as they are, one a line
  };
  struct Line {
    std::string description;  // product's name
    std::string sku;
    std::int64_t quantity = 0;
    std::int64_t unit_price_minor = 0;
    std::int64_t amount_minor = 0;
  };
  struct Sum {
    std::string label;  // "Subtotal", "Shipping", "Tax"
    std::int64_t amount_minor = 0;
  };

  bool credit_note = false;
  std::string number;    // INV-2026-000001, CRN-2026-000001
  std::string corrects;  // a credit note's invoice number
  std::string order_id;
  Time issued_at;
  Currency currency;
  Party seller;
  Party client;
  std::vector<Line> lines;
  std::vector<Sum> sums;  // between the lines and the total
  std::int64_t total_minor = 0;
  std::string note;  // "Paid by card, txn_…": a sentence under the total
};

// Thread-safe; may take milliseconds: call it on the offload pool. The same page always gives the same bytes.
class Documents {
 public:
  virtual ~Documents() = default;
  virtual std::string invoice_pdf(const InvoicePage& page) const = 0;
};

}  // namespace orderly::ports
