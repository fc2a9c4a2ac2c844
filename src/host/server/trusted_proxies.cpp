#include "host/server/trusted_proxies.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <ranges>

namespace orderly::server {

namespace {

constexpr std::string_view kForwardedFor = "x-forwarded-for";
constexpr std::string_view kForwardedProto = "x-forwarded-proto";
constexpr int kIpv4Bits = 32;
constexpr int kIpv6Bits = 128;

bool has_prefix(const std::array<std::uint8_t, 16>& bytes, const std::array<std::uint8_t, 16>& prefix, int bits) {
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (!std::equal(prefix.begin(), prefix.begin() + whole, bytes.begin())) return false;
  const int rest = bits % 8;
  return rest == 0 || (bytes[whole] ^ prefix[whole]) >> (8 - rest) == 0;
}

bool has_bits_beyond(const std::array<std::uint8_t, 16>& bytes, int bits) {
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (bits % 8 != 0 && (bytes[whole] & (0xFF >> (bits % 8))) != 0) return true;
  const std::size_t first = whole + (bits % 8 != 0 ? 1 : 0);
  return std::any_of(bytes.begin() + first, bytes.end(), [](std::uint8_t byte) { return byte != 0; });
}

std::optional<int> parse_number(std::string_view text, int low, int high) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < low || number > high) return std::nullopt;
  return number;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_port(std::string_view text) { return parse_number(text, 0, 65535).has_value(); }

bool is_https(std::string_view text) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(text, std::string_view("https"), {}, lower);
}

}  // namespace

std::optional<TrustedProxies::Address> TrustedProxies::parse(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  const std::string copy(text);
  Address address;
  if (::inet_pton(AF_INET, copy.c_str(), address.bytes.data()) == 1) {
    address.is_ipv4 = true;
    return address;
  }
  in6_addr parsed{};
  if (::inet_pton(AF_INET6, copy.c_str(), &parsed) != 1) return std::nullopt;
  address.is_ipv4 = IN6_IS_ADDR_V4MAPPED(&parsed);
  std::copy_n(parsed.s6_addr + (address.is_ipv4 ? 12 : 0), address.is_ipv4 ? 4 : 16, address.bytes.begin());
  return address;
}

// "192.0.2.1", "192.0.2.1:4711", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:4711".
std::optional<TrustedProxies::Address> TrustedProxies::parse_entry(std::string_view entry) {
  if (entry.starts_with('[')) {
    const std::size_t end = entry.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view after = entry.substr(end + 1);
    if (!after.empty() && !(after.starts_with(':') && is_port(after.substr(1)))) return std::nullopt;
    const std::string_view inside = entry.substr(1, end - 1);
    return inside.find(':') == std::string_view::npos ? std::nullopt : parse(inside);
  }
  const std::size_t colon = entry.find(':');
  const bool has_port = colon != std::string_view::npos && colon == entry.rfind(':');
  if (!has_port) return parse(entry);
  return is_port(entry.substr(colon + 1)) ? parse(entry.substr(0, colon)) : std::nullopt;
}

std::string TrustedProxies::text_of(const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(address.is_ipv4 ? AF_INET : AF_INET6, address.bytes.data(), text.data(), text.size());
  return text.data();
}

bool TrustedProxies::add(std::string_view block) {
  const std::size_t slash = block.find('/');
  const std::string_view address_text = block.substr(0, slash);
  const auto address = parse(address_text);
  // IPv4 within IPv6 has two lengths of prefix; it is to be written as IPv4.
  if (!address || (address->is_ipv4 && address_text.find(':') != std::string_view::npos)) return false;
  const int bits_max = address->is_ipv4 ? kIpv4Bits : kIpv6Bits;
  int bits = bits_max;
  if (slash != std::string_view::npos) {
    const auto given = parse_number(block.substr(slash + 1), 1, bits_max);
    if (!given) return false;
    bits = *given;
  }
  if (has_bits_beyond(address->bytes, bits)) return false;
  blocks_.push_back({*address, bits});
  return true;
}

bool TrustedProxies::contains(const Address& address) const {
  return std::ranges::any_of(blocks_, [&](const Block& block) {
    return block.address.is_ipv4 == address.is_ipv4 &&
           has_prefix(address.bytes, block.address.bytes, block.prefix_bits);
  });
}

bool TrustedProxies::contains(std::string_view address) const {
  if (blocks_.empty()) return false;
  const auto parsed = parse(address);
  return parsed && contains(*parsed);
}

std::optional<TrustedProxies::Address> TrustedProxies::client_in(const Headers& headers) const {
  for (const auto& [name, value] : std::views::reverse(headers)) {
    if (name != kForwardedFor) continue;
    std::string_view rest = value;
    while (true) {
      const std::size_t comma = rest.rfind(',');
      const auto address = parse_entry(trimmed(comma == std::string_view::npos ? rest : rest.substr(comma + 1)));
      if (!address || !contains(*address)) return address;
      if (comma == std::string_view::npos) break;
      rest = rest.substr(0, comma);
    }
  }
  return std::nullopt;
}

TrustedProxies::Origin TrustedProxies::origin_of(const std::string& peer, const Headers& headers) const {
  if (!contains(peer)) return {peer, false};
  const auto client = client_in(headers);
  const auto is_proto = [](const auto& header) { return header.first == kForwardedProto; };
  const auto proto = std::ranges::find_if(headers, is_proto);
  const bool says_https = std::ranges::count_if(headers, is_proto) == 1 && is_https(trimmed(proto->second));
  return {client ? text_of(*client) : peer, says_https};
}

}  // namespace orderly::server
