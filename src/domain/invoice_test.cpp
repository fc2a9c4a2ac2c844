#include "domain/invoice.h"

#include <gtest/gtest.h>

#include "domain/order_samples.h"

namespace orderly::domain {
namespace {

using namespace samples;

Time at(std::string_view text) { return *parse_time(text); }

const Party kSeller = {"Orderly Demo Shop", {"1 Market Square", "10115 Berlin"}};
const Party kClient = {"Łukasz Żółć", {"ul. Długa 1", "00-001 Warszawa"}};

Invoice issued_invoice(const Order& order) { return number(draft_invoice(order, kSeller, kClient, kLater), 1, ""); }

TEST(InvoiceNumber, HasASeriesForEachKindAndYear) {
  EXPECT_EQ(series_of(InvoiceKind::kInvoice, at("2026-12-31T23:59:59.999Z")), "INV-2026");
  EXPECT_EQ(series_of(InvoiceKind::kInvoice, at("2027-01-01T00:00:00.000Z")), "INV-2027");
  EXPECT_EQ(series_of(InvoiceKind::kCreditNote, at("2026-11-20")), "CRN-2026");
}

TEST(InvoiceNumber, IsShownShortAndKeptSortable) {
  EXPECT_EQ(shown_number("INV-2026", 1), "INV-2026-000001");
  EXPECT_EQ(shown_number("INV-2026", 999'999), "INV-2026-999999");
  EXPECT_EQ(shown_number("INV-2026", 1'000'000), "INV-2026-1000000");
  EXPECT_EQ(sortable_number("INV-2026", 1), "INV-2026-000000000001");
  EXPECT_EQ(sortable_number("INV-2026", 1'000'000), "INV-2026-000001000000");
}

TEST(InvoiceNumber, SortsAsTheSequenceDoes) {
  std::string last;
  for (const std::int64_t sequence : {1LL, 2LL, 9LL, 10LL, 999'999LL, 1'000'000LL, 1'000'001LL, 999'999'999'999LL}) {
    const std::string sortable = sortable_number("INV-2026", sequence);
    EXPECT_LT(last, sortable);
    last = sortable;
  }
  EXPECT_LT(last, sortable_number("INV-2027", 1));
}

TEST(InvoiceNumber, ReadsBackWhatItShows) {
  for (const std::int64_t sequence : {1LL, 42LL, 999'999LL, 1'000'000LL, 999'999'999'999LL}) {
    const auto parsed = parse_shown_number(shown_number("CRN-2026", sequence));
    ASSERT_TRUE(parsed) << sequence;
    EXPECT_EQ(parsed->series, "CRN-2026");
    EXPECT_EQ(parsed->sequence, sequence);
  }
}

TEST(InvoiceNumber, ReadsNothingButItsCanonicalForm) {
  for (const std::string_view text : {"",
                                      "-",
                                      "INV",
                                      "INV-2026",
                                      "INV-2026-",
                                      "INV-2026-1",
                                      "INV-2026-00001",
                                      "INV-2026-0000001",
                                      "INV-2026-000000",
                                      "INV-2026-000000000001",
                                      "INV-2026-1000000000000",
                                      "INV-2026-99999999999999999999",
                                      "INV-2026--00001",
                                      "INV-2026-+00001",
                                      "INV-2026- 00001",
                                      "INV-2026-00000a",
                                      "inv-2026-000001",
                                      "CRD-2026-000001",
                                      "INV-26-000001",
                                      "INV-20266-000001",
                                      "INV-202x-000001",
                                      " INV-2026-000001",
                                      "INV-2026-000001 ",
                                      "INV2026-000001"}) {
    EXPECT_FALSE(parse_shown_number(text)) << text;
  }
}

TEST(Invoice, SaysWhatTheOrderSays) {
  const Order order = confirmed();
  const Invoice invoice = number(draft_invoice(order, kSeller, kClient, kLater), 7, "previous-hash");
  EXPECT_EQ(invoice.number, "INV-2026-000007");
  EXPECT_EQ(invoice.series, "INV-2026");
  EXPECT_EQ(invoice.sequence, 7);
  EXPECT_EQ(invoice.previous, "previous-hash");
  EXPECT_EQ(invoice.hash, "");
  EXPECT_EQ(invoice.kind, InvoiceKind::kInvoice);
  EXPECT_EQ(invoice.order_id, order.id);
  EXPECT_EQ(invoice.client_id, "u1");
  EXPECT_EQ(invoice.currency, order.currency);
  EXPECT_EQ(invoice.seller, kSeller);
  EXPECT_EQ(invoice.client, kClient);
  EXPECT_EQ(invoice.items, order.items);
  EXPECT_EQ(invoice.subtotal + invoice.shipping + invoice.tax - invoice.discount, invoice.total);
  EXPECT_EQ(invoice.total, order.total);
  EXPECT_EQ(invoice.issued_at, kLater);
}

TEST(CreditNote, IsForWhatWentBackAndAgreesWithTheLedger) {
  Order order = shipped();
  const Invoice invoice = issued_invoice(order);
  order = attach_invoice(order, invoice.number, kLater).order;
  std::int64_t tax = 0;
  std::int64_t total = 0;
  for (const std::optional<std::int64_t> amount : {std::optional<std::int64_t>{3333}, {1}, {4444}, {}}) {
    order = with_refund(order, amount);
    const Change done = complete_refund(order, order.refunds.back().id, "re_1", kLater);
    order = done.order;
    const Refund& refund = order.refunds.back();
    const Invoice note = number(draft_credit_note(order, refund, invoice, kLater), 3, "");
    EXPECT_EQ(note.number, "CRN-2026-000003");
    EXPECT_EQ(note.kind, InvoiceKind::kCreditNote);
    EXPECT_EQ(note.corrects, invoice.number);
    EXPECT_EQ(note.refund, refund.id.text);
    EXPECT_EQ(note.seller, kSeller);
    EXPECT_EQ(note.client, kClient);
    EXPECT_EQ(note.total, refund.amount);
    EXPECT_EQ(note.subtotal + note.shipping + note.tax, note.total);
    EXPECT_EQ(money_returned(note.total, note.tax), done.events[0].postings);
    ASSERT_EQ(note.items.size(), 1u);
    EXPECT_EQ(note.items[0].amount, note.subtotal);
    tax += note.tax;
    total += note.total;
  }
  EXPECT_EQ(total, order.total);
  EXPECT_EQ(tax, order.tax);
}

TEST(Invoice, IsDueWhenPaidUntilThereIsOne) {
  for (const Situation& situation : situations()) {
    const bool expected = is_paid(situation.order.status) && situation.name != "shipped, invoiced, part given back";
    EXPECT_EQ(is_due_invoice(situation.order), expected) << situation.name;
  }
  EXPECT_TRUE(is_due_invoice(confirmed()));
  EXPECT_FALSE(is_due_invoice(with_invoice(confirmed())));
  EXPECT_FALSE(is_due_invoice(cancel(confirmed(), "", kLater).order)) << "cancelled before it was issued";
}

TEST(InvoiceHash, CoversEverythingButTheHashItself) {
  Invoice invoice = issued_invoice(confirmed());
  const std::string bytes = bytes_for_hash(invoice);
  invoice.hash = "abc";
  EXPECT_EQ(bytes_for_hash(invoice), bytes);
  Invoice other = invoice;
  other.previous = "def";
  EXPECT_NE(bytes_for_hash(other), bytes);
  other = invoice;
  other.client.name = "Lukasz Żółć";
  EXPECT_NE(bytes_for_hash(other), bytes);
}

}  // namespace
}  // namespace orderly::domain
