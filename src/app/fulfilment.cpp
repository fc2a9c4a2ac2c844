#include "app/fulfilment.h"

#include "app/draft.h"
#include "app/keys.h"
#include "app/orders.h"
#include "base/limits.h"

namespace orderly::app {

namespace {

constexpr Duration kDay = std::chrono::hours(24);

// Not while a payment is under way: its end cancels the order where that was too late.
bool may_expire(const domain::Order& order) {
  return order.status == domain::OrderStatus::kPending || order.status == domain::OrderStatus::kDeclined;
}

// The domain's own rules decide; losing a race to a payment is not a failure.
Task<bool> expire_one(App& app, OrderId id) {
  const Caller caller = worker("expiry");
  co_return co_await run(app, [&]() -> Task<bool> {
    const domain::Order before = co_await load_order(app, id);
    Draft draft(app, caller);
    if (!may_expire(before) || before.expires_at > draft.now()) co_return false;
    domain::Change change = domain::cancel(before, "expired", draft.now());
    draft.replace_order(before, change);
    send_what_follows(app, draft, change);
    co_await draft.commit();
    co_return true;
  });
}

// Unpaid orders, oldest first, whose time has come.
Task<std::vector<OrderId>> find_expired(App& app, Time day, std::size_t max) {
  const Time now = app.clock.now();
  std::vector<OrderId> found;
  ports::Query query;
  query.index = ports::Index::kByStatus;
  query.partition = keys::orders_of_status(domain::OrderStatus::kPending, format_day(day));
  query.limit = max;
  bool any_in_page = true;
  do {
    ports::Page page = co_await app.store.query(query);
    any_in_page = page.records.empty();  // a short page says nothing
    for (const ports::Record& record : page.records) {
      const auto order = json::read_stored<domain::Order>(record.document);
      if (order.expires_at > now) continue;
      any_in_page = true;
      if (may_expire(order)) found.push_back(order.id);
    }
    query.cursor = std::move(page.cursor);
    // Orders come in order of placing and wait equally long: behind a page without one, the rest is younger.
  } while (any_in_page && !query.cursor.empty() && found.size() < max);
  co_return found;
}

}  // namespace

Task<void> handle_fulfilment(App& app, ports::Message message) {
  const auto task = json::read_stored<FulfilmentTask>(message.body);
  const Caller caller = worker("fulfilment", message.receipt.message_id);
  try {
    co_await run(app, [&]() -> Task<void> {
      const domain::Order before = co_await load_order(app, task.order_id);
      Draft draft(app, caller);
      draft.acknowledge(message.receipt);
      if (before.status == domain::OrderStatus::kConfirmed) {
        domain::Change change = domain::ship(before, draft.now());
        domain::Change delivered = domain::deliver(change.order, draft.now());
        change.order = std::move(delivered.order);
        change.events.push_back(std::move(delivered.events.front()));
        draft.replace_order(before, change);
      }
      co_await draft.commit();
    });
  } catch (const AlreadyDone&) {
  }
}

Task<std::size_t> expire_orders(App& app, std::size_t max, ExpiryLook look) {
  std::size_t expired = 0;
  const Time now = app.clock.now();
  const Duration oldest = look == ExpiryLook::kAll ? Duration{limits::kExpireAfterMax} : app.settings.expire_after;
  for (Time day = start_of_day(now - oldest - kDay); day <= now && expired < max; day = day + kDay) {
    for (const OrderId& id : co_await find_expired(app, day, std::min<std::size_t>(max - expired, 100))) {
      if (co_await expire_one(app, id)) ++expired;
    }
  }
  co_return expired;
}

}  // namespace orderly::app
