#include <charconv>

#include "base/error.h"
#include "engines/https/client.h"
#include "engines/https/text_rules.h"

namespace orderly::https {
namespace {

constexpr std::uint16_t kHttpsPort = 443;
constexpr std::uint16_t kHttpPort = 80;

// The URL itself may hold a secret: it is not told.
[[noreturn]] void throw_malformed(const char* what) {
  throw Error(ErrorCode::kInternal, "malformed-url", "An address is not a usable URL.", what);
}

// Takes "https://" or "http://" off the front; true for the former.
bool take_scheme(std::string_view& rest) {
  const std::size_t end = rest.find("://");
  const std::string scheme = end == std::string_view::npos ? "" : lower_case(rest.substr(0, end));
  if (scheme != "https" && scheme != "http") throw_malformed("the scheme is neither https nor http");
  rest.remove_prefix(end + 3);
  return scheme == "https";
}

std::uint16_t parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) throw_malformed("the port is none");
  return port;
}

struct Authority {
  std::string_view host;
  std::string_view port;  // with its colon; empty: none is named
};

Authority split(std::string_view authority) {
  if (authority.find('@') != std::string_view::npos) throw_malformed("user information is not accepted");
  if (!authority.starts_with('[')) {
    const std::size_t colon = std::min(authority.find(':'), authority.size());
    return {authority.substr(0, colon), authority.substr(colon)};
  }
  const std::size_t end = authority.find(']');
  if (end == std::string_view::npos) throw_malformed("a bracket is left open");
  const Authority parts{authority.substr(1, end - 1), authority.substr(end + 1)};
  if (!is_ipv6_address(parts.host)) throw_malformed("no IPv6 address in the brackets");
  return parts;
}

}  // namespace

std::string Endpoint::host_header() const {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  std::string text = is_ipv6 ? '[' + host + ']' : host;
  if (port != (tls ? kHttpsPort : kHttpPort)) text += ':' + std::to_string(port);
  return text;
}

Url parse_url(std::string_view url) {
  Url parsed;
  std::string_view rest = url;
  parsed.endpoint.tls = take_scheme(rest);
  if (rest.find('#') != std::string_view::npos) throw_malformed("a fragment is not accepted");

  const std::size_t authority_end = std::min(rest.find_first_of("/?"), rest.size());
  const auto [host, port] = split(rest.substr(0, authority_end));
  if (!is_host(host)) throw_malformed("the host is none");
  if (!port.empty() && !port.starts_with(':')) throw_malformed("something other than a port follows the host");
  parsed.endpoint.host = lower_case(host);
  parsed.endpoint.port = port.empty() ? (parsed.endpoint.tls ? kHttpsPort : kHttpPort) : parse_port(port.substr(1));

  rest.remove_prefix(authority_end);
  parsed.target = rest.starts_with('/') ? rest : '/' + std::string(rest);
  if (!is_target(parsed.target)) throw_malformed("the path or the query holds a byte that must be encoded");
  return parsed;
}

}  // namespace orderly::https
