// The tables, and what can be asked of an order.
#include "domain/order.h"

#include <gtest/gtest.h>

#include <set>

#include "domain/order_samples.h"

namespace orderly::domain {
namespace {

using namespace samples;

using Pairs = std::set<std::pair<std::string_view, std::string_view>>;

// Every pair of statuses that the table allows, by name.
template <class Status>
Pairs allowed() {
  Pairs pairs;
  for (const auto& [from, from_name] : enum_names(Status{})) {
    for (const auto& [to, to_name] : enum_names(Status{})) {
      if (may_follow(from, to)) pairs.insert({from_name, to_name});
    }
  }
  return pairs;
}

TEST(OrderTable, AllowsTheseTransitionsAndNoOther) {
  const Pairs expected = {
      {"pending", "processing"},  {"pending", "cancelled"},  {"processing", "confirmed"}, {"processing", "declined"},
      {"declined", "processing"}, {"declined", "cancelled"}, {"confirmed", "cancelled"},  {"confirmed", "shipped"},
      {"shipped", "delivered"},   {"shipped", "refunded"},   {"delivered", "refunded"},
  };
  EXPECT_EQ(allowed<OrderStatus>(), expected);
}

TEST(PaymentTable, AllowsTheseTransitionsAndNoOther) {
  const Pairs expected = {
      {"initializing", "processing"}, {"initializing", "declined"}, {"processing", "confirmed"},
      {"processing", "declined"},     {"processing", "unknown"},    {"unknown", "confirmed"},
      {"unknown", "declined"},
  };
  EXPECT_EQ(allowed<PaymentStatus>(), expected);
}

TEST(RefundTable, AllowsTheseTransitionsAndNoOther) {
  const Pairs expected = {{"requested", "done"}, {"requested", "failed"}};
  EXPECT_EQ(allowed<RefundStatus>(), expected);
}

TEST(OrderStatus, HoldsStockUntilItIsPaidOrCancelled) {
  std::set<std::string_view> holding;
  std::set<std::string_view> paid;
  for (const auto& [status, name] : enum_names(OrderStatus{})) {
    if (holds_stock(status)) holding.insert(name);
    if (is_paid(status)) paid.insert(name);
  }
  EXPECT_EQ(holding, (std::set<std::string_view>{"pending", "processing", "declined"}));
  EXPECT_EQ(paid, (std::set<std::string_view>{"confirmed", "shipped", "delivered", "refunded"}));
}

TEST(Order, KnowsItsLatestPayment) {
  Placement unpaid = placement();
  unpaid.payment_method.reset();
  EXPECT_EQ(latest_attempt(pending(unpaid)), nullptr);
  EXPECT_EQ(payment_status(pending(unpaid)), std::nullopt);
  EXPECT_FALSE(payment_under_way(pending(unpaid)));

  const Order again = start_payment(declined(), "pm_other", kLater).order;
  EXPECT_EQ(latest_attempt(again)->method, "pm_other");
  EXPECT_EQ(payment_status(again), PaymentStatus::kInitializing);
}

TEST(Order, APaymentIsUnderWayUntilItsOutcomeIsKnown) {
  EXPECT_TRUE(payment_under_way(pending()));
  EXPECT_TRUE(payment_under_way(processing()));
  EXPECT_TRUE(payment_under_way(payment_unknown(processing(), "timeout", kLater).order));
  EXPECT_FALSE(payment_under_way(declined()));
  EXPECT_FALSE(payment_under_way(confirmed()));
}

TEST(Order, CountsRefundsUnderWayAndDoneButNotFailedOnes) {
  const Order paid = shipped(pending(plain_placement(100)));
  EXPECT_EQ(captured(paid), 100);
  EXPECT_EQ(captured_attempt(paid)->reference, "ch_1");
  EXPECT_EQ(captured(declined()), 0);
  EXPECT_EQ(captured_attempt(declined()), nullptr);

  const Order requested = with_refund(paid, 60);
  EXPECT_EQ(refunded_or_under_way(requested), 60);
  EXPECT_EQ(refunded(requested), 0);
  EXPECT_EQ(refunded_or_under_way(with_refund_failed(requested)), 0);
  EXPECT_EQ(refunded(with_refund_failed(requested)), 0);
  EXPECT_EQ(refunded_or_under_way(with_refund_done(requested)), 60);
  EXPECT_EQ(refunded(with_refund_done(requested)), 60);
}

TEST(Order, SeesItsLinesAsStock) {
  const std::vector<Quantity> stock = quantities(placement().items);
  ASSERT_EQ(stock.size(), 2u);
  EXPECT_EQ(stock[0].product_id, "1");
  EXPECT_EQ(stock[0].quantity, 2);
  EXPECT_EQ(stock[1].product_id, "2");
  EXPECT_EQ(stock[1].quantity, 1);
}

}  // namespace
}  // namespace orderly::domain
