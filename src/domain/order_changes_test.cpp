// What each change does, and that every change is refused wherever the tables do not allow it.
#include <gtest/gtest.h>

#include <functional>

#include "base/limits.h"
#include "domain/order_samples.h"

namespace orderly::domain {
namespace {

using namespace samples;

const TransactionId kNoRefund = transaction_id(order_id(), 1000);

TransactionId last_refund(const Order& order) { return order.refunds.empty() ? kNoRefund : order.refunds.back().id; }

struct Command {
  std::string_view name;
  std::function<Change(const Order&)> run;
};

const std::vector<Command>& commands() {
  static const std::vector<Command> kCommands = {
      {"amend", [](const Order& o) { return amend(o, std::nullopt, "bmV3", {}, kLater); }},
      {"start_payment", [](const Order& o) { return start_payment(o, "pm_card_visa", kLater); }},
      {"begin_processing", [](const Order& o) { return begin_processing(o, kLater); }},
      {"confirm_payment", [](const Order& o) { return confirm_payment(o, "ch_1", kLater); }},
      {"decline_payment", [](const Order& o) { return decline_payment(o, "card-declined", kLater); }},
      {"payment_unknown", [](const Order& o) { return payment_unknown(o, "timeout", kLater); }},
      {"cancel", [](const Order& o) { return cancel(o, "changed-mind", kLater); }},
      {"refund a part", [](const Order& o) { return request_refund(o, 1, "damaged", kLater); }},
      {"refund all", [](const Order& o) { return request_refund(o, std::nullopt, "damaged", kLater); }},
      {"complete_refund", [](const Order& o) { return complete_refund(o, last_refund(o), "re_1", kLater); }},
      {"fail_refund", [](const Order& o) { return fail_refund(o, last_refund(o), "closed", kLater); }},
      {"ship", [](const Order& o) { return ship(o, kLater); }},
      {"deliver", [](const Order& o) { return deliver(o, kLater); }},
      {"attach_invoice", [](const Order& o) { return attach_invoice(o, "INV-2026-000001", kLater); }},
      {"attach_credit_note",
       [](const Order& o) { return attach_credit_note(o, last_refund(o), "CRN-2026-000001", kLater); }},
      {"claim", [](const Order& o) { return claim(o, "cli_1", "bmV3", kLater); }},
  };
  return kCommands;
}

// What may be done in a situation, and the events it leads to. Whatever is not listed is refused as an illegal
// transition, and what concerns a refund, where there is none, as not found.
using Expected = std::map<std::string_view, std::map<std::string_view, std::string_view>>;
const Expected kExpected = {
    {"pending, no payment",
     {{"amend", "order.amended"}, {"start_payment", "payment.initialized"}, {"cancel", "order.cancelled"}}},
    {"pending, payment initializing",
     {{"amend", "order.amended"},
      {"start_payment", "!payment-under-way"},
      {"begin_processing", "payment.processing"},
      {"cancel", "order.cancelled"}}},
    {"processing",
     {{"start_payment", "!payment-under-way"},
      {"confirm_payment", "payment.confirmed"},
      {"decline_payment", "payment.declined"},
      {"payment_unknown", "payment.unknown"},
      {"cancel", "order.cancel_requested"}}},
    {"processing, outcome unknown",
     {{"start_payment", "!payment-under-way"},
      {"confirm_payment", "payment.confirmed"},
      {"decline_payment", "payment.declined"},
      {"cancel", "order.cancel_requested"}}},
    {"processing, cancel requested",
     {{"start_payment", "!payment-under-way"},
      {"confirm_payment", "payment.confirmed order.cancelled"},
      {"decline_payment", "payment.declined order.cancelled"},
      {"payment_unknown", "payment.unknown"},
      {"cancel", "nothing"}}},
    {"declined", {{"amend", "order.amended"}, {"start_payment", "payment.initialized"}, {"cancel", "order.cancelled"}}},
    {"declined, payment initializing",
     {{"amend", "order.amended"},
      {"start_payment", "!payment-under-way"},
      {"begin_processing", "payment.processing"},
      {"cancel", "order.cancelled"}}},
    {"confirmed",
     {{"cancel", "order.cancelled"},
      {"refund a part", "refund.requested"},
      {"ship", "order.shipped"},
      {"attach_invoice", "invoice.issued"}}},
    {"confirmed, part requested back",
     {{"cancel", "order.cancelled"},
      {"refund a part", "refund.requested"},
      {"complete_refund", "refund.done"},
      {"fail_refund", "refund.failed"},
      {"ship", "order.shipped"},
      {"attach_invoice", "invoice.issued"}}},
    {"shipped",
     {{"refund a part", "refund.requested"},
      {"refund all", "refund.requested"},
      {"deliver", "order.delivered"},
      {"attach_invoice", "invoice.issued"}}},
    {"shipped, all requested back",
     {{"refund a part", "!refund-exceeds-payment"},
      {"refund all", "!refund-exceeds-payment"},
      {"complete_refund", "refund.done"},
      {"fail_refund", "refund.failed"},
      {"deliver", "order.delivered"},
      {"attach_invoice", "invoice.issued"}}},
    {"shipped, invoiced, part given back",
     {{"refund a part", "refund.requested"},
      {"refund all", "refund.requested"},
      {"deliver", "order.delivered"},
      {"attach_credit_note", "credit_note.issued"}}},
    {"delivered",
     {{"refund a part", "refund.requested"}, {"refund all", "refund.requested"}, {"attach_invoice", "invoice.issued"}}},
    {"cancelled, unpaid", {}},
    {"cancelled, paid", {{"complete_refund", "refund.done"}, {"fail_refund", "refund.failed"}}},
    {"cancelled, refund failed", {{"refund a part", "refund.requested"}, {"refund all", "refund.requested"}}},
    {"refunded", {{"attach_invoice", "invoice.issued"}}},
};

std::string_view expected_outcome(const Situation& situation, const Command& command) {
  const auto& legal = kExpected.at(situation.name);
  const auto found = legal.find(command.name);
  if (found != legal.end()) return found->second;
  if (command.name == "claim") return "order.claimed";  // whose it is has nothing to do with how far it is
  const bool concerns_a_refund = command.name.ends_with("_refund") || command.name == "attach_credit_note";
  return concerns_a_refund && situation.order.refunds.empty() ? "!not-found" : "!illegal-transition";
}

TEST(EveryChange, IsLegalInTheseSituationsAndRefusedInAllOthers) {
  for (const Situation& situation : situations()) {
    for (const Command& command : commands()) {
      const Order before = situation.order;
      EXPECT_EQ(outcome_of([&] { return command.run(situation.order); }), expected_outcome(situation, command))
          << command.name << " when " << situation.name;
      EXPECT_EQ(situation.order, before) << command.name << " when " << situation.name;
    }
  }
}

TEST(EveryChange, LeadsToTheOrderThatItsEventsLeadTo) {
  for (const Situation& situation : situations()) {
    for (const Command& command : commands()) {
      if (outcome_of([&] { return command.run(situation.order); }).starts_with('!')) continue;
      const Change change = command.run(situation.order);
      Order order = situation.order;
      for (const OrderEvent& event : change.events) {
        order = apply(order, event);
        EXPECT_EQ(event.at, kLater);
        EXPECT_EQ(event.currency, situation.order.currency) << "an empty currency would not read back";
        EXPECT_TRUE(is_balanced(event.postings));
      }
      EXPECT_EQ(change.order, order) << command.name << " when " << situation.name;
      EXPECT_EQ(change.order.version, situation.order.version + static_cast<std::int64_t>(change.events.size()));
    }
  }
}

TEST(EveryChange, SaysInASentenceWhyItIsRefused) {
  try {
    cancel(delivered(), "changed-mind", kLater);
    FAIL() << "a delivered order was cancelled";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kRefused);
    EXPECT_EQ(error.message(), "An order that is delivered cannot be cancelled.");
  }
}

TEST(Claim, ChangesWhoseItIsAndNothingElse) {
  for (const Situation& situation : situations()) {
    const Change change = claim(situation.order, "cli_1", "bmV3", kLater);
    Order expected = situation.order;
    if (!expected.invoice.empty()) expected.invoiced_to = expected.client_id;
    expected.client_id = "cli_1";
    expected.sealed = "bmV3";
    expected.version += 1;
    expected.updated_at = kLater;
    EXPECT_EQ(change.order, expected) << situation.name;
    ASSERT_EQ(change.events.size(), 1u);
    EXPECT_TRUE(change.events[0].stock.empty()) << situation.name;
    EXPECT_TRUE(change.events[0].postings.empty()) << situation.name;
    EXPECT_EQ(change.events[0].from, situation.order.status);
    EXPECT_EQ(change.events[0].to, situation.order.status);
  }
}

TEST(Claim, LeavesOutAnAddressThatNobodyCanOpen) {
  EXPECT_EQ(claim(confirmed(), "cli_1", "", kLater).order.sealed, "");
}

// --- Placing and amending -------------------------------------------------------------------------------------------

TEST(Place, ReservesStockPricesTheLinesAndPreparesThePayment) {
  const Change change = place(placement(), kPlacedAt);

  const Order& order = change.order;
  EXPECT_EQ(order.status, OrderStatus::kPending);
  EXPECT_EQ(order.client_id, "u1");
  EXPECT_EQ(order.items[0].amount, 19000);
  EXPECT_EQ(order.subtotal, 20050);
  EXPECT_EQ(order.shipping, 999);
  EXPECT_EQ(order.tax, 4000);
  EXPECT_EQ(order.total, 25049);
  EXPECT_EQ(order.version, 1);
  EXPECT_EQ(order.created_at, kPlacedAt);
  EXPECT_EQ(order.updated_at, kPlacedAt);
  EXPECT_EQ(order.expires_at, kTooLate);
  ASSERT_EQ(order.attempts.size(), 1u);
  EXPECT_EQ(order.attempts[0].id, transaction_id(order.id, 1));
  EXPECT_EQ(order.attempts[0].amount, 25049);
  EXPECT_EQ(order.attempts[0].method, "pm_card_visa");
  ASSERT_EQ(change.events.size(), 1u);
  EXPECT_EQ(change.events[0].from, std::nullopt);
  EXPECT_EQ(change.events[0].stock, (std::vector<StockMove>{{"1", -2, 2}, {"2", -1, 1}}));
  EXPECT_TRUE(change.events[0].postings.empty()) << "no money has moved yet";
}

TEST(Place, WithoutPaymentMethodStartsNoPayment) {
  Placement unpaid = placement();
  unpaid.payment_method.reset();
  EXPECT_TRUE(place(unpaid, kPlacedAt).order.attempts.empty());
}

TEST(Place, RefusesAmountsOutOfRange) {
  for (const std::int64_t unit_price : {limits::kAmountMinorMax, std::numeric_limits<std::int64_t>::max()}) {
    Placement huge = placement();
    huge.items[0].unit_price = unit_price;
    EXPECT_EQ(outcome_of([&] { return place(huge, kPlacedAt); }), "!amount-out-of-range") << unit_price;
  }
}

TEST(Amend, MovesStockByTheDifferenceAndTheWaitingPaymentFollows) {
  const Order order = pending();
  const Change change = amend(order, std::vector<OrderLine>{{"2", "SKU-2", "Lamp", 3, 1050, 0}}, std::nullopt,
                              {500, 0, Rounding::kPerLine}, kLater);

  EXPECT_EQ(change.order.total, 3650);
  EXPECT_EQ(change.order.sealed, order.sealed);
  EXPECT_EQ(change.order.client_id, order.client_id);
  EXPECT_EQ(change.order.expires_at, order.expires_at);
  EXPECT_EQ(change.order.attempts[0].amount, 3650);
  EXPECT_EQ(change.events[0].stock, (std::vector<StockMove>{{"1", 2, -2}, {"2", -2, 2}}));
}

TEST(Amend, OfTheAddressAloneKeepsThePriceThatWasPromised) {
  const Order order = pending();
  const Change change = amend(order, std::nullopt, "bmV3", {1, 1, Rounding::kPerOrder}, kLater);
  EXPECT_EQ(change.order.sealed, "bmV3");
  EXPECT_EQ(change.order.total, order.total);
  EXPECT_EQ(change.order.price, order.price);
  EXPECT_EQ(change.order.attempts, order.attempts);
  EXPECT_TRUE(change.events[0].stock.empty());
}

TEST(Amend, LeavesPiecesInTheirBuckets) {
  Placement wanted = placement();
  wanted.taken = {{"1", 1, 3}, {"2", 1, 5}};
  const Order order = pending(wanted);
  EXPECT_EQ(order.shares, (std::vector<Quantity>{{"1", 1, 3}, {"2", 1, 5}}));
  const Change change =
      amend(order, std::vector<OrderLine>{{"2", "SKU-2", "Lamp", 3, 1050, 0}}, std::nullopt, {}, kLater, {{"2", 2, 4}});
  EXPECT_EQ(change.events[0].stock, (std::vector<StockMove>{{"1", 1, -1, 0}, {"1", 1, -1, 3}, {"2", -2, 2, 4}}));
  EXPECT_EQ(change.order.shares, (std::vector<Quantity>{{"2", 2, 4}, {"2", 1, 5}}));
}

TEST(Buckets, ArePaidFromAndGoneBackToAsTheyWereTakenFrom) {
  Placement wanted = placement();
  wanted.taken = {{"1", 1, 3}, {"2", 1, 5}};
  const Order order = pending(wanted);
  using Moves = std::vector<StockMove>;
  const Change paid = confirm_payment(processing(order), "ch_1", kLater);
  EXPECT_EQ(paid.events[0].stock, (Moves{{"1", 0, -1, 0}, {"1", 0, -1, 3}, {"2", 0, -1, 5}}));
  EXPECT_EQ(paid.order.shares, order.shares);
  const Change back = cancel(paid.order, "changed-mind", kLater);
  EXPECT_EQ(back.events[0].stock, (Moves{{"1", 1, 0, 0}, {"1", 1, 0, 3}, {"2", 1, 0, 5}}));
  EXPECT_TRUE(back.order.shares.empty());
  const Change released = cancel(order, "changed-mind", kLater);
  EXPECT_EQ(released.events[0].stock, (Moves{{"1", 1, -1, 0}, {"1", 1, -1, 3}, {"2", 1, -1, 5}}));
  EXPECT_TRUE(released.order.shares.empty());
}

TEST(Amend, DoesNotTouchAPaymentThatWasDeclined) {
  const Order order = declined();
  const Change change = amend(order, std::vector<OrderLine>{{"1", "", "Chair", 1, 5, 0}}, std::nullopt, {}, kLater);
  EXPECT_EQ(change.order.attempts, order.attempts);
  EXPECT_EQ(change.order.total, 5);
}

// --- Payment --------------------------------------------------------------------------------------------------------

TEST(StartPayment, CountsAttemptsAndRefundsTogether) {
  const Order again = start_payment(declined(), "pm_other", kLater).order;
  EXPECT_EQ(again.status, OrderStatus::kDeclined) << "until the attempt is processing";
  EXPECT_EQ(again.attempts.back().id, transaction_id(again.id, 2));
  EXPECT_EQ(again.attempts.back().amount, again.total);

  const Order paid = confirm_payment(begin_processing(again, kLater).order, "ch_2", kLater).order;
  EXPECT_EQ(with_refund(paid, 10).refunds.back().id, transaction_id(again.id, 3));
}

TEST(StartPayment, StopsAtTheLimitOfAttempts) {
  Order order = declined();
  while (order.attempts.size() < limits::kAttemptsMax) {
    order = start_payment(order, "pm", kLater).order;
    order = begin_processing(order, kLater).order;
    order = decline_payment(order, "card-declined", kLater).order;
  }
  EXPECT_EQ(outcome_of([&] { return start_payment(order, "pm", kLater); }), "!too-many-attempts");
}

TEST(ConfirmPayment, TakesTheStockAndBooksTheSale) {
  const Change change = confirm_payment(processing(), "ch_1", kLater);
  EXPECT_EQ(change.order.status, OrderStatus::kConfirmed);
  EXPECT_EQ(change.order.attempts[0].status, PaymentStatus::kConfirmed);
  EXPECT_EQ(change.order.attempts[0].reference, "ch_1");
  EXPECT_EQ(change.order.attempts[0].reason, "");
  EXPECT_EQ(change.events[0].stock, (std::vector<StockMove>{{"1", 0, -2}, {"2", 0, -1}}));
  EXPECT_EQ(change.events[0].postings, sale_paid(20050, 999, 4000));
}

TEST(ConfirmPayment, AfterACancelGivesEverythingBack) {
  const Order requested = cancel(processing(), "changed-mind", kLater).order;
  const Change change = confirm_payment(requested, "ch_1", kLater);

  EXPECT_EQ(change.order.status, OrderStatus::kCancelled);
  EXPECT_EQ(change.order.cancel_reason, "changed-mind");
  EXPECT_FALSE(change.order.cancel_requested) << "the request was met";
  ASSERT_EQ(change.events.size(), 2u);
  EXPECT_EQ(change.events[1].stock, (std::vector<StockMove>{{"1", 2, 0}, {"2", 1, 0}}));
  ASSERT_EQ(change.order.refunds.size(), 1u);
  EXPECT_EQ(change.order.refunds[0].amount, change.order.total);
  EXPECT_EQ(change.order.refunds[0].payment, change.order.attempts[0].id);
  EXPECT_EQ(change.order.refunds[0].id, transaction_id(change.order.id, 2));
}

TEST(DeclinePayment, KeepsTheStockForAnotherAttempt) {
  const Change change = decline_payment(processing(), "card-declined", kLater);
  EXPECT_EQ(change.order.status, OrderStatus::kDeclined);
  EXPECT_EQ(change.order.attempts[0].reason, "card-declined");
  EXPECT_TRUE(change.events[0].stock.empty());
  EXPECT_TRUE(change.events[0].postings.empty());
}

TEST(DeclinePayment, WhenTheOrderHasExpiredCancelsIt) {
  const Order order = processing();
  EXPECT_EQ(decline_payment(order, "card-declined", kTooLate - Duration{1}).order.status, OrderStatus::kDeclined);
  const Change change = decline_payment(order, "card-declined", kTooLate);
  EXPECT_EQ(change.order.status, OrderStatus::kCancelled);
  EXPECT_EQ(change.order.cancel_reason, kExpired);
  ASSERT_EQ(change.events.size(), 2u);
  EXPECT_TRUE(change.events[0].stock.empty());
  EXPECT_EQ(change.events[1].stock, (std::vector<StockMove>{{"1", 2, -2}, {"2", 1, -1}}));
}

TEST(DeclinePayment, AfterACancelCancelsForTheReasonGivenThen) {
  const Order requested = cancel(processing(), "changed-mind", kLater).order;
  const Change change = decline_payment(requested, "card-declined", kTooLate);
  EXPECT_EQ(change.order.status, OrderStatus::kCancelled);
  EXPECT_EQ(change.order.cancel_reason, "changed-mind");
  EXPECT_TRUE(change.order.refunds.empty());
}

TEST(PaymentUnknown, IsAStateThatOnlyAnAnswerEnds) {
  const Change change = payment_unknown(processing(), "timeout", kLater);
  EXPECT_EQ(change.order.status, OrderStatus::kProcessing);
  EXPECT_EQ(payment_status(change.order), PaymentStatus::kUnknown);
  EXPECT_EQ(change.order.attempts[0].reason, "timeout");

  const Order settled = confirm_payment(change.order, "ch_1", kLater).order;
  EXPECT_EQ(settled.status, OrderStatus::kConfirmed);
  EXPECT_EQ(settled.attempts[0].reason, "") << "it is not uncertain any more";
}

// --- Cancelling -----------------------------------------------------------------------------------------------------

TEST(Cancel, BeforePaymentReleasesTheStockAndTheWaitingAttempt) {
  const Change change = cancel(pending(), "changed-mind", kLater);
  EXPECT_EQ(change.order.status, OrderStatus::kCancelled);
  EXPECT_EQ(change.order.cancel_reason, "changed-mind");
  EXPECT_EQ(change.events[0].stock, (std::vector<StockMove>{{"1", 2, -2}, {"2", 1, -1}}));
  EXPECT_EQ(change.order.attempts[0].status, PaymentStatus::kDeclined);
  EXPECT_EQ(change.order.attempts[0].reason, "order-cancelled");
  EXPECT_TRUE(change.order.refunds.empty());
}

TEST(Cancel, DoesNotRewriteADeclinedAttempt) {
  const Change change = cancel(declined(), "changed-mind", kLater);
  EXPECT_FALSE(change.events[0].attempt);
  EXPECT_EQ(change.order.attempts[0].reason, "card-declined");
}

TEST(Cancel, DuringPaymentIsRememberedOnce) {
  const Order requested = cancel(processing(), "changed-mind", kLater).order;
  EXPECT_EQ(requested.status, OrderStatus::kProcessing);
  EXPECT_TRUE(requested.cancel_requested);
  EXPECT_EQ(requested.cancel_reason, "changed-mind");

  const Change again = cancel(requested, "another reason", kTooLate);
  EXPECT_TRUE(again.events.empty());
  EXPECT_EQ(again.order, requested);
}

TEST(Cancel, AfterPaymentPutsBackTheStockAndAsksForTheRestOfTheMoney) {
  const Order order = with_refund(confirmed(pending(plain_placement(100))), 60);
  const Change change = cancel(order, "changed-mind", kLater);
  EXPECT_EQ(change.order.status, OrderStatus::kCancelled);
  EXPECT_EQ(change.events[0].stock, (std::vector<StockMove>{{"1", 1, 0}}));
  ASSERT_EQ(change.order.refunds.size(), 2u);
  EXPECT_EQ(change.order.refunds[1].amount, 40);
  EXPECT_EQ(refunded_or_under_way(change.order), 100);
}

TEST(Cancel, OfAPaidOrderThatCostNothingNeedsNoRefund) {
  const Change change = cancel(confirmed(pending(plain_placement(0))), "changed-mind", kLater);
  EXPECT_EQ(change.order.status, OrderStatus::kCancelled);
  EXPECT_TRUE(change.order.refunds.empty());
}

// --- Refunds --------------------------------------------------------------------------------------------------------

TEST(Refund, TwoOf60OnAPaymentOf100CannotBothPass) {
  const Order order = with_refund(shipped(pending(plain_placement(100))), 60);
  EXPECT_EQ(outcome_of([&] { return request_refund(order, 60, "", kLater); }), "!refund-exceeds-payment");
  EXPECT_EQ(outcome_of([&] { return request_refund(order, 40, "", kLater); }), "refund.requested");
  EXPECT_EQ(outcome_of([&] { return request_refund(with_refund_done(order), 41, "", kLater); }),
            "!refund-exceeds-payment");
  EXPECT_EQ(outcome_of([&] { return request_refund(with_refund_failed(order), 60, "", kLater); }), "refund.requested");
}

TEST(Refund, OfNothingOrLessIsRefused) {
  for (const std::int64_t amount : {std::int64_t{0}, std::int64_t{-1}, std::numeric_limits<std::int64_t>::min()}) {
    EXPECT_EQ(outcome_of([&] { return request_refund(shipped(), amount, "", kLater); }), "!refund-exceeds-payment");
  }
}

TEST(Refund, OfAllOfAConfirmedOrderIsACancellation) {
  const Order order = confirmed(pending(plain_placement(100)));
  for (const std::optional<std::int64_t> all : {std::optional<std::int64_t>{100}, std::optional<std::int64_t>{}}) {
    EXPECT_EQ(outcome_of([&] { return request_refund(order, all, "", kLater); }), "!illegal-transition");
  }
  EXPECT_EQ(outcome_of([&] { return request_refund(with_refund(order, 60), 40, "", kLater); }), "!illegal-transition");
}

TEST(Refund, DoneIsBookedWithItsShareOfTheTax) {
  const Order order = with_refund(shipped(), 10000);
  const Change change = complete_refund(order, order.refunds[0].id, "re_1", kLater);
  EXPECT_EQ(change.order.status, OrderStatus::kShipped);
  EXPECT_EQ(change.order.refunds[0].status, RefundStatus::kDone);
  EXPECT_EQ(change.order.refunds[0].reference, "re_1");
  EXPECT_EQ(change.order.refunds[0].tax, 1597);  // 10000 × 4000 / 25049 = 1596.87
  EXPECT_EQ(change.events[0].postings, money_returned(10000, 1597));
}

TEST(Refund, PartsGiveBackExactlyTheTaxOfTheOrder) {
  Order order = shipped();  // 250.49 with 40.00 tax
  for (int part = 0; part < 17; ++part) order = with_refund_done(with_refund(order, 1399));
  EXPECT_EQ(order.status, OrderStatus::kShipped);
  order = with_refund_done(with_refund(order, std::nullopt));
  EXPECT_EQ(order.status, OrderStatus::kRefunded);
  std::int64_t tax = 0;
  for (const Refund& refund : order.refunds) tax += refund.tax;
  EXPECT_EQ(tax, order.tax);
}

TEST(Refund, OfEverythingEndsAsRefundedOnlyWhenAllOfItIsDone) {
  const Order half = with_refund(delivered(pending(plain_placement(100))), 50);
  const Order both = with_refund(half, 50);
  const Order one_done = complete_refund(both, both.refunds[1].id, "re_2", kLater).order;
  EXPECT_EQ(one_done.status, OrderStatus::kDelivered);
  EXPECT_EQ(complete_refund(one_done, both.refunds[0].id, "re_1", kLater).order.status, OrderStatus::kRefunded);
}

TEST(Refund, ThatFailedOnACancelledOrderCanBeAskedForAgain) {
  const Order order = with_refund_failed(cancel(confirmed(), "changed-mind", kLater).order);
  const Order again = with_refund_done(with_refund(order, std::nullopt));
  EXPECT_EQ(again.status, OrderStatus::kCancelled);
  EXPECT_EQ(refunded(again), captured(again));
  EXPECT_EQ(outcome_of([&] { return request_refund(again, std::nullopt, "", kLater); }), "!illegal-transition");
}

TEST(Refund, StopsAtTheLimitButACancelStillGivesTheRestBack) {
  Order order = confirmed();
  while (order.refunds.size() < limits::kRefundsMax) order = with_refund(order, 1);
  EXPECT_EQ(outcome_of([&] { return request_refund(order, 1, "", kLater); }), "!too-many-refunds");
  EXPECT_EQ(refunded_or_under_way(cancel(order, "", kLater).order), order.total);
}

// --- Documents ------------------------------------------------------------------------------------------------------

TEST(Invoice, IsAttachedOnce) {
  const Order order = with_invoice(confirmed());
  EXPECT_EQ(order.invoice, "INV-2026-000001");
  EXPECT_EQ(order.status, OrderStatus::kConfirmed);
  EXPECT_EQ(outcome_of([&] { return attach_invoice(order, "INV-2026-000002", kLater); }), "!illegal-transition");
}

TEST(CreditNote, IsAttachedOnceToARefundThatIsDone) {
  const Order requested = with_refund(with_invoice(shipped()), 60);
  const TransactionId id = requested.refunds[0].id;
  const auto attach = [&](const Order& order) {
    return outcome_of([&] { return attach_credit_note(order, id, "CRN-2026-000001", kLater); });
  };
  EXPECT_EQ(attach(requested), "!illegal-transition");
  const Order done = with_refund_done(requested);
  EXPECT_EQ(attach(done), "credit_note.issued");
  const Order noted = attach_credit_note(done, id, "CRN-2026-000001", kLater).order;
  EXPECT_EQ(noted.refunds[0].credit_note, "CRN-2026-000001");
  EXPECT_EQ(attach(noted), "!illegal-transition");
}

}  // namespace
}  // namespace orderly::domain
