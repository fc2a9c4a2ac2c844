// Who is calling. Without keys configured the program is a demo: it listens on loopback only, the caller acts as its
// owner, and requests that a web page of somebody else's could have caused are refused. With keys, a caller shows one,
// or is a guest, known by a token.
#pragma once

#include <string>
#include <string_view>

#include "api/http.h"
#include "app/app.h"

namespace orderly::api {

// Refuses a Host or Origin that is not a loopback name (DNS rebinding, cross-site requests). Throws Error(kForbidden).
void require_loopback(const Request& request);

// The demo's caller. The cart is the one of the Cart-Id header or the `cart` cookie; callers without share one. Throws
// Error(kInvalidRequest) for a token that is not [A-Za-z0-9_-]{1,64}.
// Whether it comes with a token that we gave a client who signed in: in the demo, too, that is who they are.
bool has_access_token(const Request& request);
app::Caller demo_caller(const Request& request);

// The caller that the request's credentials show: an API key or an outside issuer's token as Authorization: Bearer,
// else a guest by the token in the Cart-Id header or, for a page of this host's own, in the `cart` cookie, else nobody.
// A guest's token is a secret: what is stored is a hash, client_of_guest. Throws Error(kUnauthenticated):
// "invalid-api-key", "invalid-token"; "invalid-credentials" for any other Authorization, and for a Cart-Id that is not
// one of make_guest_token's; Error(kUnavailable, "issuer-unavailable").
Task<app::Caller> identify(app::App& app, const Request& request);

// 160 bits of chance behind "guest_".
std::string make_guest_token(app::App& app);
app::Caller guest(const app::App& app, std::string_view token);

}  // namespace orderly::api
