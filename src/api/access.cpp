#include "api/access.h"

#include <algorithm>

#include "api/router.h"
#include "base/error.h"
#include "base/json_type.h"

namespace orderly::api {

bool changes_something(Method method) {
  return method == Method::kPost || method == Method::kPut || method == Method::kDelete || method == Method::kPatch;
}

std::string scope_of(Area area, Method method) {
  return std::string(json::name_of(area)) + (changes_something(method) ? ":write" : ":read");
}

std::vector<std::string> all_scopes() {
  std::vector<std::string> scopes;
  for (const auto& [area, name] : enum_names(Area{})) {
    for (const Method method : {Method::kGet, Method::kPost}) scopes.push_back(scope_of(area, method));
  }
  return scopes;
}

void require_scopes(const std::vector<std::string>& scopes) {
  const std::vector<std::string> known = all_scopes();
  std::vector<Problem> problems;
  for (std::size_t i = 0; i < scopes.size(); ++i) {
    if (std::ranges::find(known, scopes[i]) == known.end())
      problems.push_back({"/scopes/" + std::to_string(i), "is no known scope"});
  }
  if (!problems.empty()) throw Error(std::move(problems));
}

void require_access(const Route& route, Method method, const app::Caller& caller) {
  if (caller.role == app::Role::kAnonymous) {
    if (!route.roles.contain(caller.role)) {
      throw Error(ErrorCode::kUnauthenticated, "credentials-required", "This needs an API key: Authorization: Bearer.");
    }
    if (caller.client_id.empty() && needs_identity(route.area)) {
      throw Error(ErrorCode::kUnauthenticated, "guest-token-required",
                  "This needs an API key, or a guest's token as Cart-Id: GET /cart gives one.");
    }
    return;
  }
  const auto has_scope = [&] { return std::ranges::count(caller.scopes, scope_of(route.area, method)) > 0; };
  if (!route.roles.contain(caller.role) || (!caller.scopes.empty() && !has_scope())) {
    throw Error(ErrorCode::kForbidden, "forbidden", "Your role or your key's scopes do not allow this.");
  }
}

}  // namespace orderly::api
