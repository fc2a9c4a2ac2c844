#include "app/payment_worker.h"

#include "app/draft.h"
#include "app/orders.h"

namespace orderly::app {

namespace {

using domain::Order;
using domain::PaymentAttempt;
using domain::PaymentStatus;
using ports::PaymentAnswer;
using ports::QueueName;

// 1 s, 2 s, 4 s, … 5 min: how long until the provider is asked again.
Duration reconcile_delay(std::int64_t round) {
  const std::int64_t seconds = round >= 9 ? 300 : std::int64_t{1} << round;
  return std::chrono::seconds(std::min<std::int64_t>(seconds, 300));
}

// Nothing is left to do for this message but to take it off the queue.
Task<void> acknowledge_only(App& app, const Caller& caller, const ports::Message& message) {
  Draft draft(app, caller);
  draft.acknowledge(message.receipt);
  co_await draft.commit();
}

const PaymentAttempt* find_attempt(const Order& order, const TransactionId& id) {
  for (const PaymentAttempt& attempt : order.attempts) {
    if (attempt.id == id) return &attempt;
  }
  return nullptr;
}

bool is_settled(PaymentStatus status) {
  return status == PaymentStatus::kConfirmed || status == PaymentStatus::kDeclined;
}

// initializing → processing. True when the charge is to follow at once; false when a later message carries on.
Task<bool> begin(App& app, const Caller& caller, const ports::Message& message, PaymentTask task) {
  co_return co_await run(app, [&]() -> Task<bool> {
    const Order before = co_await load_order(app, task.order_id);
    const PaymentAttempt* attempt = find_attempt(before, task.attempt_id);
    if (attempt == nullptr) throw_broken("payment message for an attempt that is not there: " + task.attempt_id.text);
    if (attempt->status != PaymentStatus::kInitializing) co_return true;
    Draft draft(app, caller);
    domain::Change change = domain::begin_processing(before, draft.now());
    draft.replace_order(before, change);
    const bool is_stepped = app.settings.payment_step > Duration{0};
    if (is_stepped) {
      task.phase = PaymentPhase::kCharge;
      draft.send(QueueName::kPayments, task, app.settings.payment_step);
      draft.acknowledge(message.receipt);
    }
    co_await draft.commit();
    co_return !is_stepped;
  });
}

// Asks the provider. Nothing: it never saw this payment and never will act on it.
Task<std::optional<PaymentAnswer>> ask_provider(App& app, const Order& order, const PaymentAttempt& attempt) {
  // Where the client wants out already, or the outcome is unknown, only find out what happened.
  const bool only_look = attempt.status == PaymentStatus::kUnknown || order.cancel_requested;
  if (only_look) return app.payments.look_up(attempt.id.text);
  return [](App& a, ports::ChargeRequest request) -> Task<std::optional<PaymentAnswer>> {
    co_return co_await a.payments.charge(std::move(request));
  }(app, {attempt.id.text, order.id.text, attempt.method, {attempt.amount, order.currency}});
}

domain::Change change_for(const Order& order, const PaymentAttempt& attempt, const std::optional<PaymentAnswer>& answer,
                          Time now) {
  if (!answer) return domain::decline_payment(order, "not-charged", now);
  switch (answer->outcome) {
    case PaymentAnswer::Outcome::kSucceeded: return domain::confirm_payment(order, answer->reference, now);
    case PaymentAnswer::Outcome::kDeclined: return domain::decline_payment(order, answer->reason, now);
    case PaymentAnswer::Outcome::kUnknown: break;
  }
  if (attempt.status == PaymentStatus::kUnknown) return {order, {}};
  return domain::payment_unknown(order, answer->reason, now);
}

std::string_view outcome_name(const std::optional<PaymentAnswer>& answer) {
  if (!answer || answer->outcome == PaymentAnswer::Outcome::kDeclined) return "declined";
  return answer->outcome == PaymentAnswer::Outcome::kSucceeded ? "confirmed" : "unknown";
}

// Writes what the provider said and takes the message off the queue, in one commit.
Task<void> settle(App& app, const Caller& caller, const ports::Message& message, PaymentTask task,
                  const std::optional<PaymentAnswer>& provider_answer) {
  const bool is_unknown = provider_answer && provider_answer->outcome == PaymentAnswer::Outcome::kUnknown;
  const bool is_written = co_await run(app, [&]() -> Task<bool> {
    const Order before = co_await load_order(app, task.order_id);
    const PaymentAttempt* attempt = find_attempt(before, task.attempt_id);
    Draft draft(app, caller);
    draft.acknowledge(message.receipt);
    if (is_settled(attempt->status)) {  // somebody reported the result meanwhile
      co_await draft.commit();
      co_return false;
    }
    domain::Change change = change_for(before, *attempt, provider_answer, draft.now());
    draft.replace_order(before, change);
    send_what_follows(app, draft, change);
    if (is_unknown) {
      PaymentTask again = task;
      again.round = task.phase == PaymentPhase::kReconcile ? task.round + 1 : 0;
      again.phase = PaymentPhase::kReconcile;
      draft.send(QueueName::kPayments, again, reconcile_delay(again.round));
    }
    co_await draft.commit();
    co_return true;
  });
  if (is_written) app.monitor.payment_outcome(outcome_name(provider_answer));
  if (is_unknown && task.round == 9) {
    app.monitor.alarm("payment-unknown", task.order_id.text, "the provider has not said what became of it for minutes");
  }
}

Task<void> take_payment(App& app, const Caller& caller, const ports::Message& message, PaymentTask task) {
  if (task.phase == PaymentPhase::kBegin && !co_await begin(app, caller, message, task)) co_return;
  const Order order = co_await load_order(app, task.order_id);
  const PaymentAttempt* attempt = find_attempt(order, task.attempt_id);
  if (attempt == nullptr) throw_broken("payment message for an attempt that is not there: " + task.attempt_id.text);
  if (is_settled(attempt->status)) {
    co_await acknowledge_only(app, caller, message);
    co_return;
  }
  const auto provider_answer = co_await ask_provider(app, order, *attempt);
  co_await settle(app, caller, message, std::move(task), provider_answer);
}

// A result that somebody reported has no charge at the provider: the money goes back by whoever reported it.
bool is_at_provider(const Order& order, const domain::Refund& refund) {
  const PaymentAttempt* attempt = find_attempt(order, refund.payment);
  return attempt != nullptr && attempt->reference != "reported";
}

Task<PaymentAnswer> give_back(App& app, const Order& order, const domain::Refund& refund) {
  if (!is_at_provider(order, refund)) co_return PaymentAnswer{PaymentAnswer::Outcome::kSucceeded, "reported", {}};
  const PaymentAttempt* attempt = find_attempt(order, refund.payment);
  co_return co_await app.payments.refund({refund.id.text, attempt->reference, {refund.amount, order.currency}});
}

const domain::Refund* find_refund(const Order& order, const TransactionId& id) {
  for (const domain::Refund& refund : order.refunds) {
    if (refund.id == id) return &refund;
  }
  return nullptr;
}

Task<void> settle_refund(App& app, const Caller& caller, const ports::Message& message, const RefundTask& task,
                         const PaymentAnswer& provider_answer) {
  co_await run(app, [&]() -> Task<void> {
    const Order before = co_await load_order(app, task.order_id);
    Draft draft(app, caller);
    draft.acknowledge(message.receipt);
    if (find_refund(before, task.refund_id)->status == domain::RefundStatus::kRequested) {
      if (provider_answer.outcome == PaymentAnswer::Outcome::kUnknown) {
        draft.send(QueueName::kRefunds, RefundTask{task.order_id, task.refund_id, task.round + 1},
                   reconcile_delay(task.round));
      } else {
        domain::Change change =
            provider_answer.outcome == PaymentAnswer::Outcome::kSucceeded
                ? domain::complete_refund(before, task.refund_id, provider_answer.reference, draft.now())
                : domain::fail_refund(before, task.refund_id, provider_answer.reason, draft.now());
        draft.replace_order(before, change);
        send_what_follows(app, draft, change);
      }
    }
    co_await draft.commit();
  });
  if (provider_answer.outcome == PaymentAnswer::Outcome::kDeclined) {
    app.monitor.alarm("refund-failed", task.order_id.text, provider_answer.reason);
  }
}

}  // namespace

Task<void> handle_payment(App& app, ports::Message message) {
  const auto task = json::read_stored<PaymentTask>(message.body);
  const Caller caller = worker("payments", message.receipt.message_id);
  try {
    co_await take_payment(app, caller, message, task);
  } catch (const AlreadyDone&) {  // another worker had the same message and has finished it
  }
}

// A refund asked for twice under its id moves money once, so an unknown answer is simply asked again.
Task<void> handle_refund(App& app, ports::Message message) {
  const auto task = json::read_stored<RefundTask>(message.body);
  const Caller caller = worker("refunds", message.receipt.message_id);
  try {
    const Order order = co_await load_order(app, task.order_id);
    const domain::Refund* refund = find_refund(order, task.refund_id);
    if (refund == nullptr) throw_broken("refund message for a refund that is not there: " + task.refund_id.text);
    PaymentAnswer provider_answer{PaymentAnswer::Outcome::kSucceeded, {}, {}};
    if (refund->status == domain::RefundStatus::kRequested) provider_answer = co_await give_back(app, order, *refund);
    co_await settle_refund(app, caller, message, task, provider_answer);
  } catch (const AlreadyDone&) {
  }
}

}  // namespace orderly::app
