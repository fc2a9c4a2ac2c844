// Who asks.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace orderly::app {

enum class Role { kOwner, kStaff, kApprover, kClient, kProvider, kAnonymous, kWorker };

// Those that somebody can be given.
inline const auto& enum_names(Role) {
  static constexpr std::array<std::pair<Role, std::string_view>, 5> kNames{{{Role::kOwner, "owner"},
                                                                            {Role::kStaff, "staff"},
                                                                            {Role::kApprover, "approver"},
                                                                            {Role::kClient, "client"},
                                                                            {Role::kProvider, "provider"}}};
  return kNames;
}

// `client_id` and `cart` are empty where there is none; `name` is what events call the actor.
struct Caller {
  Role role = Role::kAnonymous;
  std::string client_id;
  std::string cart;
  std::string name;
  std::vector<std::string> scopes{};  // "orders:read", …: nothing else is allowed; none: all that the role may do
  std::string source{};               // from where, as events may keep it; "" for workers
  std::string request{};              // the request's id, or the id of the message that a worker handles
};
// A worker acting on a message or the clock: "worker:payments".
Caller worker(std::string_view what);

}  // namespace orderly::app
