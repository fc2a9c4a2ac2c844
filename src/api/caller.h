// Who is calling. Without keys configured the program is a demo: it listens on loopback only, the caller acts as its
// owner, and requests that a web page of somebody else's could have caused are refused.
#pragma once

#include "api/http.h"
#include "app/app.h"

namespace orderly::api {

// Refuses a Host or Origin that is not a loopback name (DNS rebinding, cross-site requests). Throws Error(kForbidden).
void require_loopback(const Request& request);

// The demo's caller. The cart is the one of the Cart-Id header or the `cart` cookie; callers without share one. Throws
// Error(kInvalidRequest) for a token that is not [A-Za-z0-9_-]{1,64}.
app::Caller demo_caller(const Request& request);

}  // namespace orderly::api
