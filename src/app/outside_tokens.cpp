#include "app/outside_tokens.h"

#include <algorithm>

#include "base/error.h"
#include "base/json_type.h"
#include "base/text.h"

namespace orderly::app {

namespace {

constexpr std::size_t kSubjectCharacters = 22;  // 132 bits

Role role_of(const std::vector<std::string>& named) {
  for (const Role role : {Role::kOwner, Role::kStaff, Role::kApprover, Role::kProvider}) {
    if (std::ranges::count(named, json::name_of(role)) > 0) return role;
  }
  return Role::kClient;
}

}  // namespace

Task<Caller> caller_of_token(App& app, std::string token) {
  if (app.tokens == nullptr) {
    throw Error(ErrorCode::kUnauthenticated, "invalid-token", "This token is not valid.", "no issuer is set up");
  }
  const ports::Identity identity = co_await app.tokens->verify(std::move(token));
  // The length parts the two, so that no other pair reads the same.
  const std::string whole = std::to_string(identity.issuer.size()) + ":" + identity.issuer + identity.subject;
  Caller caller;
  caller.role = role_of(identity.roles);
  caller.client_id = "sub_" + base64url_encode(app.crypto.sha256(whole)).substr(0, kSubjectCharacters);
  caller.cart = caller.client_id;
  caller.name = "token:" + caller.client_id;
  co_return caller;
}

}  // namespace orderly::app
