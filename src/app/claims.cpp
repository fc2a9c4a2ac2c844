#include "app/claims.h"

#include "app/client_keys.h"
#include "app/client_records.h"
#include "app/draft.h"
#include "app/keys.h"
#include "app/orders.h"
#include "app/place_order.h"
#include "base/limits.h"

namespace orderly::app {

namespace {

constexpr std::size_t kTransactionsMovedMax = limits::kCommitActionsMax - 10;  // of what one commit may write

// Its address under the new owner's key. An address that nobody can open any more is left out.
Task<std::string> seal_again(App& app, Draft& draft, const domain::Order& order, const std::string& client_id) {
  if (order.sealed.empty()) co_return "";
  auto address = co_await unseal(app, order.client_id, order.sealed);
  if (!address) co_return "";
  co_return co_await seal_for(app, draft, client_id, *std::move(address));
}

// What was listed beside the order is listed for its new owner.
Task<void> move_later_transactions(App& app, Draft& draft, const domain::Order& order) {
  std::vector<ports::Key> wanted;
  for (const TransactionView& view : transactions_of(order)) {
    wanted.push_back(keys::later_transaction(order.id, number_of(view.id)));
  }
  std::size_t moved = 0;
  for (auto& record : co_await app.store.get_many(std::move(wanted))) {
    if (!record) continue;  // made together with the order, whose own entries list it
    if (++moved > kTransactionsMovedMax) {
      throw Error(ErrorCode::kRefused, "too-many-transactions", "This order has too many payments and refunds.");
    }
    ports::Put put = later_transaction_put(order, json::read_stored<LaterTransaction>(record->document));
    put.version = record->version + 1;
    put.condition = ports::AtVersion{record->version};
    draft.write(std::move(put));
  }
}

Task<Answer> claim_once(App& app, const Caller& caller, const domain::Order& before, const RepeatKey& key) {
  const auto client = co_await find_client(app, caller.client_id);
  if (!client || client->status == domain::ClientStatus::kErased) throw_not_found("order");
  Draft draft(app, caller);
  std::string sealed = co_await seal_again(app, draft, before, caller.client_id);
  domain::Change change = domain::claim(before, caller.client_id, std::move(sealed), draft.now());
  draft.replace_order(before, change);
  co_await move_later_transactions(app, draft, change.order);
  domain::ClientChange noted = domain::claim_guest(*client, before.client_id, draft.now());
  if (noted.is_nothing()) {
    require_unchanged(draft, *client);
  } else {
    write_client(draft, &*client, noted);
  }
  const Answer result = answer(200, co_await view_of(app, change.order));
  draft.remember(key, result.status, change.order);
  co_await draft.commit();
  co_return result;
}

}  // namespace

Task<Answer> claim_order(App& app, Caller caller, std::string order_id, std::string guest_token, RepeatKey key) {
  const auto id = OrderId::parse(order_id);
  if (!id) throw_not_found("order");
  const std::string guest = client_of_guest(app, guest_token);
  co_return co_await run(app, [&]() -> Task<Answer> {
    const domain::Order order = co_await load_order(app, *id);
    if (order.client_id == caller.client_id) co_return answer(200, co_await view_of(app, order));
    if (order.client_id != guest) throw_not_found("order");
    co_return co_await claim_once(app, caller, order, key);
  });
}

}  // namespace orderly::app
