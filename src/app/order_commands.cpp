#include "app/order_commands.h"

#include "app/draft.h"
#include "app/orders.h"
#include "base/limits.h"

namespace orderly::app {

namespace {

constexpr std::string_view kReportedReference = "reported";

[[noreturn]] void refuse_transition(const domain::Order& order, domain::OrderStatus wanted) {
  throw Error(ErrorCode::kRefused, "illegal-transition",
              "An order that is " + std::string(json::name_of(order.status)) + " cannot become " +
                  std::string(json::name_of(wanted)) + ".");
}

// The order as if its latest attempt were processing, with the event that brings it there where it was not yet.
domain::Change with_payment_processing(const domain::Order& order, Time now) {
  if (domain::payment_status(order) == domain::PaymentStatus::kInitializing)
    return domain::begin_processing(order, now);
  return {order, {}};
}

domain::Change followed_by(domain::Change first, domain::Change second) {
  first.order = std::move(second.order);
  std::move(second.events.begin(), second.events.end(), std::back_inserter(first.events));
  return first;
}

// A result as somebody reported it. `reference` and `reason` are the provider's own where it knows the payment.
struct ReportedResult {
  domain::PaymentStatus status = domain::PaymentStatus::kDeclined;
  TransactionId attempt;  // that it is about; empty: there was none
  std::string reference{kReportedReference};
  std::string reason{kReportedReference};
};

domain::Change settle(const domain::Order& order, const ReportedResult& result, Time now) {
  domain::Change processing = with_payment_processing(order, now);
  domain::Change settled = result.status == domain::PaymentStatus::kConfirmed
                               ? domain::confirm_payment(processing.order, result.reference, now)
                               : domain::decline_payment(processing.order, result.reason, now);
  return followed_by(std::move(processing), std::move(settled));
}

// Makes sure that the provider will not charge behind a result reported by somebody else. Where it has acted already,
// its reference is kept, so that the money can be found and returned; its result must be the reported one.
Task<void> fence_provider(App& app, ReportedResult& result) {
  const auto known = co_await app.payments.look_up(result.attempt.text);
  if (!known) co_return;
  if (known->outcome == ports::PaymentAnswer::Outcome::kUnknown) {
    throw Error(ErrorCode::kUnavailable, "provider-unavailable", "The payment provider cannot say what became of it.");
  }
  const bool is_confirmed = known->outcome == ports::PaymentAnswer::Outcome::kSucceeded;
  if (is_confirmed != (result.status == domain::PaymentStatus::kConfirmed)) {
    throw Error(ErrorCode::kRefused, "payment-settled", "The payment provider has another result for this payment.");
  }
  (is_confirmed ? result.reference : result.reason) = is_confirmed ? known->reference : known->reason;
}

domain::PaymentStatus result_of(ReportedStatus status) {
  const bool is_declined = status == ReportedStatus::kDeclined || status == ReportedStatus::kFailed;
  return is_declined ? domain::PaymentStatus::kDeclined : domain::PaymentStatus::kConfirmed;
}

Task<Answer> report(App& app, Caller caller, std::string order_id, domain::PaymentStatus status, RepeatKey key) {
  const domain::Order order = co_await load_order(app, caller, order_id);
  ReportedResult result;
  result.status = status;
  if (const domain::PaymentAttempt* attempt = domain::latest_attempt(order)) result.attempt = attempt->id;
  if (domain::payment_under_way(order)) co_await fence_provider(app, result);
  co_return co_await change_order(
      app, std::move(caller), std::move(order_id), std::move(key),
      [result](const domain::Order& current, Time now) -> domain::Change {
        const domain::PaymentAttempt* latest = domain::latest_attempt(current);
        if (latest != nullptr && latest->id != result.attempt) {  // the provider was not kept from charging this one
          throw Error(ErrorCode::kContention, "contention", "Another payment of the order has begun; try again.");
        }
        if (domain::payment_status(current) == result.status) return {current, {}};
        return settle(current, result, now);
      });
}

Task<Answer> replace_contents(App& app, Caller caller, std::string order_id, UpdateOrder command, RepeatKey key) {
  co_return co_await run(app, [&]() -> Task<Answer> {
    const domain::Order before = co_await load_order(app, caller, order_id);
    Draft draft(app, caller);
    std::optional<std::vector<domain::OrderLine>> items;
    BucketCounts buckets;
    if (command.items) {
      PricedLines priced = co_await price_lines(app, *command.items, before.currency, "/items");
      items = std::move(priced.lines);
      buckets = std::move(priced.buckets);
    }
    std::optional<std::string> sealed;
    if (command.shipping_address) {
      sealed = co_await seal_for(app, draft, before.client_id, json::write(*command.shipping_address));
    }
    domain::Change change = domain::amend(before, items, sealed, app.settings.pricing, draft.now());
    if (!buckets.empty()) {
      auto more = domain::wanted_more(domain::quantities(before.items), domain::quantities(*items));
      const auto taken = co_await find_stock(app, std::move(more), std::move(buckets));
      change = domain::amend(before, items, sealed, app.settings.pricing, draft.now(), taken);
    }
    require_room(change.events.front().stock);
    draft.replace_order(before, change);
    // A client's first key is only in the draft yet: a new address is shown as it came, not opened again.
    const OrderView view = command.shipping_address ? view_of(change.order, command.shipping_address)
                                                    : co_await view_of(app, change.order);
    const Answer result = answer(200, view);
    draft.remember(key, result.status, change.order);
    co_await draft.commit();
    co_return result;
  });
}

}  // namespace

std::vector<json::Rule> json_rules(const UpdateOrder*) {
  return {
      json::field("status").says(
          "What it is to become, given alone. Its client may cancel it; the rest is for staff, payment for the owner."),
      json::field("items").items(1, limits::kOrderLinesMax).says("All of its lines, in place of those it has."),
      json::field("shipping_address").says("In place of the one it has.")};
}
std::vector<json::Rule> json_rules(const CancelOrder*) {
  return {json::field("reason").text(0, limits::kTextMax).free_text()};
}
std::vector<json::Rule> json_rules(const RefundOrder*) {
  return {json::field("amount").range(1, limits::kAmountMinorMax).says("Minor units; when absent, all that is left."),
          json::field("reason").text(0, limits::kTextMax).free_text()};
}
std::vector<json::Rule> json_rules(const StartPayment*) {
  return {json::field("order_id").text(1, limits::kIdMax),
          json::field("payment_method")
              .text(1, limits::kIdMax)
              .free_text()
              .says("The provider's token for the means of payment; the shop's own when absent.")};
}
std::vector<json::Rule> json_rules(const ReportPayment*) {
  return {json::field("order_id").text(1, limits::kIdMax),
          json::field("status").says("confirmed, succeeded and paid mean the same, as do declined and failed.")};
}

Task<Answer> cancel_order(App& app, Caller caller, std::string order_id, CancelOrder command, RepeatKey key) {
  co_return co_await change_order(app, std::move(caller), std::move(order_id), std::move(key),
                                  [reason = command.reason.value_or("")](const domain::Order& order, Time now) {
                                    return domain::cancel(order, reason, now);
                                  });
}

Task<Answer> refund_order(App& app, Caller caller, std::string order_id, RefundOrder command, RepeatKey key) {
  co_return co_await change_order(
      app, std::move(caller), std::move(order_id), std::move(key), [command](const domain::Order& order, Time now) {
        return domain::request_refund(order, command.amount, command.reason.value_or(""), now);
      });
}

Task<Answer> ship_order(App& app, Caller caller, std::string order_id, RepeatKey key) {
  co_return co_await change_order(app, std::move(caller), std::move(order_id), std::move(key), domain::ship);
}

Task<Answer> deliver_order(App& app, Caller caller, std::string order_id, RepeatKey key) {
  co_return co_await change_order(app, std::move(caller), std::move(order_id), std::move(key), domain::deliver);
}

namespace {

// Whoever has an order may cancel it; that it moved is for staff to say, and that it was paid for the owner, who stands
// in for the provider.
void require_may_set(const Caller& caller, domain::OrderStatus status) {
  if (status == domain::OrderStatus::kCancelled || caller.role == Role::kOwner) return;
  const bool is_payment = status == domain::OrderStatus::kConfirmed || status == domain::OrderStatus::kDeclined;
  if (caller.role == Role::kStaff && !is_payment) return;
  throw Error(ErrorCode::kForbidden, "forbidden", "Your role does not allow this.");
}

}  // namespace

Task<Answer> update_order(App& app, Caller caller, std::string order_id, UpdateOrder command, RepeatKey key) {
  if (!command.status) {
    if (!command.items && !command.shipping_address)
      throw_invalid("", "must hold a status, items or a shipping_address");
    return replace_contents(app, std::move(caller), std::move(order_id), std::move(command), std::move(key));
  }
  if (command.items || command.shipping_address)
    throw_invalid("/status", "must not be given together with other fields");
  require_may_set(caller, *command.status);
  switch (*command.status) {
    case domain::OrderStatus::kCancelled:
      return cancel_order(app, std::move(caller), std::move(order_id), CancelOrder{}, std::move(key));
    case domain::OrderStatus::kShipped: return ship_order(app, std::move(caller), std::move(order_id), std::move(key));
    case domain::OrderStatus::kDelivered:
      return deliver_order(app, std::move(caller), std::move(order_id), std::move(key));
    case domain::OrderStatus::kRefunded:
      return refund_order(app, std::move(caller), std::move(order_id), RefundOrder{}, std::move(key));
    case domain::OrderStatus::kConfirmed:
      return report(app, std::move(caller), std::move(order_id), domain::PaymentStatus::kConfirmed, std::move(key));
    case domain::OrderStatus::kDeclined:
      return report(app, std::move(caller), std::move(order_id), domain::PaymentStatus::kDeclined, std::move(key));
    case domain::OrderStatus::kPending:
    case domain::OrderStatus::kProcessing: break;
  }
  return change_order(app, std::move(caller), std::move(order_id), std::move(key),
                      [wanted = *command.status](const domain::Order& order, Time) -> domain::Change {
                        refuse_transition(order, wanted);
                      });
}

Task<Answer> start_payment(App& app, Caller caller, StartPayment command, RepeatKey key) {
  const std::string method = command.payment_method.value_or(app.settings.default_payment_method);
  if (method.empty()) throw_invalid("/payment_method", "is required");
  co_return co_await run(app, [&]() -> Task<Answer> {
    const domain::Order before = co_await load_order(app, caller, command.order_id);
    Draft draft(app, caller);
    domain::Change change = domain::start_payment(before, method, draft.now());
    draft.replace_order(before, change);
    const domain::PaymentAttempt& attempt = *domain::latest_attempt(change.order);
    if (!is_listed_by_order(change.order, attempt.id, attempt.created_at)) {
      list_later_transaction(draft, change.order, attempt.id);
    }
    send_payment(app, draft, change.order);
    const Answer result = answer(200, co_await view_of(app, change.order));
    draft.remember(key, result.status, change.order);
    co_await draft.commit();
    co_return result;
  });
}

Task<Answer> report_payment(App& app, Caller caller, ReportPayment command, RepeatKey key) {
  return report(app, std::move(caller), std::move(command.order_id), result_of(command.status), std::move(key));
}

}  // namespace orderly::app
