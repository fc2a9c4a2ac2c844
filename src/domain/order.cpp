#include "domain/order.h"

#include <algorithm>

namespace orderly::domain {

namespace {

template <class Status>
struct Transition {
  Status from;
  Status to;
};

using enum OrderStatus;

// The first status, pending, follows nothing.
constexpr Transition<OrderStatus> kOrderTransitions[] = {
    {kPending, kProcessing},    // a payment attempt starts
    {kDeclined, kProcessing},   // another one does
    {kProcessing, kConfirmed},  // paid
    {kProcessing, kDeclined},   // the attempt was declined
    {kPending, kCancelled},     // by the client, staff or expiry
    {kDeclined, kCancelled},    // likewise
    {kConfirmed, kCancelled},   // with a refund
    {kConfirmed, kShipped},     // by staff, or the automatic delivery
    {kShipped, kDelivered},     // by staff, the carrier, or the automatic delivery
    {kShipped, kRefunded},      // all of the money went back
    {kDelivered, kRefunded},    // likewise
};

constexpr Transition<PaymentStatus> kPaymentTransitions[] = {
    {PaymentStatus::kInitializing, PaymentStatus::kProcessing},
    {PaymentStatus::kInitializing, PaymentStatus::kDeclined},  // the order was cancelled before the provider was asked
    {PaymentStatus::kProcessing, PaymentStatus::kConfirmed},
    {PaymentStatus::kProcessing, PaymentStatus::kDeclined},
    {PaymentStatus::kProcessing, PaymentStatus::kUnknown},
    {PaymentStatus::kUnknown, PaymentStatus::kConfirmed},  // by the reconciler
    {PaymentStatus::kUnknown, PaymentStatus::kDeclined},   // likewise
};

constexpr Transition<RefundStatus> kRefundTransitions[] = {
    {RefundStatus::kRequested, RefundStatus::kDone},
    {RefundStatus::kRequested, RefundStatus::kFailed},
};

template <class Table, class Status>
bool has_transition(const Table& table, Status from, Status to) {
  return std::any_of(std::begin(table), std::end(table),
                     [&](const Transition<Status>& each) { return each.from == from && each.to == to; });
}

}  // namespace

bool may_follow(OrderStatus from, OrderStatus to) { return has_transition(kOrderTransitions, from, to); }

bool may_follow(PaymentStatus from, PaymentStatus to) { return has_transition(kPaymentTransitions, from, to); }

bool may_follow(RefundStatus from, RefundStatus to) { return has_transition(kRefundTransitions, from, to); }

bool holds_stock(OrderStatus status) { return status == kPending || status == kProcessing || status == kDeclined; }

bool is_paid(OrderStatus status) {
  return status == kConfirmed || status == kShipped || status == kDelivered || status == kRefunded;
}

std::vector<Quantity> quantities(const std::vector<OrderLine>& lines) {
  std::vector<Quantity> quantities;
  quantities.reserve(lines.size());
  for (const OrderLine& line : lines) quantities.push_back({line.product_id, line.quantity});
  return quantities;
}

std::vector<Quantity> stock_of(const Order& order) { return in_buckets(quantities(order.items), order.shares); }

const PaymentAttempt* latest_attempt(const Order& order) {
  return order.attempts.empty() ? nullptr : &order.attempts.back();
}

std::optional<PaymentStatus> payment_status(const Order& order) {
  const PaymentAttempt* attempt = latest_attempt(order);
  return attempt == nullptr ? std::nullopt : std::optional(attempt->status);
}

bool payment_under_way(const Order& order) {
  const std::optional<PaymentStatus> status = payment_status(order);
  return status && *status != PaymentStatus::kConfirmed && *status != PaymentStatus::kDeclined;
}

const PaymentAttempt* captured_attempt(const Order& order) {
  for (const PaymentAttempt& attempt : order.attempts) {
    if (attempt.status == PaymentStatus::kConfirmed) return &attempt;
  }
  return nullptr;
}

std::int64_t captured(const Order& order) {
  const PaymentAttempt* attempt = captured_attempt(order);
  return attempt == nullptr ? 0 : attempt->amount;
}

std::int64_t refunded_or_under_way(const Order& order) {
  std::int64_t sum = 0;
  for (const Refund& refund : order.refunds) {
    if (refund.status != RefundStatus::kFailed) sum = checked_add(sum, refund.amount);
  }
  return sum;
}

std::int64_t refunded(const Order& order) {
  std::int64_t sum = 0;
  for (const Refund& refund : order.refunds) {
    if (refund.status == RefundStatus::kDone) sum = checked_add(sum, refund.amount);
  }
  return sum;
}

}  // namespace orderly::domain
