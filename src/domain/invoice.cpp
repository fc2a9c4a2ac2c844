#include "domain/invoice.h"

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "base/json.h"

namespace orderly::domain {

namespace {

constexpr std::size_t kShownDigitsMin = 6;
constexpr std::size_t kSortableDigits = 12;
constexpr std::int64_t kSequenceMax = 999'999'999'999;

std::string_view prefix_of(InvoiceKind kind) { return kind == InvoiceKind::kInvoice ? "INV-" : "CRN-"; }

std::string padded_number(std::string_view series, std::int64_t sequence, std::size_t digits_min) {
  ORDERLY_ASSERT(sequence >= 1 && sequence <= kSequenceMax);
  const std::string digits = std::to_string(sequence);
  std::string number(series);
  number += '-';
  if (digits.size() < digits_min) number.append(digits_min - digits.size(), '0');
  return number + digits;
}

bool are_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_series(std::string_view text) {
  const bool has_prefix =
      text.starts_with(prefix_of(InvoiceKind::kInvoice)) || text.starts_with(prefix_of(InvoiceKind::kCreditNote));
  return has_prefix && text.size() == 8 && are_digits(text.substr(4));
}

// What an invoice and its corrections have in common.
Invoice draft_for(const Order& order, InvoiceKind kind, Time issued_at) {
  Invoice draft;
  draft.kind = kind;
  draft.series = series_of(kind, issued_at);
  draft.order_id = order.id;
  draft.client_id = order.invoiced_to.empty() ? order.client_id : order.invoiced_to;
  draft.currency = order.currency;
  draft.issued_at = issued_at;
  return draft;
}

}  // namespace

std::vector<json::Rule> json_rules(const Invoice*) {
  return {json::field("corrects").brief(), json::field("refund").brief(),   json::field("shipping").brief(),
          json::field("tax").brief(),      json::field("discount").brief(), json::field("previous").brief(),
          json::field("hash").brief()};
}

std::string series_of(InvoiceKind kind, Time issued_at) {
  return std::string(prefix_of(kind)) + format_year(issued_at);
}

std::string shown_number(std::string_view series, std::int64_t sequence) {
  return padded_number(series, sequence, kShownDigitsMin);
}

std::string sortable_number(std::string_view series, std::int64_t sequence) {
  return padded_number(series, sequence, kSortableDigits);
}

std::optional<InvoiceNumber> parse_shown_number(std::string_view text) {
  const std::size_t dash = text.rfind('-');
  if (dash == std::string_view::npos || !is_series(text.substr(0, dash))) return std::nullopt;
  const std::string_view digits = text.substr(dash + 1);
  if (digits.size() > kSortableDigits || !are_digits(digits)) return std::nullopt;
  std::int64_t sequence = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), sequence);
  const std::string series(text.substr(0, dash));
  if (sequence < 1 || shown_number(series, sequence) != text) return std::nullopt;
  return InvoiceNumber{series, sequence};
}

Invoice draft_invoice(const Order& order, Party seller, Party client, Time issued_at) {
  Invoice draft = draft_for(order, InvoiceKind::kInvoice, issued_at);
  draft.seller = std::move(seller);
  draft.client = std::move(client);
  draft.items = order.items;
  draft.subtotal = order.subtotal;
  draft.shipping = order.shipping;
  draft.tax = order.tax;
  draft.discount = order.discount;
  draft.total = order.total;
  return draft;
}

Invoice draft_credit_note(const Order& order, const Refund& refund, const Invoice& corrected, Time issued_at) {
  Invoice draft = draft_for(order, InvoiceKind::kCreditNote, issued_at);
  draft.corrects = corrected.number;
  draft.refund = refund.id.text;
  draft.seller = corrected.seller;
  draft.client = corrected.client;
  draft.tax = refund.tax;  // the share that the ledger booked, so that the two agree
  draft.subtotal = refund.amount - refund.tax;
  draft.total = refund.amount;
  draft.items.push_back({"", "", "Refund for " + corrected.number, 1, draft.subtotal, draft.subtotal});
  return draft;
}

Invoice number(Invoice draft, std::int64_t sequence, std::string previous_hash) {
  draft.number = shown_number(draft.series, sequence);
  draft.sequence = sequence;
  draft.previous = std::move(previous_hash);
  draft.hash.clear();
  return draft;
}

bool is_due_invoice(const Order& order) { return order.invoice.empty() && is_paid(order.status); }

std::string bytes_for_hash(const Invoice& invoice) {
  Invoice content = invoice;
  content.hash.clear();
  return json::write(content);
}

}  // namespace orderly::domain
