#include "app/check_orders.h"

#include <algorithm>
#include <set>

#include "app/check_invoices.h"
#include "app/check_messages.h"
#include "app/check_privacy.h"
#include "app/keys.h"
#include "app/orders.h"

namespace orderly::app::checks {

namespace {

using domain::PaymentStatus;
using domain::RefundStatus;
using ports::QueueName;

bool is_settled(PaymentStatus status) {
  return status == PaymentStatus::kConfirmed || status == PaymentStatus::kDeclined;
}

}  // namespace

void OrderCheck::add(const ports::Inspection::StoredRecord& stored) {
  const std::string& sort = stored.record.key.sort;
  const std::string where = text_of(stored.record.key);
  find_private(context_.findings, where, stored.record.document, Privacy::kSealed);
  if (sort.starts_with(keys::kEventPrefix)) {
    history_.add(stored);
  } else if (sort == keys::kMeta) {
    add_order(stored);
  } else if (sort.starts_with("TRANSACTION#")) {
    guarded(context_.findings, 10, where, [&] { add_later_transaction(stored); });
  } else {
    context_.findings.add(10, "unknown-record", where, "orders have no such records");
  }
}

void OrderCheck::add_order(const ports::Inspection::StoredRecord& stored) {
  ++context_.counts.orders;
  has_record_ = true;
  where_ = text_of(stored.record.key);
  order_ = read_canonical<domain::Order>(context_, 6, where_, stored.record.document);
  if (!order_) return;
  const auto check = [&](std::int64_t invariant, const auto& part) {
    guarded(context_.findings, invariant, where_, part);
  };
  check(6, [&] { check_identity(stored); });
  check(6, [&] { history_.compare(stored, *order_); });
  check(6, [&] { check_transaction_numbers(); });
  check(2, [&] { check_attempts(); });
  check(3, [&] { check_refunds(); });
  check(4, [&] { check_total(); });
  check(5, [&] { stock_.add_order(*order_, history_.moved()); });
  check(7, [&] { link_documents(); });
  check(9, [&] { check_messages(); });
  check(10, [&] { expect_later_transactions(); });
}

void OrderCheck::check_identity(const ports::Inspection::StoredRecord& stored) {
  const ports::Key expected = keys::order(order_->id);
  if (stored.record.key != expected) {
    context_.findings.add(6, "order-key", where_, "it says that it is " + shown(text_of(expected)));
  }
  expect_indexes(context_, stored, keys::index_entries(*order_));
}

void OrderCheck::check_attempts() {
  std::int64_t confirmed = 0;
  for (const domain::PaymentAttempt& attempt : order_->attempts) {
    if (attempt.status != PaymentStatus::kConfirmed) continue;
    ++confirmed;
    if (attempt.amount == order_->total) continue;
    context_.findings.add(2, "capture-amount", where_,
                          "captured by " + attempt.id.text + ": " + expected_found(order_->total, attempt.amount));
  }
  if (confirmed > 1) {
    context_.findings.add(2, "captured-twice", where_, std::to_string(confirmed) + " attempts are confirmed");
  }
  const bool must_be_paid = domain::is_paid(order_->status);
  const bool must_be_unpaid = domain::holds_stock(order_->status);
  if ((must_be_paid && confirmed == 0) || (must_be_unpaid && confirmed > 0)) {
    context_.findings.add(2, "capture-status", where_,
                          "the order is " + std::string(json::name_of(order_->status)) + ", with " +
                              std::to_string(confirmed) + " confirmed attempts");
  }
}

void OrderCheck::check_refunds() {
  const domain::PaymentAttempt* captured = domain::captured_attempt(*order_);
  for (const domain::Refund& refund : order_->refunds) {
    if (refund.amount < 1 || refund.tax < 0 || refund.tax > refund.amount) {
      context_.findings.add(3, "refund-amount", where_,
                            "refund " + refund.id.text + " is of " + std::to_string(refund.amount) + ", tax " +
                                std::to_string(refund.tax));
    }
    if (captured == nullptr || refund.payment != captured->id) {
      context_.findings.add(3, "refund-payment", where_,
                            "refund " + refund.id.text + " is of " + refund.payment.text + ", which captured nothing");
    }
  }
  const std::int64_t going_back = domain::refunded_or_under_way(*order_);
  if (going_back > domain::captured(*order_)) {
    context_.findings.add(3, "refunds-exceed", where_,
                          "captured " + std::to_string(domain::captured(*order_)) + ", refunded or under way " +
                              std::to_string(going_back));
  }
  const bool is_refunded = order_->status == domain::OrderStatus::kRefunded;
  if (is_refunded && domain::refunded(*order_) != domain::captured(*order_)) {
    context_.findings.add(3, "refunded-in-part", where_,
                          "refunded: " + expected_found(domain::captured(*order_), domain::refunded(*order_)));
  }
}

// Attempts and refunds share the numbers 1..n.
void OrderCheck::check_transaction_numbers() {
  std::set<int> numbers;
  const auto add = [&](const TransactionId& id) {
    if (order_of(id) == order_->id && numbers.insert(number_of(id)).second) return;
    context_.findings.add(6, "transaction-id", where_, id.text + " is another order's or there twice");
  };
  for (const domain::PaymentAttempt& attempt : order_->attempts) add(attempt.id);
  for (const domain::Refund& refund : order_->refunds) add(refund.id);
  const bool has_gap =
      !numbers.empty() && (*numbers.begin() != 1 || *numbers.rbegin() != static_cast<int>(numbers.size()));
  if (has_gap) context_.findings.add(6, "transaction-gap", where_, "the numbers of its transactions have a gap");
}

void OrderCheck::check_total() {
  const auto compare = [&](std::string_view what, std::int64_t expected, std::int64_t found) {
    if (expected == found) return;
    context_.findings.add(4, "total", where_, std::string(what) + ": " + expected_found(expected, found));
  };
  std::int64_t subtotal = 0;
  for (const domain::OrderLine& line : order_->items) {
    const std::int64_t amount = checked_multiply(line.quantity, line.unit_price);
    compare("amount of product " + shown(line.product_id), amount, line.amount);
    if (line.quantity < 1) compare("quantity of product " + shown(line.product_id), 1, line.quantity);
    subtotal = checked_add(subtotal, amount);
  }
  std::int64_t explained = 0;
  for (const domain::PriceComponent& component : order_->price) explained = checked_add(explained, component.amount);
  compare("subtotal", subtotal, order_->subtotal);
  compare("total, by its parts",
          checked_add(checked_add(checked_subtract(subtotal, order_->discount), order_->shipping), order_->tax),
          order_->total);
  compare("total, by its price components", explained, order_->total);
}

void OrderCheck::check_messages() {
  const auto expect = [&](std::int64_t invariant, std::string_view slug, QueueName queue, const std::string& subject,
                          const std::string& what) {
    if (context_.work.has(queue, subject)) return;
    context_.findings.add(invariant, slug, where_,
                          what + ", but no message in queue " + std::string(ports::name_of(queue)) + " is about it");
  };
  for (const domain::PaymentAttempt& attempt : order_->attempts) {
    if (is_settled(attempt.status)) continue;
    expect(9, "message-missing", QueueName::kPayments, attempt.id.text,
           "attempt " + attempt.id.text + " is " + std::string(json::name_of(attempt.status)));
  }
  for (const domain::Refund& refund : order_->refunds) {
    if (refund.status == RefundStatus::kRequested) {
      expect(9, "message-missing", QueueName::kRefunds, refund.id.text, "refund " + refund.id.text + " is requested");
    }
    if (refund.credit_note.empty() && history_.is_due_credit_note(refund.id)) {
      expect(7, "credit-note-missing", QueueName::kInvoices, credit_note_subject(order_->id, refund.id),
             "refund " + refund.id.text + " is due a credit note");
    }
  }
  if (domain::is_due_invoice(*order_)) {
    expect(7, "invoice-missing", QueueName::kInvoices, order_->id.text, "the order is due an invoice");
  }
}

void OrderCheck::link_documents() {
  expect_documents(context_, *order_);
  for (const domain::Refund& refund : order_->refunds) {
    if (refund.credit_note.empty() || refund.status == RefundStatus::kDone) continue;
    context_.findings.add(
        7, "credit-note-early", where_,
        "refund " + refund.id.text + " has a credit note, but is " + std::string(json::name_of(refund.status)));
  }
}

template <class Transaction>
void OrderCheck::expect_later_transaction(const Transaction& transaction) {
  const std::string sort = keys::first_id_at(transaction.created_at) + "#" + transaction.id.text;
  LaterRecord& record = later_[keys::later_transaction(order_->id, number_of(transaction.id))];
  record.document = json::write(LaterTransaction{order_->id, transaction.id, sort});
  record.indexes = {{ports::Index::kByClient, keys::transactions_of_client(order_->client_id), sort},
                    {ports::Index::kByDay, keys::transactions_of_day(format_day(transaction.created_at)), sort}};
}

void OrderCheck::expect_later_transactions() {
  for (const domain::PaymentAttempt& attempt : order_->attempts) {
    if (!is_listed_by_order(*order_, attempt.id, attempt.created_at)) expect_later_transaction(attempt);
  }
  for (const domain::Refund& refund : order_->refunds) expect_later_transaction(refund);
}

void OrderCheck::add_later_transaction(const ports::Inspection::StoredRecord& stored) {
  const std::string where = text_of(stored.record.key);
  ++context_.counts.later_transactions;
  if (!order_) return;  // nothing to compare it with; the order has its own finding
  const auto expected = later_.find(stored.record.key);
  if (expected == later_.end()) {
    context_.findings.add(10, "transaction-unknown", where, "its order has no such later transaction");
    return;
  }
  if (!is_as_written(context_.picture, stored.record.document, expected->second.document)) {
    context_.findings.add(10, "transaction-differs", where,
                          expected_found(shown(expected->second.document), shown(stored.record.document)));
  }
  expect_indexes(context_, stored, expected->second.indexes);
  later_.erase(expected);
}

void OrderCheck::finish() {
  if (!has_record_)
    context_.findings.add(6, "order-missing", partition_ + "/META", "there are records of it, but no order");
  for (const auto& [key, record] : later_) {
    context_.findings.add(10, "transaction-missing", text_of(key), "the order's transaction is not listed");
  }
}

}  // namespace orderly::app::checks
