#include "app/caller.h"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include "base/text.h"

namespace orderly::app {

namespace {

namespace ip = boost::asio::ip;

// Says where somebody was, and among so many addresses not who.
constexpr unsigned short kNetworkBitsV4 = 24;
constexpr unsigned short kNetworkBitsV6 = 48;

bool is_personal(Role role) { return role == Role::kClient || role == Role::kAnonymous; }

// An IPv4 address in the form of an IPv6 one is an IPv4 address; the name of an interface says something of ours only.
ip::address plain(const ip::address& address) {
  if (!address.is_v6()) return address;
  if (address.to_v6().is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, address.to_v6());
  return ip::address_v6(address.to_v6().to_bytes());
}

std::string network_of(const ip::address& address) {
  if (address.is_v4()) return ip::make_network_v4(address.to_v4(), kNetworkBitsV4).canonical().to_string();
  return ip::make_network_v6(address.to_v6(), kNetworkBitsV6).canonical().to_string();
}

}  // namespace

bool is_clerk(const Caller& caller) { return caller.role == Role::kOwner || caller.role == Role::kStaff; }

Caller worker(std::string_view what, std::string message_id) {
  Caller caller{Role::kWorker, {}, {}, "worker:" + std::string(what)};
  caller.request = std::move(message_id);
  return caller;
}

std::string source_of(Role role, std::string_view address) {
  boost::system::error_code error;
  const ip::address parsed = ip::make_address(std::string(address), error);
  if (error) return {};
  return is_personal(role) ? network_of(plain(parsed)) : plain(parsed).to_string();
}

std::string request_of(std::string_view id) {
  const bool is_unfit = holds_card_number(id) || holds_secret(id);
  return is_unfit ? std::string() : std::string(id);
}

}  // namespace orderly::app
