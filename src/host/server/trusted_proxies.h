// Whom a request comes from when it came by way of a proxy: what X-Forwarded-For and X-Forwarded-Proto say, believed of
// proxies that the settings name and of nobody else, since everybody can send these headers.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace orderly::server {

class TrustedProxies {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;  // names in lower case

  struct Origin {
    std::string address;
    bool is_https = false;  // between the client and the proxy
  };

  // Adds a block of addresses (RFC 4632, RFC 4291 section 2.3), "10.0.0.0/8" or "fd00::/8", or one address. False, and
  // nothing is added, when the text is none, has bits beyond its prefix, or is everybody's ("0.0.0.0/0").
  bool add(std::string_view block);
  bool empty() const { return blocks_.empty(); }
  // `address` as origin_of gives it.
  bool contains(std::string_view address) const;

  // Of a request whose connection came from `peer`. When that is a trusted proxy: the right-most address in all
  // X-Forwarded-For together that is none. Each proxy adds on the right whom it was called by, so what stands further
  // left may be anybody's invention, and is not looked at. The peer's own address where an entry on the way there is no
  // address (a port may follow it), or all are trusted. By https: there is one X-Forwarded-Proto, and it says so.
  //
  // Addresses are written as RFC 5952 has them, IPv4 that came through IPv6 as IPv4.
  Origin origin_of(const std::string& peer, const Headers& headers) const;

 private:
  struct Address {
    bool is_ipv4 = false;
    std::array<std::uint8_t, 16> bytes{};  // of IPv4 the first four
  };
  struct Block {
    Address address;
    int prefix_bits = 0;
  };

  static std::optional<Address> parse(std::string_view text);
  static std::optional<Address> parse_entry(std::string_view entry);
  static std::string text_of(const Address& address);
  bool contains(const Address& address) const;
  // Nothing: the headers do not tell.
  std::optional<Address> client_in(const Headers& headers) const;

  std::vector<Block> blocks_;
};

}  // namespace orderly::server
