#include "app/orders.h"

#include "app/keys.h"
#include "base/limits.h"

namespace orderly::app {

namespace {

Task<domain::Order> read_order(App& app, const OrderId& id) {
  const auto record = co_await app.store.get(keys::order(id));
  if (!record) throw_not_found("order");
  co_return json::read_stored<domain::Order>(record->document);
}

// What its events come to, from the first one on, up to the one that is not wanted any more.
Task<domain::Order> fold_events(App& app, OrderId id, std::function<bool(const domain::OrderEvent&)> is_wanted) {
  ports::Query query;
  query.partition = keys::order(id).partition;
  query.from = keys::event(id, 1).sort;
  query.to = keys::kEventsEnd;
  query.limit = limits::kPageRowsMax;
  domain::Order order;
  do {
    ports::Page page = co_await app.store.query(query);
    for (const ports::Record& record : page.records) {
      const auto event = json::read_stored<domain::OrderEvent>(record.document);
      if (!is_wanted(event)) co_return order;
      order = domain::apply(std::move(order), event);
    }
    query.cursor = std::move(page.cursor);
  } while (!query.cursor.empty());
  co_return order;
}

}  // namespace

std::vector<json::Rule> json_rules(const PaymentTask*) { return {json::field("round").brief()}; }
std::vector<json::Rule> json_rules(const InvoiceTask*) { return {json::field("refund_id").brief()}; }

bool may_see(const Caller& caller, const domain::Order& order) {
  switch (caller.role) {
    case Role::kOwner:
    case Role::kStaff:
    case Role::kProvider:
    case Role::kWorker: return true;
    case Role::kApprover:
    case Role::kClient:
    case Role::kAnonymous: return !caller.client_id.empty() && caller.client_id == order.client_id;
  }
  return false;
}

Task<domain::Order> load_order(App& app, const Caller& caller, std::string id) {
  const auto order_id = OrderId::parse(id);
  if (!order_id) throw_not_found("order");
  domain::Order order = co_await read_order(app, *order_id);
  if (!may_see(caller, order)) throw_not_found("order");
  co_return order;
}

Task<domain::Order> load_order(App& app, const OrderId& id) { return read_order(app, id); }

Task<domain::Order> load_order_at(App& app, OrderId id, std::int64_t version) {
  domain::Order latest = co_await read_order(app, id);
  if (latest.version == version) co_return latest;
  domain::Order order =
      co_await fold_events(app, id, [&](const domain::OrderEvent& event) { return event.version <= version; });
  if (order.version != version) throw_broken("order " + id.text + " lacks events");
  co_return order;
}

Task<domain::Order> load_order_as_of(App& app, const Caller& caller, std::string id, Time moment) {
  domain::Order latest = co_await load_order(app, caller, std::move(id));
  if (latest.updated_at <= moment) co_return latest;
  domain::Order order =
      co_await fold_events(app, latest.id, [&](const domain::OrderEvent& event) { return event.at <= moment; });
  if (order.version == 0) throw_not_found("order");
  co_return order;
}

void send_payment(App& app, Draft& draft, const domain::Order& order) {
  const domain::PaymentAttempt* attempt = domain::latest_attempt(order);
  draft.send(ports::QueueName::kPayments, PaymentTask{order.id, attempt->id}, app.settings.payment_step);
}

bool is_listed_by_order(const domain::Order& order, const TransactionId& transaction, Time created_at) {
  return number_of(transaction) == 1 && created_at == order.created_at;
}

ports::Put later_transaction_put(const domain::Order& order, const LaterTransaction& later) {
  const Time made = time_of_encoded_id(later.sort.substr(0, kIdCharacters));
  ports::Put put;
  put.key = keys::later_transaction(order.id, number_of(later.transaction_id));
  put.document = json::write(later);
  put.indexes = {{ports::Index::kByClient, keys::transactions_of_client(order.client_id), later.sort},
                 {ports::Index::kByDay, keys::transactions_of_day(format_day(made)), later.sort}};
  return put;
}

void list_later_transaction(Draft& draft, const domain::Order& order, const TransactionId& transaction) {
  std::string sort = keys::first_id_at(draft.now()) + "#" + transaction.text;
  draft.write(later_transaction_put(order, {order.id, transaction, std::move(sort)}));
}

void send_what_follows(App& app, Draft& draft, const domain::Change& change) {
  for (const domain::OrderEvent& event : change.events) {
    if (event.refund && event.refund->status == domain::RefundStatus::kRequested) {
      list_later_transaction(draft, change.order, event.refund->id);
      draft.send(ports::QueueName::kRefunds, RefundTask{change.order.id, event.refund->id});
    }
    if (event.type == "refund.done") {
      draft.send(ports::QueueName::kInvoices, InvoiceTask{change.order.id, event.refund->id});
    }
    if (event.type == "payment.confirmed" && change.order.status == domain::OrderStatus::kConfirmed) {
      draft.send(ports::QueueName::kInvoices, InvoiceTask{change.order.id, std::nullopt});
      if (app.settings.deliver_after > Duration{0}) {
        draft.send(ports::QueueName::kFulfilment, FulfilmentTask{change.order.id}, app.settings.deliver_after);
      }
    }
  }
}

Task<Answer> change_order(App& app, Caller caller, std::string order_id, RepeatKey key,
                          std::function<domain::Change(const domain::Order&, Time now)> decide) {
  co_return co_await run(app, [&]() -> Task<Answer> {
    const domain::Order before = co_await load_order(app, caller, order_id);
    Draft draft(app, caller);
    domain::Change change = decide(before, draft.now());
    draft.replace_order(before, change);
    send_what_follows(app, draft, change);
    const Answer result = answer(200, co_await view_of(app, change.order));
    draft.remember(key, result.status, change.order);
    if (!change.events.empty() || !key.empty()) co_await draft.commit();
    co_return result;
  });
}

}  // namespace orderly::app
