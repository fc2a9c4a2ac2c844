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
// Owner and staff: those who see and do what is everybody's.
bool is_clerk(const Caller& caller);
// A worker acting on a message, or without one on the clock: "worker:payments".
Caller worker(std::string_view what, std::string message_id = {});

// What events keep of the address that a caller of that role calls from: "203.0.113.7", or of clients and guests, whose
// address is personal, the network that it is in: "203.0.113.0/24", "2001:db8:1::/48". "" for what is no address.
std::string source_of(Role role, std::string_view address);
// What events keep of a request's id, which its caller may have chosen: nothing of one that holds a card number or a
// key.
std::string request_of(std::string_view id);

}  // namespace orderly::app
