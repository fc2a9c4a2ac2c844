// Orders of a guest that become a client's: who shows the guest's token with a client's credentials is both.
#pragma once

#include <string>

#include "app/views.h"

namespace orderly::app {

// `guest_token` as the guest sent it. The order with its payments belongs to the caller, who is a client with a record,
// from then on; its invoices show whom they were issued to, and are the caller's to see. An order that is the caller's
// already is no error. Throws not_found for an order that is neither's,
// Error(kRefused, "too-many-guests"), Error(kRefused, "too-many-transactions").
Task<Answer> claim_order(App& app, Caller caller, std::string order_id, std::string guest_token, RepeatKey key);

}  // namespace orderly::app
