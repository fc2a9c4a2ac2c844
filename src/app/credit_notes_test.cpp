// Credit notes that meet their invoice's message in every order: a refund may be done before the invoice was issued.
#include <gtest/gtest.h>

#include <map>

#include "app/invoices.h"
#include "app/keys.h"
#include "app/payment_worker.h"
#include "base/limits.h"
#include "tests/fakes/consistency.h"
#include "tests/fakes/world.h"

namespace orderly::app {
namespace {

using fakes::World;
using ports::Message;
using ports::QueueName;

Message delivered(const ports::OutgoingMessage& message) {
  return {{message.queue, message.id, message.due}, message.body, 1};
}

// A paid, shipped and partly refunded order; the messages for its invoice and for its credit note both wait. The World
// checks numbers, hash chains and that the order has no second invoice when it ends.
class CreditNotes : public testing::Test {
 protected:
  CreditNotes() {
    world.store.after_commit([this](const ports::Commit& commit) {
      fakes::expect_balanced(commit);
      for (const ports::Receipt& receipt : commit.acknowledged) ++acknowledged[receipt.message_id];
    });
    id = world.place_order({{"1", 1}});
    world.report(id, "paid");
    for_invoice = waiting(QueueName::kInvoices).at(0);
    world.run(ship_order(world.app, world.owner(), id.text, {}));
    world.refund(id, 500);
    world.run(handle_refund(world.app, waiting(QueueName::kRefunds).at(0)));
    const std::vector<Message> both = waiting(QueueName::kInvoices);
    EXPECT_EQ(both.size(), 2u);
    for_credit_note = both.at(both.at(0).receipt.message_id == for_invoice.receipt.message_id ? 1 : 0);
  }

  std::vector<Message> waiting(QueueName queue) {
    std::vector<Message> messages;
    for (const auto& stored : world.queue.stored()) {
      if (stored.message.queue == queue && !stored.dead) messages.push_back(delivered(stored.message));
    }
    return messages;
  }
  void issue(std::vector<Message> messages) { world.run(issue_invoices(world.app, std::move(messages))); }

  domain::Invoice document(std::string_view shown_number) {
    const auto number = domain::parse_shown_number(shown_number);
    if (!number) return {};
    const auto record =
        world.store.inspect()->record(keys::invoice(domain::sortable_number(number->series, number->sequence)));
    return record ? json::read_stored<domain::Invoice>(record->record.document) : domain::Invoice{};
  }

  void expect_both_issued_once() {
    const domain::Order order = world.order(id);
    EXPECT_EQ(order.invoice, "INV-2026-000001");
    ASSERT_EQ(order.refunds.size(), 1u);
    EXPECT_EQ(order.refunds[0].credit_note, "CRN-2026-000001");
    const domain::Invoice invoice = document(order.invoice);
    EXPECT_EQ(invoice.kind, domain::InvoiceKind::kInvoice);
    EXPECT_EQ(invoice.order_id, id);
    EXPECT_EQ(invoice.total, order.total);
    EXPECT_NE(invoice.hash, "");
    const domain::Invoice note = document(order.refunds[0].credit_note);
    EXPECT_EQ(note.kind, domain::InvoiceKind::kCreditNote);
    EXPECT_EQ(note.corrects, invoice.number);
    EXPECT_EQ(note.refund, order.refunds[0].id.text);
    EXPECT_EQ(note.total, 500);
    EXPECT_NE(note.hash, "");
    EXPECT_EQ(document("INV-2026-000002").number, "");
    EXPECT_EQ(document("CRN-2026-000002").number, "");
    const std::vector<std::string> types = world.event_types(id);
    EXPECT_EQ(std::ranges::count(types, "invoice.issued"), 1);
    EXPECT_EQ(std::ranges::count(types, "credit_note.issued"), 1);
  }
  void expect_acknowledged_once(const Message& message) {
    EXPECT_EQ(acknowledged[message.receipt.message_id], 1);
    EXPECT_FALSE(world.queue.holds(message.receipt));
  }

  World world;
  OrderId id;
  Message for_invoice;
  Message for_credit_note;
  std::map<std::string, int> acknowledged;  // by message: in how many commits
};

TEST_F(CreditNotes, OneThatOvertakesItsInvoiceHasItIssuedFirst) {
  issue({for_credit_note});
  expect_both_issued_once();
  expect_acknowledged_once(for_credit_note);
  EXPECT_TRUE(world.queue.holds(for_invoice.receipt)) << "its turn is still to come";

  issue({for_invoice});  // comes afterwards, with nothing left to do
  expect_both_issued_once();
  expect_acknowledged_once(for_invoice);
}

TEST_F(CreditNotes, OneAheadOfItsInvoiceInTheSameBatchIsIssuedAfterIt) {
  issue({for_credit_note, for_invoice});
  expect_both_issued_once();
  expect_acknowledged_once(for_invoice);
  expect_acknowledged_once(for_credit_note);
}

TEST_F(CreditNotes, OneBehindItsInvoiceInTheSameBatchIsIssuedAfterIt) {
  issue({for_invoice, for_credit_note});
  expect_both_issued_once();
  expect_acknowledged_once(for_invoice);
  expect_acknowledged_once(for_credit_note);
}

TEST_F(CreditNotes, OneThatOvertakesDoesNotHoldUpTheOthersOfItsBatch) {
  const OrderId other = world.place_order({{"2", 1}});
  world.report(other, "paid");
  std::vector<Message> all = waiting(QueueName::kInvoices);
  ASSERT_EQ(all.size(), 3u);
  const Message for_other = *std::ranges::find_if(all, [&](const Message& each) {
    return each.receipt.message_id != for_invoice.receipt.message_id &&
           each.receipt.message_id != for_credit_note.receipt.message_id;
  });
  issue({for_credit_note, for_other, for_invoice});
  expect_acknowledged_once(for_other);
  EXPECT_EQ(world.order(id).invoice, "INV-2026-000001");
  EXPECT_EQ(world.order(other).invoice, "INV-2026-000002");
  EXPECT_EQ(document("CRN-2026-000001").order_id, id);
  EXPECT_EQ(document("INV-2026-000003").number, "");
}

TEST_F(CreditNotes, DeliveredAgainAfterTheyWereHandledTheyIssueNothing) {
  issue({for_credit_note});
  issue({for_invoice});
  issue({for_credit_note, for_invoice});
  issue({for_credit_note});
  expect_both_issued_once();
  expect_acknowledged_once(for_invoice);
  expect_acknowledged_once(for_credit_note);
}

TEST_F(CreditNotes, AnyCommitOfTheirsMayFailInAnyWay) {
  world.store.fail_commit(fakes::CommitFault::kLostAfterDone, 0);
  world.store.fail_commit(fakes::CommitFault::kLostBeforeDone, 2);
  issue({for_credit_note, for_invoice});
  expect_both_issued_once();
  expect_acknowledged_once(for_invoice);
  expect_acknowledged_once(for_credit_note);
}

// A worker took the invoice's message and died: it is hidden while the refund is made by those that live.
TEST_F(CreditNotes, TheWorkersIssueBothWhenTheInvoicesMessageWasLostForAWhile) {
  const OrderId slow = world.place_order({{"1", 1}});
  world.report(slow, "paid");
  world.queue.deliver_to_nobody();
  world.run(ship_order(world.app, world.owner(), slow.text, {}));
  world.refund(slow, 500);
  world.advance(limits::kVisibilityTimeout / 2);
  EXPECT_EQ(world.order(slow).invoice, "INV-2026-000001");
  EXPECT_EQ(world.order(slow).refunds.at(0).credit_note, "CRN-2026-000001");
  EXPECT_EQ(waiting(QueueName::kInvoices).size(), 3u) << "the messages that were lost have not come again yet";

  world.run_until_idle();
  EXPECT_EQ(world.order(slow).invoice, "INV-2026-000001");
  EXPECT_EQ(world.order(id).invoice, "INV-2026-000002");
  EXPECT_EQ(world.order(id).refunds.at(0).credit_note, "CRN-2026-000002");
  EXPECT_EQ(document("INV-2026-000003").number, "");
  EXPECT_EQ(document("CRN-2026-000003").number, "");
  for (const auto& [message, times] : acknowledged) EXPECT_EQ(times, 1) << message;
}

}  // namespace
}  // namespace orderly::app
