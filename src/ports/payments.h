// A payment provider: Stripe, or the simulated one. Each call carries an idempotency key of the caller's, so that the
// same call again, after a crash or a lost answer, moves no money twice. An unknown answer is an answer: the caller
// records it, and the reconciler asks with look_up until it knows.
#pragma once

#include <optional>
#include <string>

#include "base/money.h"
#include "ports/task.h"

namespace orderly::ports {

struct ChargeRequest {
  std::string idempotency_key;  // the payment attempt's id
  std::string order_id;         // kept with the provider's record
  std::string method;           // the provider's payment method token: pm_card_visa
  Money amount;
};

struct RefundRequest {
  std::string idempotency_key;   // the refund's id
  std::string charge_reference;  // the provider's id of the charge
  Money amount;
};

struct PaymentAnswer {
  enum class Outcome { kSucceeded, kDeclined, kUnknown };
  Outcome outcome = Outcome::kUnknown;
  std::string reference;  // the provider's id of the charge or refund, where it gave one
  std::string reason;     // of a decline (the provider's code: card_declined) or of the uncertainty (timeout, http_500)
};

class Payments {
 public:
  virtual ~Payments() = default;

  // "simulated", "stripe": kept with the transaction.
  virtual std::string name() const = 0;

  // Reserves the money on the card; `capture` takes it. A declined authorization is final for its key.
  virtual Task<PaymentAnswer> authorize(ChargeRequest request) = 0;
  // Takes all of an authorized amount.
  virtual Task<PaymentAnswer> capture(std::string charge_reference, std::string idempotency_key) = 0;
  // Lets go of an authorization that was not captured.
  virtual Task<PaymentAnswer> cancel(std::string charge_reference, std::string idempotency_key) = 0;
  // Authorizes and captures in one call.
  virtual Task<PaymentAnswer> charge(ChargeRequest request) = 0;
  virtual Task<PaymentAnswer> refund(RefundRequest request) = 0;

  // What became of the charge or refund made under that idempotency key. Nothing: the provider has never seen it and
  // never will act on it (a late request is refused from now on), so that it may be settled as declined.
  // kUnknown: the provider cannot say now.
  virtual Task<std::optional<PaymentAnswer>> look_up(std::string idempotency_key) = 0;
};

}  // namespace orderly::ports
