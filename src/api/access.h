// Who may call a route. What a caller may see there, of orders that are not their own for instance, is for the use case
// to say.
#pragma once

#include <array>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/http.h"
#include "app/caller.h"

namespace orderly::api {

// A set of roles. There is no default: a route without roles does not compile.
class Roles {
 public:
  constexpr Roles(std::initializer_list<app::Role> roles) {
    for (const app::Role role : roles) bits_ |= bit(role);
  }
  constexpr bool contain(app::Role role) const { return (bits_ & bit(role)) != 0; }

 private:
  static constexpr unsigned bit(app::Role role) { return 1U << static_cast<unsigned>(role); }
  unsigned bits_ = 0;
};

inline constexpr Roles kEverybody{app::Role::kOwner,  app::Role::kStaff,    app::Role::kApprover,
                                  app::Role::kClient, app::Role::kProvider, app::Role::kAnonymous};
// Those who buy: with an account or as a guest, or for somebody.
inline constexpr Roles kShoppers{app::Role::kOwner, app::Role::kStaff, app::Role::kApprover, app::Role::kClient,
                                 app::Role::kAnonymous};
inline constexpr Roles kKnown{app::Role::kOwner, app::Role::kStaff, app::Role::kApprover, app::Role::kClient};
inline constexpr Roles kClerks{app::Role::kOwner, app::Role::kStaff};
inline constexpr Roles kPaymentReporters{app::Role::kOwner, app::Role::kProvider};
inline constexpr Roles kOwnerOnly{app::Role::kOwner};
inline constexpr Roles kClientOnly{app::Role::kClient};
inline constexpr Roles kOwnerOrClient{app::Role::kOwner, app::Role::kClient};

// What a route is about. With ":read" or ":write" behind it, it is a scope of API keys.
enum class Area { kOperation, kCatalog, kCarts, kOrders, kPayments, kInvoices, kKeys, kEvents, kClients, kAccounts };
inline const auto& enum_names(Area) {
  static constexpr std::array<std::pair<Area, std::string_view>, 10> kNames{{{Area::kOperation, "operation"},
                                                                             {Area::kCatalog, "catalog"},
                                                                             {Area::kCarts, "carts"},
                                                                             {Area::kOrders, "orders"},
                                                                             {Area::kPayments, "payments"},
                                                                             {Area::kInvoices, "invoices"},
                                                                             {Area::kKeys, "keys"},
                                                                             {Area::kEvents, "events"},
                                                                             {Area::kClients, "clients"},
                                                                             {Area::kAccounts, "accounts"}}};
  return kNames;
}

bool changes_something(Method method);
// "orders:write".
std::string scope_of(Area area, Method method);
std::vector<std::string> all_scopes();
// Throws Error(kInvalidRequest) naming those that are none: "/scopes/0".
void require_scopes(const std::vector<std::string>& scopes);

// Nobody in particular may look at these, has a cart made for them, and may sign in.
constexpr bool needs_identity(Area area) {
  return area != Area::kOperation && area != Area::kCatalog && area != Area::kCarts && area != Area::kAccounts;
}

struct Route;
// Throws Error(kUnauthenticated, "credentials-required") when a caller without credentials may not call it,
// "guest-token-required" when they could as a guest, Error(kForbidden, "forbidden") when the caller's role or scopes
// do not allow it.
void require_access(const Route& route, Method method, const app::Caller& caller);

}  // namespace orderly::api
