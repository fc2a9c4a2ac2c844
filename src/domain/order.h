// An order: its states, what may follow what, and how each thing that can happen to it changes it.
//
// Every change is an event: a function here checks that it is legal, describes it as an OrderEvent, and the order after
// it is apply(order, event). So an order can be rebuilt from its events alone, and the event always says what changed.
// Pure: no clock, no randomness, no I/O.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/json_type.h"
#include "base/time.h"
#include "domain/ledger.h"
#include "domain/pricing.h"
#include "domain/stock.h"

namespace orderly::domain {

// --- States
// ---------------------------------------------------------------------------------------------------------------

enum class OrderStatus { kPending, kProcessing, kConfirmed, kDeclined, kShipped, kDelivered, kCancelled, kRefunded };
inline const auto& enum_names(OrderStatus) {
  static constexpr std::array<std::pair<OrderStatus, std::string_view>, 8> kNames{
      {{OrderStatus::kPending, "pending"},
       {OrderStatus::kProcessing, "processing"},
       {OrderStatus::kConfirmed, "confirmed"},
       {OrderStatus::kDeclined, "declined"},
       {OrderStatus::kShipped, "shipped"},
       {OrderStatus::kDelivered, "delivered"},
       {OrderStatus::kCancelled, "cancelled"},
       {OrderStatus::kRefunded, "refunded"}}};
  return kNames;
}

enum class PaymentStatus { kInitializing, kProcessing, kConfirmed, kDeclined, kUnknown };
inline const auto& enum_names(PaymentStatus) {
  static constexpr std::array<std::pair<PaymentStatus, std::string_view>, 5> kNames{
      {{PaymentStatus::kInitializing, "initializing"},
       {PaymentStatus::kProcessing, "processing"},
       {PaymentStatus::kConfirmed, "confirmed"},
       {PaymentStatus::kDeclined, "declined"},
       {PaymentStatus::kUnknown, "unknown"}}};
  return kNames;
}

enum class RefundStatus { kRequested, kDone, kFailed };
inline const auto& enum_names(RefundStatus) {
  static constexpr std::array<std::pair<RefundStatus, std::string_view>, 3> kNames{
      {{RefundStatus::kRequested, "requested"}, {RefundStatus::kDone, "done"}, {RefundStatus::kFailed, "failed"}}};
  return kNames;
}

// The tables; the only ones there are.
bool may_follow(OrderStatus from, OrderStatus to);
bool may_follow(PaymentStatus from, PaymentStatus to);
bool may_follow(RefundStatus from, RefundStatus to);
// Whether an order of that status keeps stock reserved: pending, processing, declined.
bool holds_stock(OrderStatus status);
// Whether an order of that status has been paid and was not cancelled: confirmed, shipped, delivered, refunded.
bool is_paid(OrderStatus status);

// Why an order was cancelled that was not paid before its expires_at.
inline constexpr std::string_view kExpired = "expired";

// --- The order
// ------------------------------------------------------------------------------------------------------------

struct PaymentAttempt {
  TransactionId id;
  PaymentStatus status = PaymentStatus::kInitializing;
  std::string method;  // the provider's token for the means of payment
  std::int64_t amount = 0;
  std::string reference;  // the provider's id of the charge
  std::string reason;     // of a decline or of the uncertainty
  Time created_at;
  Time updated_at;

  friend bool operator==(const PaymentAttempt&, const PaymentAttempt&) = default;
};
BOOST_DESCRIBE_STRUCT(PaymentAttempt, (), (id, status, method, amount, reference, reason, created_at, updated_at))
std::vector<json::Rule> json_rules(const PaymentAttempt*);

struct Refund {
  TransactionId id;
  RefundStatus status = RefundStatus::kRequested;
  TransactionId payment;  // the attempt whose money goes back
  std::int64_t amount = 0;
  std::int64_t tax = 0;  // how much of the amount was tax; known once the refund is done
  std::string reference;
  std::string reason;
  std::string credit_note;  // its number as shown, once issued
  Time created_at;
  Time updated_at;

  friend bool operator==(const Refund&, const Refund&) = default;
};
BOOST_DESCRIBE_STRUCT(Refund, (),
                      (id, status, payment, amount, tax, reference, reason, credit_note, created_at, updated_at))
std::vector<json::Rule> json_rules(const Refund*);

// Payment attempts and refunds of one order share its transaction numbers (base/id.h), counted from 1.
struct Order {
  OrderId id;
  std::string client_id;
  OrderStatus status = OrderStatus::kPending;
  Currency currency;
  std::vector<OrderLine> items;
  std::int64_t subtotal = 0;
  std::int64_t shipping = 0;
  std::int64_t tax = 0;
  std::int64_t discount = 0;
  std::int64_t total = 0;
  std::vector<PriceComponent> price;
  std::vector<Quantity> shares;  // what it has of buckets other than 0, by the moves of its events
  std::vector<PaymentAttempt> attempts;
  std::vector<Refund> refunds;
  std::string sealed;       // personal data (the shipping address), encrypted under the client's key; may be empty
  std::string invoice;      // its number as shown, once issued
  std::string invoiced_to;  // the guest whom it was issued to, before a client claimed the order; empty: its client
  bool cancel_requested = false;  // while a payment is under way: never but in processing
  std::string cancel_reason;
  std::int64_t version = 0;
  Time created_at;
  Time updated_at;
  std::optional<Time> expires_at;  // it is cancelled after it; only while it is unpaid
  std::string last_event;          // hash of its latest event

  friend bool operator==(const Order&, const Order&) = default;
};
BOOST_DESCRIBE_STRUCT(Order, (),
                      (id, client_id, status, currency, items, subtotal, shipping, tax, discount, total, price, shares,
                       attempts, refunds, sealed, invoice, invoiced_to, cancel_requested, cancel_reason, version,
                       created_at, updated_at, expires_at, last_event))
std::vector<json::Rule> json_rules(const Order*);

std::vector<Quantity> quantities(const std::vector<OrderLine>& lines);
// Its lines in the buckets that its pieces are from. Not of a cancelled order, which has none. Throws
// Error(kBrokenInvariant) when its shares are more than its lines.
std::vector<Quantity> stock_of(const Order& order);

// The latest attempt, or nullptr.
const PaymentAttempt* latest_attempt(const Order& order);
// Status of the latest attempt; nothing when none was started.
std::optional<PaymentStatus> payment_status(const Order& order);
// Whether the latest attempt is initializing, processing or unknown: no other may start.
bool payment_under_way(const Order& order);
// The attempt that was confirmed, or nullptr.
const PaymentAttempt* captured_attempt(const Order& order);
std::int64_t captured(const Order& order);
// Requested and done refunds; failed ones do not count.
std::int64_t refunded_or_under_way(const Order& order);
std::int64_t refunded(const Order& order);

// --- Events
// ---------------------------------------------------------------------------------------------------------------

// What an order is made of, when it is placed or its contents change.
struct OrderContent {
  std::string client_id;
  Currency currency;
  std::vector<OrderLine> items;
  std::int64_t subtotal = 0;
  std::int64_t shipping = 0;
  std::int64_t tax = 0;
  std::int64_t discount = 0;
  std::int64_t total = 0;
  std::vector<PriceComponent> price;
  std::string sealed;
  Time expires_at;
};
BOOST_DESCRIBE_STRUCT(OrderContent, (),
                      (client_id, currency, items, subtotal, shipping, tax, discount, total, price, sealed, expires_at))
std::vector<json::Rule> json_rules(const OrderContent*);

struct OrderEvent {
  EventId id;        // given by app
  std::string type;  // order.placed, payment.confirmed, …
  OrderId object;
  std::int64_t version = 0;  // of the order after it
  Time at;
  std::string actor;                // given by app: who caused it,
  std::string source;               // from where: a network address, "" for workers,
  std::string request;              // and by which request or message
  std::optional<OrderStatus> from;  // nothing: the order did not exist
  OrderStatus to = OrderStatus::kPending;
  std::optional<OrderContent> content;    // placed, amended
  std::optional<PaymentAttempt> attempt;  // the attempt as it is after the event
  std::optional<Refund> refund;           // the refund as it is after the event
  std::string invoice;                    // invoice.issued
  bool cancel_requested = false;          // set by the event
  std::string reason;                     // of a cancellation or a request for one
  std::vector<StockMove> stock;
  Currency currency;
  std::vector<Posting> postings;
  std::string previous;  // hash of the order's event before, "" for the first; given by app
  std::string hash;      // given by app
};
BOOST_DESCRIBE_STRUCT(OrderEvent, (),
                      (id, type, object, version, at, actor, source, request, from, to, content, attempt, refund,
                       invoice, cancel_requested, reason, stock, currency, postings, previous, hash))
std::vector<json::Rule> json_rules(const OrderEvent*);

// The order after the event; for the first event, from an empty order. Checks nothing but that the version follows and
// the transition is in the tables: throws Error(kBrokenInvariant) otherwise (used for rebuilding, too).
Order apply(Order order, const OrderEvent& event);

// What a change leads to: the order after it and its events, in order (version n+1, n+2, …).
struct Change {
  Order order;
  std::vector<OrderEvent> events;
};

// --- What can happen
// ------------------------------------------------------------------------------------------------------ All throw
// Error(kRefused, "illegal-transition") when the table or the order's state does not allow it; nothing else but what is
// said. `now` becomes updated_at. The events' id, actor, previous and hash are left for app to fill in, and the order's
// last_event with them: until then it is the one of before.

struct Placement {
  OrderId id;
  std::string client_id;
  Currency currency;
  std::vector<OrderLine> items;
  PricingRules pricing;
  std::vector<Quantity> taken{};  // buckets that its pieces come from; those that are not named, from bucket 0
  std::string sealed;
  std::optional<std::string> payment_method;  // nothing: to be paid later
  Duration expire_after{};
};
// pending, stock reserved, with a first attempt (initializing) when there is a payment method. order.placed
// Throws Error(kRefused, "amount-out-of-range"); the lines' amounts are computed here.
Change place(const Placement& placement, Time now);

// Other contents before payment: pending or declined, and no attempt further than initializing (whose amount follows).
// Stock moves by the difference. `items` and `sealed`: nothing keeps what is there; without `items` the price stays,
// too. `taken`: buckets that the pieces come from which are wanted more than before; those not named, from bucket 0.
// Throws Error(kRefused, "amount-out-of-range"). order.amended
Change amend(const Order& order, std::optional<std::vector<OrderLine>> items, std::optional<std::string> sealed,
             const PricingRules& pricing, Time now, const std::vector<Quantity>& taken = {});

// A further attempt: pending or declined, none under way or unknown ("payment-under-way"), fewer than
// limits::kAttemptsMax ("too-many-attempts").
// The order keeps its status until the attempt is processing. payment.initialized
Change start_payment(const Order& order, std::string method, Time now);

// The latest attempt goes from initializing to processing, and the order with it. payment.processing
Change begin_processing(const Order& order, Time now);

// The latest attempt (processing or unknown) is confirmed: order confirmed, stock taken, money booked. When a cancel
// was requested meanwhile the order is then cancelled and its money to be refunded. payment.confirmed (,
// order.cancelled)
Change confirm_payment(const Order& order, std::string reference, Time now);

// The latest attempt (processing or unknown) is declined: order declined; cancelled at once when a cancel was requested
// or it is past expires_at (kExpired). payment.declined (, order.cancelled)
Change decline_payment(const Order& order, std::string reason, Time now);

// The latest attempt's outcome is not known: the order stays processing. payment.unknown
Change payment_unknown(const Order& order, std::string reason, Time now);

// pending, declined: cancelled, stock released, an initializing attempt declined ("order-cancelled"). confirmed:
// cancelled, stock put back, everything captured and not refunded yet requested back (one refund, in the same event).
// processing: remembered (order.cancel_requested; asked again it changes nothing and `events` is empty).
// order.cancelled | order.cancel_requested
Change cancel(const Order& order, std::string reason, Time now);

// Gives back `amount`, or with nothing all that is left. Paid orders only (confirmed, shipped, delivered), and
// cancelled ones whose refund failed. Throws Error(kRefused, "refund-exceeds-payment") above what is left, in-flight
// refunds counted, and below 1; "illegal-transition" when it would return all of a confirmed order (cancel it instead);
// "too-many-refunds" above limits::kRefundsMax. refund.requested
Change request_refund(const Order& order, std::optional<std::int64_t> amount, std::string reason, Time now);
// A requested refund is done: booked; shipped or delivered with all money back becomes refunded. refund.done
// Repeating a failed one is a new request. Both throw Error(kNotFound) when the order has no such refund.
Change complete_refund(const Order& order, const TransactionId& refund, std::string reference, Time now);
Change fail_refund(const Order& order, const TransactionId& refund, std::string reason, Time now);  // refund.failed

Change ship(const Order& order, Time now);     // order.shipped
Change deliver(const Order& order, Time now);  // order.delivered

// Once, when paid. invoice.issued
Change attach_invoice(const Order& order, std::string number, Time now);
// Once for each refund that is done, of an order with an invoice. Throws Error(kNotFound) when the order has no such
// refund. credit_note.issued
Change attach_credit_note(const Order& order, const TransactionId& refund, std::string number, Time now);

// Ordered as a guest, it belongs to a client from now on; `sealed` is its address under that client's key.
// order.claimed
Change claim(const Order& order, std::string client_id, std::string sealed, Time now);

// The event for its hash: canonical bytes of everything but `hash` itself.
std::string bytes_for_hash(const OrderEvent& event);

}  // namespace orderly::domain
