// What workers do with payments: take one, settle one whose outcome is unknown, give money back.
//
// The provider is asked only after the attempt is durably `processing`, under the attempt's own id as idempotency key,
// so that a crash anywhere, or the same message twice, charges once. Every outcome is a commit that also acknowledges
// the message.
#pragma once

#include "app/app.h"
#include "ports/queue.h"

namespace orderly::app {

// A message of the payments queue (orders.h: PaymentTask). Throws Error(kBrokenInvariant) for a message that makes no
// sense, kUnavailable when it should come again.
Task<void> handle_payment(App& app, ports::Message message);

// A message of the refunds queue (orders.h: RefundTask).
Task<void> handle_refund(App& app, ports::Message message);

}  // namespace orderly::app
