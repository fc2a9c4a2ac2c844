// What the world is told of an order: each of its events in a public form, for whoever subscribes to the topic.
//
// Anyone may subscribe, so nothing here says who a person is or what a person wrote: no address, not even sealed; no
// reasons; no means of payment and no provider's references; and whoever acted is named only where it is a worker. What
// is left are ids, states, amounts and quantities. The client's id is one of them: it stands for a person only to those
// who may read the client, and a subscriber has to know whose order it was.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/order.h"
#include "ports/notifier.h"

namespace orderly::app {

struct NoticeItem {
  std::string product_id;
  std::string sku;
  std::int64_t quantity = 0;
  std::int64_t unit_price = 0;
  std::int64_t amount = 0;
};
BOOST_DESCRIBE_STRUCT(NoticeItem, (), (product_id, sku, quantity, unit_price, amount))

struct NoticePayment {
  TransactionId id;
  domain::PaymentStatus status = domain::PaymentStatus::kInitializing;
  std::int64_t amount = 0;
};
BOOST_DESCRIBE_STRUCT(NoticePayment, (), (id, status, amount))

struct NoticeRefund {
  TransactionId id;
  TransactionId payment_id;
  domain::RefundStatus status = domain::RefundStatus::kRequested;
  std::int64_t amount = 0;
  std::string credit_note;  // its number, once issued
};
BOOST_DESCRIBE_STRUCT(NoticeRefund, (), (id, payment_id, status, amount, credit_note))
std::vector<json::Rule> json_rules(const NoticeRefund*);

// The body. Amounts are in minor units of `currency`. What an event does not have is left out.
struct OrderNotice {
  EventId event_id;        // the same whenever it is told again
  std::string event_type;  // order.placed, payment.confirmed, …
  OrderId order_id;
  std::int64_t version = 0;  // of the order after it: 1, 2, 3 … without a gap
  Time at;
  std::string client_id;
  std::string actor;  // worker:payments; left out: somebody from outside
  std::optional<domain::OrderStatus> previous_status;
  domain::OrderStatus status = domain::OrderStatus::kPending;
  Currency currency;
  // When it was placed, or its contents were changed.
  std::vector<NoticeItem> items;
  bool truncated = false;  // the items are left out, since they are too many bytes
  std::optional<std::int64_t> subtotal;
  std::optional<std::int64_t> shipping;
  std::optional<std::int64_t> tax;
  std::optional<std::int64_t> discount;
  std::optional<std::int64_t> total;
  // As they are after it.
  std::optional<NoticePayment> payment;
  std::optional<NoticeRefund> refund;
  std::string invoice;            // its number, when it was issued
  bool cancel_requested = false;  // asked for by the event; it follows when the payment is settled
};
BOOST_DESCRIBE_STRUCT(OrderNotice, (),
                      (event_id, event_type, order_id, version, at, client_id, actor, previous_status, status, currency,
                       items, truncated, subtotal, shipping, tax, discount, total, payment, refund, invoice,
                       cancel_requested))
std::vector<json::Rule> json_rules(const OrderNotice*);

// `client_id`: of the order, for events that do not say; "" where nobody knows. The body is an OrderNotice of at most
// limits::kMessageBytesMax. Attributes to filter by: event_type, order_status, and actionType, the same as event_type
// under the name that subscribers of SNS topics often go by. It is never the name of a command, so that a queue which
// takes orders by that attribute does not take an event for one.
ports::EventNotice make_notice(const domain::OrderEvent& event, std::string client_id);

}  // namespace orderly::app
