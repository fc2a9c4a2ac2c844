// What order use cases share: finding an order, who may see it, the messages that follow a change.
#pragma once

#include <string>

#include "app/draft.h"
#include "app/views.h"

namespace orderly::app {

// Throws not_found for an id that is none or unknown, and, exactly so, for an order of somebody else.
Task<domain::Order> load_order(App& app, const Caller& caller, std::string id);
// For workers: no caller. Throws not_found.
Task<domain::Order> load_order(App& app, const OrderId& id);

// As it was right after the change to `version`: its record where that is still the latest, otherwise folded from its
// events. Throws Error(kBrokenInvariant) when they are not all there.
Task<domain::Order> load_order_at(App& app, OrderId id, std::int64_t version);

// As it was at that moment, now or in the past: what the events up to then came to. Throws not_found as load_order
// does, and for a moment before it was placed.
Task<domain::Order> load_order_as_of(App& app, const Caller& caller, std::string id, Time moment);

// Owner, staff and workers act on any order; a client or guest on their own.
bool may_see(const Caller& caller, const domain::Order& order);

// --- Messages: their bodies
// ------------------------------------------------------------------------------------------------

enum class PaymentPhase { kBegin, kCharge, kReconcile };
inline const auto& enum_names(PaymentPhase) {
  static constexpr std::array<std::pair<PaymentPhase, std::string_view>, 3> kNames{
      {{PaymentPhase::kBegin, "begin"}, {PaymentPhase::kCharge, "charge"}, {PaymentPhase::kReconcile, "reconcile"}}};
  return kNames;
}

struct PaymentTask {
  OrderId order_id;
  TransactionId attempt_id;
  PaymentPhase phase = PaymentPhase::kBegin;
  std::int64_t round = 0;  // of reconciling, counted from 0
};
BOOST_DESCRIBE_STRUCT(PaymentTask, (), (order_id, attempt_id, phase, round))
std::vector<json::Rule> json_rules(const PaymentTask*);

struct RefundTask {
  OrderId order_id;
  TransactionId refund_id;
  std::int64_t round = 0;
};
BOOST_DESCRIBE_STRUCT(RefundTask, (), (order_id, refund_id, round))

struct InvoiceTask {
  OrderId order_id;
  std::optional<TransactionId> refund_id;  // given: a credit note for it
};
BOOST_DESCRIBE_STRUCT(InvoiceTask, (), (order_id, refund_id))
std::vector<json::Rule> json_rules(const InvoiceTask*);

struct DocumentTask {
  std::string number;  // of the invoice or credit note, as shown
};
BOOST_DESCRIBE_STRUCT(DocumentTask, (), (number))

struct FulfilmentTask {
  OrderId order_id;
};
BOOST_DESCRIBE_STRUCT(FulfilmentTask, (), (order_id))

// Sends what each event of a change asks for: a refund, an invoice, automatic delivery, a credit note. Call it once,
// after the change is in the draft.
void send_what_follows(App& app, Draft& draft, const domain::Change& change);

// An attempt that is new in `change` is paid by a worker.
void send_payment(App& app, Draft& draft, const domain::Order& order);

// Transactions are listed by time. The first attempt, when it was made in the same moment as the order, is listed by
// the order's own index entries; every other one (a later attempt, a refund) has a record of this form beside the
// order, which is never changed.
struct LaterTransaction {
  OrderId order_id;
  TransactionId transaction_id;
  std::string sort;  // its sort key in the indexes
};
BOOST_DESCRIBE_STRUCT(LaterTransaction, (), (order_id, transaction_id, sort))
bool is_listed_by_order(const domain::Order& order, const TransactionId& transaction, Time created_at);
ports::Put later_transaction_put(const domain::Order& order, const LaterTransaction& later);
void list_later_transaction(Draft& draft, const domain::Order& order, const TransactionId& transaction);

// Loads the order, lets `decide` change it, commits and answers with the order as it is then: the shape of most order
// commands. `decide` may be called again after a lost race.
Task<Answer> change_order(App& app, Caller caller, std::string order_id, RepeatKey key,
                          std::function<domain::Change(const domain::Order&, Time now)> decide);

}  // namespace orderly::app
