// The functions that decide. Each checks that the change is legal, says it as an event, and lets apply() make it.
#include <algorithm>

#include "base/error.h"
#include "base/limits.h"
#include "domain/order.h"

namespace orderly::domain {

namespace {

[[noreturn]] void refuse(std::string slug, std::string message) {
  throw Error(ErrorCode::kRefused, std::move(slug), std::move(message));
}

[[noreturn]] void refuse_transition(std::string message) { refuse("illegal-transition", std::move(message)); }

// `what` as in "be cancelled".
[[noreturn]] void refuse_order(const Order& order, std::string_view what) {
  refuse_transition("An order that is " + std::string(json::name_of(order.status)) + " cannot " + std::string(what) +
                    ".");
}

void require_follow(const Order& order, OrderStatus to, std::string_view what) {
  if (!may_follow(order.status, to)) refuse_order(order, what);
}

// The latest attempt, which must be able to become `to`.
const PaymentAttempt& require_attempt(const Order& order, PaymentStatus to) {
  const PaymentAttempt* attempt = latest_attempt(order);
  if (attempt == nullptr)
    refuse_transition("The order has no payment that could be " + std::string(json::name_of(to)) + ".");
  if (!may_follow(attempt->status, to)) {
    refuse_transition("A payment that is " + std::string(json::name_of(attempt->status)) + " cannot become " +
                      std::string(json::name_of(to)) + ".");
  }
  return *attempt;
}

const Refund& find_refund(const Order& order, const TransactionId& id) {
  const auto refund =
      std::find_if(order.refunds.begin(), order.refunds.end(), [&](const Refund& each) { return each.id == id; });
  if (refund == order.refunds.end()) throw_not_found("refund");
  return *refund;
}

// The refund of that id, which must be able to become `to`.
const Refund& require_refund(const Order& order, const TransactionId& id, RefundStatus to) {
  const Refund& refund = find_refund(order, id);
  if (!may_follow(refund.status, to)) {
    refuse_transition("A refund that is " + std::string(json::name_of(refund.status)) + " cannot become " +
                      std::string(json::name_of(to)) + ".");
  }
  return refund;
}

TransactionId next_transaction(const Order& order) {
  return transaction_id(order.id, static_cast<int>(order.attempts.size() + order.refunds.size()) + 1);
}

// What happens next to the order, its status the same for now.
OrderEvent next_event(const Order& order, std::string type, Time now) {
  OrderEvent event;
  event.type = std::move(type);
  event.object = order.id;
  event.version = order.version + 1;
  event.at = now;
  event.from = order.status;
  event.to = order.status;
  event.currency = order.currency;
  return event;
}

void append(Change& change, OrderEvent event) {
  change.order = apply(std::move(change.order), event);
  change.events.push_back(std::move(event));
}

Change change_by(const Order& order, OrderEvent event) {
  Change change{order, {}};
  append(change, std::move(event));
  return change;
}

void put_price(OrderContent& content, std::vector<OrderLine> items, const PricingRules& rules) {
  for (OrderLine& line : items) line.amount = line_amount(line);
  Price price = domain::price(items, rules);
  content.items = std::move(items);
  content.subtotal = price.subtotal;
  content.shipping = price.shipping;
  content.tax = price.tax;
  content.discount = price.discount;
  content.total = price.total;
  content.price = std::move(price.components);
}

// An order that is no longer unpaid has no end, and what is said of one has no effect.
OrderContent content_of(const Order& order) {
  return {order.client_id,
          order.currency,
          order.items,
          order.subtotal,
          order.shipping,
          order.tax,
          order.discount,
          order.total,
          order.price,
          order.sealed,
          order.expires_at.value_or(order.created_at)};
}

PaymentAttempt first_state(TransactionId id, std::string method, std::int64_t amount, Time now) {
  PaymentAttempt attempt;
  attempt.id = std::move(id);
  attempt.method = std::move(method);
  attempt.amount = amount;
  attempt.created_at = now;
  attempt.updated_at = now;
  return attempt;
}

PaymentAttempt with_status(PaymentAttempt attempt, PaymentStatus status, std::string reason, Time now) {
  attempt.status = status;
  attempt.reason = std::move(reason);
  attempt.updated_at = now;
  return attempt;
}

Refund new_refund(const Order& order, std::int64_t amount, std::string reason, Time now) {
  Refund refund;
  refund.id = next_transaction(order);
  refund.payment = captured_attempt(order)->id;
  refund.amount = amount;
  refund.reason = std::move(reason);
  refund.created_at = now;
  refund.updated_at = now;
  return refund;
}

std::int64_t refundable(const Order& order) { return checked_subtract(captured(order), refunded_or_under_way(order)); }

// Of the tax of the whole order, the part that falls on the next `amount` to go back. Rounding the running total, not
// each part, makes the parts add up to the order's tax once everything is back.
std::int64_t tax_share(const Order& order, std::int64_t amount) {
  const std::int64_t before = refunded(order);
  const std::int64_t after = checked_add(before, amount);
  return scale_half_even(after, order.tax, order.total) - scale_half_even(before, order.tax, order.total);
}

OrderEvent cancellation(const Order& order, std::string reason, Time now) {
  OrderEvent event = next_event(order, "order.cancelled", now);
  event.to = OrderStatus::kCancelled;
  event.reason = std::move(reason);
  if (holds_stock(order.status)) {
    event.stock = release(stock_of(order));
    const PaymentAttempt* attempt = latest_attempt(order);
    if (attempt != nullptr && attempt->status == PaymentStatus::kInitializing) {
      event.attempt = with_status(*attempt, PaymentStatus::kDeclined, "order-cancelled", now);
    }
  } else {
    event.stock = put_back(stock_of(order));
    const std::int64_t amount = refundable(order);
    if (amount > 0) event.refund = new_refund(order, amount, event.reason, now);
  }
  return event;
}

OrderEvent cancel_request(const Order& order, std::string reason, Time now) {
  OrderEvent event = next_event(order, "order.cancel_requested", now);
  event.cancel_requested = true;
  event.reason = std::move(reason);
  return event;
}

// A cancelled order is among them for the refund that failed and is asked for again.
void require_refundable_status(const Order& order) {
  const bool was_cancelled = order.status == OrderStatus::kCancelled && refundable(order) > 0;
  const bool is_refundable = is_paid(order.status) && order.status != OrderStatus::kRefunded;
  if (!is_refundable && !was_cancelled) refuse_order(order, "be refunded");
}

}  // namespace

Change place(const Placement& placement, Time now) {
  OrderEvent event;
  event.type = "order.placed";
  event.object = placement.id;
  event.version = 1;
  event.at = now;
  event.to = OrderStatus::kPending;
  event.currency = placement.currency;
  OrderContent& content = event.content.emplace();
  content.client_id = placement.client_id;
  content.currency = placement.currency;
  put_price(content, placement.items, placement.pricing);
  content.sealed = placement.sealed;
  content.expires_at = now + placement.expire_after;
  event.stock = reserve(in_buckets(quantities(content.items), placement.taken));
  if (placement.payment_method) {
    event.attempt = first_state(transaction_id(placement.id, 1), *placement.payment_method, content.total, now);
  }
  return change_by(Order{}, std::move(event));
}

Change amend(const Order& order, std::optional<std::vector<OrderLine>> items, std::optional<std::string> sealed,
             const PricingRules& pricing, Time now, const std::vector<Quantity>& taken) {
  const bool is_open = order.status == OrderStatus::kPending || order.status == OrderStatus::kDeclined;
  if (!is_open) refuse_order(order, "be changed");
  OrderEvent event = next_event(order, "order.amended", now);
  OrderContent& content = event.content.emplace(content_of(order));
  if (items) put_price(content, *std::move(items), pricing);
  if (sealed) content.sealed = *std::move(sealed);
  const std::vector<Quantity> before = stock_of(order);
  event.stock = reserve_instead(before, rearranged(before, quantities(content.items), taken));
  const PaymentAttempt* attempt = latest_attempt(order);
  if (attempt != nullptr && attempt->status == PaymentStatus::kInitializing && attempt->amount != content.total) {
    event.attempt = *attempt;
    event.attempt->amount = content.total;
    event.attempt->updated_at = now;
  }
  return change_by(order, std::move(event));
}

Change start_payment(const Order& order, std::string method, Time now) {
  if (payment_under_way(order)) refuse("payment-under-way", "A payment of the order is already under way.");
  require_follow(order, OrderStatus::kProcessing, "be paid");
  if (order.attempts.size() >= limits::kAttemptsMax) {
    refuse("too-many-attempts", "The order's payment was tried too often.");
  }
  OrderEvent event = next_event(order, "payment.initialized", now);
  event.attempt = first_state(next_transaction(order), std::move(method), order.total, now);
  return change_by(order, std::move(event));
}

Change begin_processing(const Order& order, Time now) {
  require_follow(order, OrderStatus::kProcessing, "be paid");
  const PaymentAttempt& attempt = require_attempt(order, PaymentStatus::kProcessing);
  OrderEvent event = next_event(order, "payment.processing", now);
  event.to = OrderStatus::kProcessing;
  event.attempt = with_status(attempt, PaymentStatus::kProcessing, "", now);
  return change_by(order, std::move(event));
}

Change confirm_payment(const Order& order, std::string reference, Time now) {
  require_follow(order, OrderStatus::kConfirmed, "become confirmed");
  const PaymentAttempt& attempt = require_attempt(order, PaymentStatus::kConfirmed);
  OrderEvent event = next_event(order, "payment.confirmed", now);
  event.to = OrderStatus::kConfirmed;
  event.attempt = with_status(attempt, PaymentStatus::kConfirmed, "", now);
  event.attempt->reference = std::move(reference);
  event.stock = take_reserved(stock_of(order));
  event.postings = sale_paid(checked_subtract(order.subtotal, order.discount), order.shipping, order.tax);
  Change change = change_by(order, std::move(event));
  if (order.cancel_requested) append(change, cancellation(change.order, order.cancel_reason, now));
  return change;
}

Change decline_payment(const Order& order, std::string reason, Time now) {
  require_follow(order, OrderStatus::kDeclined, "become declined");
  const PaymentAttempt& attempt = require_attempt(order, PaymentStatus::kDeclined);
  OrderEvent event = next_event(order, "payment.declined", now);
  event.to = OrderStatus::kDeclined;
  event.attempt = with_status(attempt, PaymentStatus::kDeclined, std::move(reason), now);
  Change change = change_by(order, std::move(event));
  if (order.cancel_requested) {
    append(change, cancellation(change.order, order.cancel_reason, now));
  } else if (now >= order.expires_at) {
    append(change, cancellation(change.order, std::string(kExpired), now));
  }
  return change;
}

Change payment_unknown(const Order& order, std::string reason, Time now) {
  if (order.status != OrderStatus::kProcessing) refuse_order(order, "have a payment whose outcome is not known");
  const PaymentAttempt& attempt = require_attempt(order, PaymentStatus::kUnknown);
  OrderEvent event = next_event(order, "payment.unknown", now);
  event.attempt = with_status(attempt, PaymentStatus::kUnknown, std::move(reason), now);
  return change_by(order, std::move(event));
}

Change cancel(const Order& order, std::string reason, Time now) {
  if (order.status == OrderStatus::kProcessing) {
    if (order.cancel_requested) return {order, {}};
    return change_by(order, cancel_request(order, std::move(reason), now));
  }
  require_follow(order, OrderStatus::kCancelled, "be cancelled");
  return change_by(order, cancellation(order, std::move(reason), now));
}

Change request_refund(const Order& order, std::optional<std::int64_t> amount, std::string reason, Time now) {
  require_refundable_status(order);
  const std::int64_t left = refundable(order);
  const std::int64_t wanted = amount.value_or(left);
  if (wanted < 1 || wanted > left) {
    refuse("refund-exceeds-payment", "The refund is more than what is left of the payment.");
  }
  if (order.status == OrderStatus::kConfirmed && wanted == left) {
    refuse_transition("An order that is confirmed cannot be refunded as a whole; cancel it instead.");
  }
  if (order.refunds.size() >= limits::kRefundsMax) refuse("too-many-refunds", "The order has too many refunds.");
  OrderEvent event = next_event(order, "refund.requested", now);
  event.refund = new_refund(order, wanted, std::move(reason), now);
  return change_by(order, std::move(event));
}

Change complete_refund(const Order& order, const TransactionId& refund, std::string reference, Time now) {
  Refund done = require_refund(order, refund, RefundStatus::kDone);
  done.status = RefundStatus::kDone;
  done.tax = tax_share(order, done.amount);
  done.reference = std::move(reference);
  done.updated_at = now;
  OrderEvent event = next_event(order, "refund.done", now);
  event.postings = money_returned(done.amount, done.tax);
  const bool all_is_back = checked_add(refunded(order), done.amount) == captured(order);
  if (all_is_back && may_follow(order.status, OrderStatus::kRefunded)) event.to = OrderStatus::kRefunded;
  event.refund = std::move(done);
  return change_by(order, std::move(event));
}

Change fail_refund(const Order& order, const TransactionId& refund, std::string reason, Time now) {
  Refund failed = require_refund(order, refund, RefundStatus::kFailed);
  failed.status = RefundStatus::kFailed;
  failed.reason = std::move(reason);
  failed.updated_at = now;
  OrderEvent event = next_event(order, "refund.failed", now);
  event.refund = std::move(failed);
  return change_by(order, std::move(event));
}

Change ship(const Order& order, Time now) {
  require_follow(order, OrderStatus::kShipped, "be shipped");
  OrderEvent event = next_event(order, "order.shipped", now);
  event.to = OrderStatus::kShipped;
  return change_by(order, std::move(event));
}

Change deliver(const Order& order, Time now) {
  require_follow(order, OrderStatus::kDelivered, "be delivered");
  OrderEvent event = next_event(order, "order.delivered", now);
  event.to = OrderStatus::kDelivered;
  return change_by(order, std::move(event));
}

Change attach_invoice(const Order& order, std::string number, Time now) {
  if (!order.invoice.empty()) refuse_transition("The order already has an invoice.");
  if (!is_paid(order.status)) refuse_order(order, "be invoiced");
  OrderEvent event = next_event(order, "invoice.issued", now);
  event.invoice = std::move(number);
  return change_by(order, std::move(event));
}

Change attach_credit_note(const Order& order, const TransactionId& refund, std::string number, Time now) {
  Refund noted = find_refund(order, refund);
  if (order.invoice.empty()) refuse_transition("An order without an invoice cannot have a credit note.");
  if (!noted.credit_note.empty()) refuse_transition("The refund already has a credit note.");
  if (noted.status != RefundStatus::kDone) {
    refuse_transition("A refund that is " + std::string(json::name_of(noted.status)) + " cannot have a credit note.");
  }
  noted.credit_note = std::move(number);
  noted.updated_at = now;
  OrderEvent event = next_event(order, "credit_note.issued", now);
  event.refund = std::move(noted);
  return change_by(order, std::move(event));
}

Change claim(const Order& order, std::string client_id, std::string sealed, Time now) {
  OrderEvent event = next_event(order, "order.claimed", now);
  event.content = content_of(order);
  event.content->client_id = std::move(client_id);
  event.content->sealed = std::move(sealed);
  return change_by(order, std::move(event));
}

}  // namespace orderly::domain
