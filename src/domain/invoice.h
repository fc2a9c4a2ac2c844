// Invoices and credit notes: numbered without a gap in each series, never changed once issued, chained by hash.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/json_type.h"
#include "domain/order.h"

namespace orderly::domain {

enum class InvoiceKind { kInvoice, kCreditNote };
inline const auto& enum_names(InvoiceKind) {
  static constexpr std::array<std::pair<InvoiceKind, std::string_view>, 2> kNames{
      {{InvoiceKind::kInvoice, "invoice"}, {InvoiceKind::kCreditNote, "credit_note"}}};
  return kNames;
}

struct Party {
  std::string name;
  std::vector<std::string> lines;  // address and tax number, as printed

  friend bool operator==(const Party&, const Party&) = default;
};
BOOST_DESCRIBE_STRUCT(Party, (), (name, lines))

struct Invoice {
  std::string number;  // as shown: INV-2026-000001
  InvoiceKind kind = InvoiceKind::kInvoice;
  std::string series;         // INV-2026
  std::int64_t sequence = 0;  // 1, 2, 3, … in its series
  OrderId order_id;
  std::string client_id;
  std::string corrects;  // a credit note's invoice
  std::string refund;    // a credit note's refund
  Currency currency;
  Party seller;
  Party client;  // the statutory copy of the client's data
  std::vector<OrderLine> items;
  std::int64_t subtotal = 0;
  std::int64_t shipping = 0;
  std::int64_t tax = 0;
  std::int64_t discount = 0;
  std::int64_t total = 0;
  Time issued_at;
  std::string previous;  // hash of the one before in its series, "" for the first
  std::string hash;      // given by app over bytes_for_hash

  friend bool operator==(const Invoice&, const Invoice&) = default;
};
BOOST_DESCRIBE_STRUCT(Invoice, (),
                      (number, kind, series, sequence, order_id, client_id, corrects, refund, currency, seller, client,
                       items, subtotal, shipping, tax, discount, total, issued_at, previous, hash))
std::vector<json::Rule> json_rules(const Invoice*);

// "INV-2026" for an invoice issued in 2026, "CRN-2026" for a credit note.
std::string series_of(InvoiceKind kind, Time issued_at);
// INV-2026 and 1 → "INV-2026-000001"; from 1,000,000 on with as many digits as it takes.
std::string shown_number(std::string_view series, std::int64_t sequence);
// … → "INV-2026-000000000001": sorts as the sequence does, and is the record's key.
std::string sortable_number(std::string_view series, std::int64_t sequence);
struct InvoiceNumber {
  std::string series;
  std::int64_t sequence = 0;
};
// Of the shown form, canonical only (no extra zeros); nothing for anything else.
std::optional<InvoiceNumber> parse_shown_number(std::string_view text);

// Drafts without number, previous and hash: number() puts them in.
Invoice draft_invoice(const Order& order, Party seller, Party client, Time issued_at);
// For one refund that is done; the lines are one: what was returned. Tax of it by the same share as in the order.
Invoice draft_credit_note(const Order& order, const Refund& refund, const Invoice& corrected, Time issued_at);

Invoice number(Invoice draft, std::int64_t sequence, std::string previous_hash);

// Whether an order that came to this state is due an invoice: paid, and not cancelled before it was issued.
bool is_due_invoice(const Order& order);

std::string bytes_for_hash(const Invoice& invoice);

}  // namespace orderly::domain
