#include "tests/fakes/consistency.h"

#include <gtest/gtest.h>

#include <map>

#include "app/invoices.h"
#include "app/keys.h"
#include "base/text.h"
#include "domain/invoice.h"
#include "domain/order.h"
#include "tests/fakes/world.h"

namespace orderly::fakes {

namespace {

using domain::Order;
using domain::OrderEvent;

bool is_of_order(const ports::Key& key) { return key.partition.starts_with("ORDER#"); }

// All that is stored, read back.
struct Contents {
  std::map<std::string, Order> orders;  // by partition
  std::map<std::string, ports::Inspection::StoredRecord> order_records;
  std::map<std::string, std::vector<OrderEvent>> events;  // by partition, in the order of the feed
  std::map<std::string, domain::StockCounters> stock;     // by partition
  std::map<std::string, domain::Invoice> invoices;        // by partition: in the order of their numbers
  std::map<std::string, app::SeriesHead> heads;
};

Contents read_contents(World& world) {
  Contents contents;
  const auto inspection = world.store.inspect();
  inspection->records([&](const ports::Inspection::StoredRecord& each) {
    const auto& [key, document, version, expires_at] = each.record;
    if (key.sort != app::keys::kMeta) return true;
    if (key.partition.starts_with("ORDER#")) {
      contents.orders[key.partition] = json::read_stored<Order>(document);
      contents.order_records[key.partition] = each;
    } else if (key.partition.starts_with("STOCK#")) {
      contents.stock[key.partition] = json::read_stored<domain::StockCounters>(document);
    } else if (key.partition.starts_with("INVOICE#")) {
      contents.invoices[key.partition] = json::read_stored<domain::Invoice>(document);
    } else if (key.partition.starts_with("SERIES#")) {
      contents.heads[key.partition] = json::read_stored<app::SeriesHead>(document);
    }
    return true;
  });
  inspection->feed([&](const ports::FeedEvent& event) {
    if (is_of_order(event.key)) {
      contents.events[event.key.partition].push_back(json::read_stored<OrderEvent>(event.document));
    }
    return true;
  });
  return contents;
}

void expect_history(const World& world, const Order& order, const std::vector<OrderEvent>& events) {
  Order rebuilt;
  std::string previous;
  for (const OrderEvent& event : events) {
    EXPECT_EQ(event.version, rebuilt.version + 1);
    EXPECT_EQ(event.previous, previous);
    previous = base64url_encode(world.crypto.sha256(domain::bytes_for_hash(event)));
    EXPECT_EQ(event.hash, previous) << "an event's hash is not that of its bytes";
    rebuilt = domain::apply(std::move(rebuilt), event);
  }
  rebuilt.last_event = previous;
  EXPECT_EQ(json::write(rebuilt), json::write(order)) << "an order is not what its events say";
}

void expect_money(const Order& order) {
  std::int64_t subtotal = 0;
  for (const domain::OrderLine& line : order.items) subtotal += line.quantity * line.unit_price;
  EXPECT_EQ(order.subtotal, subtotal);
  EXPECT_EQ(order.total, subtotal - order.discount + order.shipping + order.tax);
  int captures = 0;
  for (const domain::PaymentAttempt& attempt : order.attempts) {
    if (attempt.status != domain::PaymentStatus::kConfirmed) continue;
    ++captures;
    EXPECT_EQ(attempt.amount, order.total);
  }
  EXPECT_LE(captures, 1) << "paid twice: " << order.id.text;
  EXPECT_LE(domain::refunded_or_under_way(order), domain::captured(order)) << "more refunded than paid";
}

void expect_index_entries(const Order& order, const ports::Inspection::StoredRecord& record) {
  EXPECT_EQ(record.indexes, app::keys::index_entries(order));
  EXPECT_EQ(record.record.version, static_cast<std::uint64_t>(order.version));
}

void expect_stock(const Contents& contents) {
  std::map<std::string, std::int64_t> reserved;
  std::map<std::string, std::int64_t> sold;
  for (const auto& [partition, order] : contents.orders) {
    if (order.status == domain::OrderStatus::kCancelled) continue;
    for (const domain::Quantity& line : domain::stock_of(order)) {
      const std::string bucket = app::keys::stock(line.product_id, line.bucket).partition;
      (domain::holds_stock(order.status) ? reserved : sold)[bucket] += line.quantity;
    }
  }
  for (const auto& [partition, counters] : contents.stock) {
    EXPECT_GE(counters.available, 0) << partition;
    EXPECT_EQ(counters.reserved, reserved[partition]) << partition;
    EXPECT_EQ(counters.available, counters.received - reserved[partition] - sold[partition]) << partition;
  }
}

void expect_invoices(const World& world, const Contents& contents) {
  std::map<std::string, std::pair<std::int64_t, std::string>> last;  // of each series: number and hash
  std::map<std::string, int> of_order;
  for (const auto& [partition, invoice] : contents.invoices) {
    auto& [sequence, hash] = last[invoice.series];
    EXPECT_EQ(invoice.sequence, sequence + 1) << "a gap or a repeat in " << invoice.series;
    EXPECT_EQ(invoice.previous, hash) << invoice.number;
    EXPECT_EQ(invoice.hash, base64url_encode(world.crypto.sha256(domain::bytes_for_hash(invoice)))) << invoice.number;
    sequence = invoice.sequence;
    hash = invoice.hash;
    if (invoice.kind == domain::InvoiceKind::kInvoice) ++of_order[invoice.order_id.text];
  }
  for (const auto& [partition, head] : contents.heads) {
    const auto& [sequence, hash] = last[partition.substr(std::string_view("SERIES#").size())];
    EXPECT_EQ(head.sequence, sequence);
    EXPECT_EQ(head.hash, hash);
  }
  for (const auto& [order, count] : of_order) EXPECT_EQ(count, 1) << "more than one invoice for " << order;
}

// What the provider holds of an order = captured - refunded, where nothing is under way and nobody reported a result.
void expect_provider(World& world, const Order& order) {
  const auto is_reported = [](const domain::PaymentAttempt& attempt) { return attempt.reference == "reported"; };
  const bool is_open = std::ranges::any_of(
      order.refunds, [](const domain::Refund& refund) { return refund.status == domain::RefundStatus::kRequested; });
  if (is_open || domain::payment_under_way(order) || std::ranges::any_of(order.attempts, is_reported)) return;
  EXPECT_EQ(world.held(order.id), domain::captured(order) - domain::refunded(order))
      << "the provider's books differ for " << order.id.text;
  EXPECT_LE(world.charges(order.id), 1u);
}

}  // namespace

void expect_balanced(const ports::Commit& commit) {
  for (const ports::EventRecord& event : commit.events) {
    if (!is_of_order(event.key)) continue;
    const auto read = json::read_stored<OrderEvent>(event.document);
    std::int64_t sum = 0;
    for (const domain::Posting& posting : read.postings) sum += posting.debit - posting.credit;
    EXPECT_EQ(sum, 0) << "debits and credits differ in " << event.document;
  }
}

void expect_consistent(World& world) {
  const Contents contents = read_contents(world);
  for (const auto& [partition, order] : contents.orders) {
    SCOPED_TRACE(partition);
    const auto events = contents.events.find(partition);
    ASSERT_NE(events, contents.events.end()) << "an order without events";
    expect_history(world, order, events->second);
    expect_money(order);
    expect_index_entries(order, contents.order_records.at(partition));
    expect_provider(world, order);
  }
  EXPECT_EQ(contents.events.size(), contents.orders.size()) << "events without an order";
  expect_stock(contents);
  expect_invoices(world, contents);
}

}  // namespace orderly::fakes
