// A payment provider inside the process, for the demo, tests and crash tests. Its money is in a ChargeLedger, which may
// outlive the shop's own data. How it behaves follows from the payment method's token, as with Stripe's test cards
// (https://docs.stripe.com/testing; the first five are Stripe's own):
//
//   pm_card_visa, pm_card_mastercard       succeed
//   pm_card_visa_chargeDeclined            declined: card_declined
//   pm_card_chargeDeclinedInsufficientFunds   declined: insufficient_funds
//   pm_card_chargeDeclinedExpiredCard      declined: expired_card
//   pm_sim_timeout_before_charge           unknown: timeout; nothing was charged, however often it is tried
//   pm_sim_timeout_after_charge            unknown: timeout; it was charged, the answer was lost. The same key again is
//                                          answered
//   pm_sim_http_500                        unknown: http_500, also for the same key again, as Stripe repeats a saved
//   500.
//                                          Charged when the 64-bit FNV-1a hash of the key is even, else not
//   pm_sim_slow                            succeeds after settings.slow_delay
//   pm_sim_refund_fails                    succeeds; its refunds are declined: refund_failed
//   pm_sim_refund_lost                     succeeds; its refunds are made, the first answer to each is unknown: timeout
//   anything else                          declined: payment_method_unknown (the token itself is not kept)
//
// A test may also say what happens next, whatever the card: next_answer. look_up tells what really happened.
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <variant>

#include "base/time.h"
#include "engines/simulated_payments/charge_ledger.h"
#include "ports/clock.h"
#include "ports/payments.h"

namespace orderly::simulated {

struct Succeed {};
struct Decline {
  std::string reason = "card_declined";
};
// Never reached the provider.
struct LostBeforeCharge {
  std::string reason = "timeout";
};
// Done, but the caller is not told.
struct LostAfterCharge {
  std::string reason = "timeout";
  bool again = false;  // nor when it repeats the call
};
// Succeeds late.
struct Slow {
  Duration delay{3'000};
};
using Behaviour = std::variant<Succeed, Decline, LostBeforeCharge, LostAfterCharge, Slow>;

struct SimulatedPaymentsSettings {
  Duration delay{0};           // before every answer but look_up's
  Duration slow_delay{3'000};  // of pm_sim_slow, on top
};

// Thread-safe. Repetition and refund rules are the ledger's: see ChargeLedger. Throws Error(kUnavailable) when the
// ledger's storage fails; whether money moved is then unknown. `clock` and `ledger` must outlive it.
class SimulatedPayments final : public ports::Payments {
 public:
  SimulatedPayments(ports::Clock& clock, ChargeLedger& ledger, SimulatedPaymentsSettings settings = {});

  std::string name() const override { return "simulated"; }
  Task<ports::PaymentAnswer> authorize(ports::ChargeRequest request) override;
  Task<ports::PaymentAnswer> capture(std::string charge_reference, std::string idempotency_key) override;
  Task<ports::PaymentAnswer> cancel(std::string charge_reference, std::string idempotency_key) override;
  Task<ports::PaymentAnswer> charge(ports::ChargeRequest request) override;
  Task<ports::PaymentAnswer> refund(ports::RefundRequest request) override;
  Task<std::optional<ports::PaymentAnswer>> look_up(std::string idempotency_key) override;

  // For tests. Each call but look_up takes one of the queue, in the order that calls begin, instead of what its card
  // says; a key that was answered before is still answered as before.
  void next_answer(Behaviour behaviour);
  // While unreachable, every call is unknown "connection_failed" and nothing happens; look_up cannot say.
  void set_reachable(bool reachable);

 private:
  using Act = std::function<LedgerAnswer(std::string_view decline)>;

  // Takes what next_answer left, else `usual`.
  Behaviour next_behaviour(Behaviour usual);
  Task<ports::PaymentAnswer> charge_by(LedgerAnswer (ChargeLedger::*call)(const ports::ChargeRequest&, std::string_view,
                                                                          Time),
                                       ports::ChargeRequest request);
  Task<ports::PaymentAnswer> carry_out(Behaviour behaviour, Act act);
  bool reachable() const;

  ports::Clock& clock_;
  ChargeLedger& ledger_;
  const SimulatedPaymentsSettings settings_;
  mutable std::mutex mutex_;  // of what follows
  std::deque<Behaviour> next_;
  bool reachable_ = true;
};

}  // namespace orderly::simulated
