// Which bytes may stand where in a request, by RFC 9110 section 5 and RFC 3986 section 3.
#pragma once

#include <string>
#include <string_view>

namespace orderly::https {

inline char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
std::string lower_case(std::string_view text);

// A method or a header's name.
bool is_token(std::string_view text);
// A header's value: no control byte but the tab, so no end of line either.
bool is_field_value(std::string_view text);
// A path with or without a query: visible ASCII, without '#'.
bool is_target(std::string_view text);
// A name or an IPv4 address, or an IPv6 address without brackets and zone.
bool is_host(std::string_view text);
bool is_ipv6_address(std::string_view text);

}  // namespace orderly::https
