#include "tests/crash/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace orderly::crash {

namespace {

bool is_paid(const StoredOrder& order) {
  return order.status == "confirmed" || order.status == "shipped" || order.status == "delivered" ||
         order.status == "refunded";
}

bool holds_stock(const StoredOrder& order) {
  return order.status == "pending" || order.status == "processing" || order.status == "declined";
}

const StoredAttempt* captured_attempt(const StoredOrder& order) {
  const auto found = std::find_if(order.attempts.begin(), order.attempts.end(),
                                  [](const StoredAttempt& each) { return each.status == "confirmed"; });
  return found == order.attempts.end() ? nullptr : &*found;
}

std::int64_t returned(const StoredOrder& order) {
  std::int64_t sum = 0;
  for (const StoredRefund& refund : order.refunds) {
    if (refund.status == "done") sum += refund.amount;
  }
  return sum;
}

// Collects what is wrong with one thing.
class Complaints {
 public:
  Complaints(Violations& violations, std::string subject) : violations_(violations), subject_(std::move(subject)) {}

  void expect(bool holds, std::string_view what) {
    if (!holds) violations_.add(fmt::format("{}: {}", subject_, what));
  }
  template <class Value>
  void expect_equal(const Value& expected, const Value& found, std::string_view what) {
    if (expected != found)
      violations_.add(fmt::format("{}: {}: expected {}, found {}", subject_, what, expected, found));
  }

 private:
  Violations& violations_;
  const std::string subject_;
};

// --- What the clients were told
// ---------------------------------------------------------------------------------------

void compare_transactions(const KnownOrder& known, const StoredOrder& stored, Complaints& complaints) {
  std::map<std::string, KnownTransaction> found;
  for (const StoredAttempt& each : stored.attempts) found[each.id] = {"payment", each.status, each.method, each.amount};
  for (const StoredRefund& each : stored.refunds) found[each.id] = {"refund", each.status, "", each.amount};
  for (const auto& [id, shown] : known.transactions) {
    const auto at = found.find(id);
    if (at == found.end()) {
      complaints.expect(false, fmt::format("the {} {} that was acknowledged is gone", shown.type, id));
      continue;
    }
    complaints.expect_equal(shown.type, at->second.type, id + " type");
    complaints.expect_equal(shown.amount, at->second.amount, id + " amount");
    if (shown.is_settled()) complaints.expect_equal(shown.status, at->second.status, id + " status");
    if (shown.type == "payment") complaints.expect_equal(shown.method, at->second.method, id + " method");
  }
}

void compare_commands(const KnownOrder& known, const StoredOrder& stored, Complaints& complaints) {
  const bool has_expired = stored.status == "cancelled" && stored.cancel_reason == "expired" && !known.cancelled;
  const bool is_cancelled = stored.status == "cancelled" && !has_expired;
  complaints.expect(known.cancelled == is_cancelled, fmt::format("it is {}, and a cancellation was {}acknowledged",
                                                                 stored.status, known.cancelled ? "" : "not "));
  complaints.expect_equal(static_cast<std::size_t>(known.payments_started), stored.attempts.size(),
                          "payments that were started");
  // Cancelling a paid order returns what is left of its money, by one refund more.
  const std::size_t by_cancelling = is_cancelled && captured_attempt(stored) != nullptr ? 1 : 0;
  complaints.expect_equal(static_cast<std::size_t>(known.refunds_requested) + by_cancelling, stored.refunds.size(),
                          "refunds that were requested");
  const bool is_delivered = stored.status == "delivered";
  const bool is_shipped = is_delivered || stored.status == "shipped";
  if (stored.status == "refunded") {
    complaints.expect(known.shipped, "it is refunded, and was never shipped");
    return;
  }
  complaints.expect(known.shipped == is_shipped, "a shipment was acknowledged or stored, but not both");
  complaints.expect(known.delivered == is_delivered, "a delivery was acknowledged or stored, but not both");
}

void compare_known(const Accounts& accounts, Violations& violations) {
  std::map<std::string, std::size_t> orders_of_label;
  for (const auto& [id, order] : accounts.store.orders) ++orders_of_label[order.client_id];
  std::set<std::string> placed;
  for (const KnownOrder* known : accounts.known) {
    placed.insert(known->client_id);
    Complaints complaints(violations, known->id);
    complaints.expect_equal(std::size_t{1}, orders_of_label[known->client_id], "orders that its request has made");
    const auto found = accounts.store.orders.find(known->id);
    if (found == accounts.store.orders.end()) {
      complaints.expect(false, "was acknowledged and is gone");
      continue;
    }
    const StoredOrder& stored = found->second;
    complaints.expect_equal(known->client_id, stored.client_id, "client");
    complaints.expect(known->lines == stored.lines, "has other lines than were acknowledged");
    complaints.expect_equal(known->total, stored.total, "total");
    complaints.expect(stored.version >= known->version, "is older than what was acknowledged");
    compare_transactions(*known, stored, complaints);
    compare_commands(*known, stored, complaints);
  }
  for (const auto& [id, order] : accounts.store.orders) {
    if (!placed.contains(order.client_id)) violations.add(id + ": nobody was told of this order");
  }
}

// --- The provider
// -----------------------------------------------------------------------------------------------------

struct ProviderBooks {
  std::map<std::string, const ProviderEntry*> charges;              // that succeeded, by key: the attempt's id
  std::map<std::string, const ProviderEntry*> refunds;              // likewise: the refund's id
  std::map<std::string, std::vector<const ProviderEntry*>> orders;  // charges that succeeded, by order
  std::map<std::string, std::int64_t> returned;                     // by charge reference
};

ProviderBooks books_of(const std::vector<ProviderEntry>& entries) {
  ProviderBooks books;
  for (const ProviderEntry& entry : entries) {
    const bool has_succeeded = !entry.reference.empty();
    if (!has_succeeded) continue;
    if (entry.kind == "refund") {
      books.refunds[entry.key] = &entry;
      books.returned[entry.charge] += entry.amount;
    } else if (entry.captured > 0) {
      books.charges[entry.key] = &entry;
      books.orders[entry.order_id].push_back(&entry);
    }
  }
  return books;
}

void compare_attempts(const StoredOrder& order, const ProviderBooks& books, Complaints& complaints) {
  std::int64_t held = 0;
  for (const StoredAttempt& attempt : order.attempts) {
    const auto found = books.charges.find(attempt.id);
    const bool is_charged = found != books.charges.end();
    complaints.expect(attempt.status == "confirmed" || attempt.status == "declined",
                      attempt.id + " is not settled: " + attempt.status);
    complaints.expect(is_charged == (attempt.status == "confirmed"),
                      fmt::format("{} is {}, and {} at the provider", attempt.id, attempt.status,
                                  is_charged ? "charged" : "not charged"));
    if (!is_charged) continue;
    const ProviderEntry& charge = *found->second;
    complaints.expect_equal(charge.reference, attempt.reference, attempt.id + " reference");
    complaints.expect_equal(order.total, charge.captured, attempt.id + " captured");
    complaints.expect_equal(order.id, charge.order_id, attempt.id + " order");
    const auto back = books.returned.find(charge.reference);
    complaints.expect_equal(charge.refunded, back == books.returned.end() ? 0 : back->second,
                            attempt.id + " returned, by the provider's charge and by its refunds");
    held += charge.captured - charge.refunded;
  }
  const std::int64_t captured = captured_attempt(order) == nullptr ? 0 : order.total;
  complaints.expect_equal(captured - returned(order), held, "money of it that the provider holds");
  if (order.status == "cancelled") complaints.expect_equal(std::int64_t{0}, held, "money held although cancelled");
}

void compare_refunds(const StoredOrder& order, const ProviderBooks& books, Complaints& complaints) {
  for (const StoredRefund& refund : order.refunds) {
    const auto found = books.refunds.find(refund.id);
    complaints.expect_equal(std::string("done"), refund.status, refund.id + " status");
    complaints.expect(found != books.refunds.end(), refund.id + " was never made at the provider");
    if (found == books.refunds.end()) continue;
    complaints.expect_equal(refund.amount, found->second->amount, refund.id + " amount");
    complaints.expect_equal(refund.reference, found->second->reference, refund.id + " reference");
    const StoredAttempt* paid = captured_attempt(order);
    complaints.expect(paid != nullptr && paid->id == refund.payment, refund.id + " is of another payment");
    if (paid != nullptr) complaints.expect_equal(paid->reference, found->second->charge, refund.id + " charge");
  }
}

void compare_provider(const Accounts& accounts, const ProviderBooks& books, Violations& violations) {
  std::set<std::string> attempts;
  std::set<std::string> refunds;
  for (const auto& [id, order] : accounts.store.orders) {
    Complaints complaints(violations, id);
    const auto charged = books.orders.find(id);
    const std::size_t charges = charged == books.orders.end() ? 0 : charged->second.size();
    complaints.expect(charges <= 1, fmt::format("was charged {} times", charges));
    complaints.expect_equal(is_paid(order), captured_attempt(order) != nullptr && order.status != "cancelled",
                            "whether it is paid");
    compare_attempts(order, books, complaints);
    compare_refunds(order, books, complaints);
    for (const StoredAttempt& each : order.attempts) attempts.insert(each.id);
    for (const StoredRefund& each : order.refunds) refunds.insert(each.id);
  }
  for (const auto& [key, charge] : books.charges) {
    if (!attempts.contains(key)) violations.add(fmt::format("the provider's charge {} belongs to no payment", key));
  }
  for (const auto& [key, refund] : books.refunds) {
    if (!refunds.contains(key)) violations.add(fmt::format("the provider's refund {} belongs to no order", key));
  }
}

// --- Invoices and stock
// -----------------------------------------------------------------------------------------------

void compare_numbers(const std::vector<StoredInvoice>& invoices, Violations& violations) {
  std::map<std::string, std::set<std::int64_t>> given;
  std::map<std::string, std::size_t> counts;
  for (const StoredInvoice& invoice : invoices) {
    given[invoice.series].insert(invoice.sequence);
    ++counts[invoice.series];
    Complaints(violations, invoice.number).expect(invoice.has_pdf, "has no PDF");
  }
  for (const auto& [series, numbers] : given) {
    Complaints complaints(violations, series);
    complaints.expect_equal(counts[series], numbers.size(), "numbers given, each once");
    complaints.expect_equal(std::int64_t{1}, *numbers.begin(), "first number");
    complaints.expect_equal(static_cast<std::int64_t>(numbers.size()), *numbers.rbegin(), "last number");
  }
}

using Documents = std::map<std::string, std::vector<const StoredInvoice*>>;

void compare_credit_notes(const StoredOrder& order, const Documents& notes, Complaints& complaints) {
  for (const StoredRefund& refund : order.refunds) {
    const auto found = notes.find(refund.id);
    const std::size_t count = found == notes.end() ? 0 : found->second.size();
    complaints.expect_equal(order.invoice.empty() ? std::size_t{0} : std::size_t{1}, count,
                            "credit notes for " + refund.id);
    if (count != 1) continue;
    complaints.expect_equal(refund.amount, found->second.front()->total, "credit note for " + refund.id);
    complaints.expect_equal(refund.credit_note, found->second.front()->number, "credit note's number on " + refund.id);
  }
}

void compare_documents(const StoreExport& store, Violations& violations) {
  Documents invoices;  // by order
  Documents notes;     // by refund
  for (const StoredInvoice& each : store.invoices) {
    const bool is_invoice = each.kind == "invoice";
    (is_invoice ? invoices[each.order_id] : notes[each.refund]).push_back(&each);
    Complaints(violations, each.number)
        .expect(store.orders.contains(each.order_id), "is for an order that is not there");
  }
  for (const auto& [id, order] : store.orders) {
    Complaints complaints(violations, id);
    const auto found = invoices.find(id);
    const std::size_t count = found == invoices.end() ? 0 : found->second.size();
    if (is_paid(order)) complaints.expect_equal(std::size_t{1}, count, "invoices of a paid order");
    complaints.expect_equal(order.invoice.empty() ? std::size_t{0} : std::size_t{1}, count,
                            "invoices, as it says itself");
    if (count == 1) {
      complaints.expect_equal(order.invoice, found->second.front()->number, "number of its invoice");
      complaints.expect_equal(order.total, found->second.front()->total, "total of its invoice");
    }
    compare_credit_notes(order, notes, complaints);
  }
  compare_numbers(store.invoices, violations);
}

void compare_stock(const Accounts& accounts, Violations& violations) {
  Lines sold;
  Lines reserved;
  for (const auto& [id, order] : accounts.store.orders) {
    for (const auto& [product, quantity] : order.lines) {
      if (is_paid(order)) sold[product] += quantity;
      if (holds_stock(order)) reserved[product] += quantity;
    }
  }
  for (const auto& [product, pieces] : accounts.seeded) {
    Complaints complaints(violations, "product " + product);
    const auto found = accounts.store.stock.find(product);
    const StoredStock stock = found == accounts.store.stock.end() ? StoredStock{} : found->second;
    complaints.expect_equal(reserved[product], stock.reserved, "pieces reserved");
    complaints.expect_equal(pieces - sold[product], stock.available + stock.reserved, "pieces on hand");
    complaints.expect(stock.available >= 0 && stock.reserved >= 0, "has a counter below 0");
  }
}

Tally tally_of(const StoreExport& store, const ProviderBooks& books) {
  Tally tally;
  for (const auto& [id, order] : store.orders) {
    ++tally.orders_by_status[order.status];
    for (const StoredAttempt& each : order.attempts) ++tally.payments_by_outcome[each.status + " " + each.method];
    for (const StoredRefund& each : order.refunds) ++tally.refunds_by_status[each.status];
  }
  for (const StoredInvoice& each : store.invoices) ++tally.documents[each.series];
  tally.charges = books.charges.size();
  tally.provider_refunds = books.refunds.size();
  return tally;
}

}  // namespace

Tally judge(const Accounts& accounts, Violations& violations) {
  const ProviderBooks books = books_of(accounts.provider);
  compare_known(accounts, violations);
  compare_provider(accounts, books, violations);
  compare_documents(accounts.store, violations);
  compare_stock(accounts, violations);
  if (accounts.store.messages > 0) violations.add(fmt::format("{} messages are left", accounts.store.messages));
  return tally_of(accounts.store, books);
}

}  // namespace orderly::crash
