#include "engines/simulated_payments/simulated_payments.h"

#include <algorithm>
#include <array>
#include <utility>

namespace orderly::simulated {
namespace {

using Outcome = ports::PaymentAnswer::Outcome;

enum class Card {
  kGood,
  kDeclined,
  kInsufficientFunds,
  kExpired,
  kTimeoutBefore,
  kTimeoutAfter,
  kHttp500,
  kSlow,
  kRefundFails,
  kRefundLost,
  kUnknown
};

constexpr std::array<std::pair<std::string_view, Card>, 11> kCards = {{
    {"pm_card_visa", Card::kGood},
    {"pm_card_mastercard", Card::kGood},
    {"pm_card_visa_chargeDeclined", Card::kDeclined},
    {"pm_card_chargeDeclinedInsufficientFunds", Card::kInsufficientFunds},
    {"pm_card_chargeDeclinedExpiredCard", Card::kExpired},
    {"pm_sim_timeout_before_charge", Card::kTimeoutBefore},
    {"pm_sim_timeout_after_charge", Card::kTimeoutAfter},
    {"pm_sim_http_500", Card::kHttp500},
    {"pm_sim_slow", Card::kSlow},
    {"pm_sim_refund_fails", Card::kRefundFails},
    {"pm_sim_refund_lost", Card::kRefundLost},
}};

Card card_of(std::string_view method) {
  const auto found = std::ranges::find(kCards, method, &std::pair<std::string_view, Card>::first);
  return found == kCards.end() ? Card::kUnknown : found->second;
}

// What stands in the ledger for a token that is none of ours: it could be anything, a card's number too.
constexpr std::string_view kUnknownMethod = "unknown";

// http://www.isthe.com/chongo/tech/comp/fnv/: the same on every machine, unlike std::hash.
std::uint64_t fnv_1a(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

ports::PaymentAnswer unknown(std::string reason) { return {Outcome::kUnknown, "", std::move(reason)}; }

Behaviour behaviour_of_charge(std::string_view method, std::string_view key, Duration slow_delay) {
  switch (card_of(method)) {
    case Card::kGood:
    case Card::kRefundFails:
    case Card::kRefundLost: return Succeed{};
    case Card::kDeclined: return Decline{"card_declined"};
    case Card::kInsufficientFunds: return Decline{"insufficient_funds"};
    case Card::kExpired: return Decline{"expired_card"};
    case Card::kTimeoutBefore: return LostBeforeCharge{};
    case Card::kTimeoutAfter: return LostAfterCharge{};
    case Card::kHttp500:
      if (fnv_1a(key) % 2 == 0) return LostAfterCharge{.reason = "http_500", .again = true};
      return LostBeforeCharge{"http_500"};
    case Card::kSlow: return Slow{slow_delay};
    case Card::kUnknown: return Decline{"payment_method_unknown"};
  }
  return Decline{"payment_method_unknown"};
}

Behaviour behaviour_of_refund(std::string_view method) {
  switch (card_of(method)) {
    case Card::kRefundFails: return Decline{"refund_failed"};
    case Card::kRefundLost: return LostAfterCharge{};
    case Card::kGood:
    case Card::kDeclined:
    case Card::kInsufficientFunds:
    case Card::kExpired:
    case Card::kTimeoutBefore:
    case Card::kTimeoutAfter:
    case Card::kHttp500:
    case Card::kSlow:
    case Card::kUnknown: return Succeed{};
  }
  return Succeed{};
}

}  // namespace

SimulatedPayments::SimulatedPayments(ports::Clock& clock, ChargeLedger& ledger, SimulatedPaymentsSettings settings)
    : clock_(clock), ledger_(ledger), settings_(settings) {}

Task<ports::PaymentAnswer> SimulatedPayments::authorize(ports::ChargeRequest request) {
  return charge_by(&ChargeLedger::authorize, std::move(request));
}

Task<ports::PaymentAnswer> SimulatedPayments::charge(ports::ChargeRequest request) {
  return charge_by(&ChargeLedger::charge, std::move(request));
}

Task<ports::PaymentAnswer> SimulatedPayments::charge_by(LedgerAnswer (ChargeLedger::*call)(const ports::ChargeRequest&,
                                                                                           std::string_view, Time),
                                                        ports::ChargeRequest request) {
  const Behaviour usual = behaviour_of_charge(request.method, request.idempotency_key, settings_.slow_delay);
  if (card_of(request.method) == Card::kUnknown) request.method = kUnknownMethod;
  const auto act = [this, call, request = std::move(request)](std::string_view decline) {
    return (ledger_.*call)(request, decline, clock_.now());
  };
  co_return co_await carry_out(next_behaviour(usual), act);
}

Task<ports::PaymentAnswer> SimulatedPayments::capture(std::string charge_reference, std::string idempotency_key) {
  const auto act = [this, charge = std::move(charge_reference), key = std::move(idempotency_key)](
                       std::string_view decline) { return ledger_.capture(charge, key, decline, clock_.now()); };
  co_return co_await carry_out(next_behaviour(Succeed{}), act);
}

Task<ports::PaymentAnswer> SimulatedPayments::cancel(std::string charge_reference, std::string idempotency_key) {
  const auto act = [this, charge = std::move(charge_reference), key = std::move(idempotency_key)](
                       std::string_view decline) { return ledger_.cancel(charge, key, decline, clock_.now()); };
  co_return co_await carry_out(next_behaviour(Succeed{}), act);
}

Task<ports::PaymentAnswer> SimulatedPayments::refund(ports::RefundRequest request) {
  const std::optional<LedgerEntry> charge = ledger_.find_charge(request.charge_reference);
  const Behaviour usual = charge ? behaviour_of_refund(charge->method) : Succeed{};
  const auto act = [this, request = std::move(request)](std::string_view decline) {
    return ledger_.refund(request, decline, clock_.now());
  };
  co_return co_await carry_out(next_behaviour(usual), act);
}

Task<ports::PaymentAnswer> SimulatedPayments::carry_out(Behaviour behaviour, Act act) {
  Duration delay = settings_.delay;
  if (const auto* slow = std::get_if<Slow>(&behaviour)) delay += slow->delay;
  if (delay > Duration::zero()) co_await clock_.sleep(delay);

  if (!reachable()) co_return unknown("connection_failed");
  if (const auto* lost = std::get_if<LostBeforeCharge>(&behaviour)) co_return unknown(lost->reason);
  const auto* decline = std::get_if<Decline>(&behaviour);
  LedgerAnswer done = act(decline != nullptr ? std::string_view(decline->reason) : std::string_view());
  if (const auto* lost = std::get_if<LostAfterCharge>(&behaviour); lost != nullptr && (lost->again || !done.repeated)) {
    co_return unknown(lost->reason);
  }
  co_return std::move(done.answer);
}

Task<std::optional<ports::PaymentAnswer>> SimulatedPayments::look_up(std::string idempotency_key) {
  if (!reachable()) co_return unknown("connection_failed");
  co_return ledger_.look_up(idempotency_key, clock_.now());
}

Behaviour SimulatedPayments::next_behaviour(Behaviour usual) {
  const std::scoped_lock lock(mutex_);
  if (next_.empty()) return usual;
  Behaviour next = std::move(next_.front());
  next_.pop_front();
  return next;
}

void SimulatedPayments::next_answer(Behaviour behaviour) {
  const std::scoped_lock lock(mutex_);
  next_.push_back(std::move(behaviour));
}

void SimulatedPayments::set_reachable(bool reachable) {
  const std::scoped_lock lock(mutex_);
  reachable_ = reachable;
}

bool SimulatedPayments::reachable() const {
  const std::scoped_lock lock(mutex_);
  return reachable_;
}

}  // namespace orderly::simulated
