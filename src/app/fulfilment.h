// What happens to orders by the clock: automatic delivery, and the end of those that nobody paid.
#pragma once

#include "app/app.h"
#include "ports/queue.h"

namespace orderly::app {

// A message of the fulfilment queue (orders.h: FulfilmentTask): a confirmed order is shipped and delivered, two
// versions in one commit. An order that went another way is left alone.
Task<void> handle_fulfilment(App& app, ports::Message message);

// How far back unpaid orders are looked for: all there can be, beyond any expire_after; or those whose time may have
// come since the last look.
enum class ExpiryLook { kAll, kRecent };

// Cancels unpaid orders past their expires_at, at most `max` in one call; returns how many. It walks the index of
// unpaid orders, so that no order carries a message for it; one whose payment is under way is passed over and met
// again. Safe to run anywhere, any time.
Task<std::size_t> expire_orders(App& app, std::size_t max, ExpiryLook look = ExpiryLook::kAll);

}  // namespace orderly::app
