#include "api/caller.h"

#include <algorithm>

#include "base/error.h"
#include "base/limits.h"

namespace orderly::api {

namespace {

constexpr std::string_view kDemoCart = "demo";

// "localhost:8080" → "localhost", "[::1]:80" → "[::1]".
std::string_view without_port(std::string_view authority) {
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.rfind(':');
  if (colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket)) return authority;
  return authority.substr(0, colon);
}

// 127.0.0.0/8 as four decimal numbers, so that 127.evil.example is none.
bool is_loopback_address(std::string_view host) {
  if (!host.starts_with("127.")) return false;
  const bool plain = std::all_of(host.begin(), host.end(), [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
  return plain && std::count(host.begin(), host.end(), '.') == 3;
}

bool is_loopback_name(std::string_view host) {
  std::string lower(host);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return lower == "localhost" || lower.ends_with(".localhost") || lower == "[::1]" || is_loopback_address(lower);
}

[[noreturn]] void refuse(std::string_view header) {
  throw Error(ErrorCode::kForbidden, "not-loopback",
              "The demo answers loopback names only, and this request's " + std::string(header) + " is another.");
}

std::optional<std::string_view> cookie(const Request& request, std::string_view name) {
  const auto header = request.header("cookie");
  if (!header) return std::nullopt;
  std::string_view rest = *header;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(';'), rest.size());
    std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    if (pair.starts_with(name) && pair.substr(name.size()).starts_with('=')) return pair.substr(name.size() + 1);
  }
  return std::nullopt;
}

bool is_cart_token(std::string_view text) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !text.empty() && text.size() <= limits::kIdMax && std::all_of(text.begin(), text.end(), is_allowed);
}

}  // namespace

void require_loopback(const Request& request) {
  const auto host = request.header("host");
  if (!host || !is_loopback_name(without_port(*host))) refuse("Host");
  const auto origin = request.header("origin");
  if (!origin) return;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (origin->starts_with(scheme) && is_loopback_name(without_port(origin->substr(scheme.size())))) return;
  }
  refuse("Origin");
}

app::Caller demo_caller(const Request& request) {
  app::Caller caller{app::Role::kOwner, {}, std::string(kDemoCart), "demo"};
  auto token = request.header("cart-id");
  if (!token) token = cookie(request, "cart");
  if (!token) {
    caller.client_id = "demo";
    return caller;
  }
  if (!is_cart_token(*token)) throw_invalid("", "The cart token must be letters, digits, '_' or '-', at most 64.");
  caller.cart = *token;
  return caller;
}

}  // namespace orderly::api
