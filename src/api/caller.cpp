#include "api/caller.h"

#include <algorithm>
#include <array>

#include "app/api_keys.h"
#include "app/outside_tokens.h"
#include "app/place_order.h"
#include "app/sessions.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"

namespace orderly::api {

namespace {

constexpr std::string_view kDemoCart = "demo";
constexpr std::string_view kGuestPrefix = "guest_";
constexpr std::size_t kGuestBytes = 20;

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

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

// What follows "Bearer " (RFC 6750, section 2.1); nothing when there is no Authorization.
std::optional<std::string> bearer_token(const Request& request) {
  constexpr std::string_view kScheme = "Bearer ";
  const auto header = request.header("authorization");
  if (!header) return std::nullopt;
  if (header->size() <= kScheme.size() || !equal_ignoring_case(header->substr(0, kScheme.size()), kScheme)) {
    throw Error(ErrorCode::kUnauthenticated, "invalid-credentials", "Authorization must be Bearer and a key or token.");
  }
  return std::string(header->substr(kScheme.size()));
}

// Not sent by a page of another host's, as far as the browser says.
bool is_of_this_host(const Request& request) {
  const auto origin = request.header("origin");
  if (!origin) return request.header("sec-fetch-site").value_or("none") != "cross-site";
  const auto host = request.header("host");
  const std::size_t scheme = origin->find("://");
  return host && scheme != std::string_view::npos && equal_ignoring_case(origin->substr(scheme + 3), *host);
}

bool is_guest_token(std::string_view text) {
  return text.size() == kGuestPrefix.size() + 2 * kGuestBytes && text.starts_with(kGuestPrefix) &&
         from_hex(text.substr(kGuestPrefix.size())).has_value();
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

std::string make_guest_token(app::App& app) {
  std::array<std::uint8_t, kGuestBytes> chance;
  app.random.fill(chance);
  return std::string(kGuestPrefix) + to_hex(chance);
}

app::Caller guest(const app::App& app, std::string_view token) {
  app::Caller caller;
  caller.client_id = app::client_of_guest(app, token);
  caller.cart = caller.client_id;
  caller.name = "guest";
  return caller;
}

Task<app::Caller> identify(app::App& app, const Request& request) {
  if (auto token = bearer_token(request)) {
    if (app::looks_like_access_token(*token)) co_return co_await app::caller_of_access_token(app, *std::move(token));
    if (app::looks_like_api_key(*token)) co_return co_await app::caller_of_api_key(app, *std::move(token));
    co_return co_await app::caller_of_token(app, *std::move(token));
  }
  if (const auto token = request.header("cart-id")) {
    if (!is_guest_token(*token)) {
      throw Error(ErrorCode::kUnauthenticated, "invalid-credentials", "This Cart-Id is no guest's token.");
    }
    co_return guest(app, *token);
  }
  const auto token = cookie(request, "cart");
  if (token && is_guest_token(*token) && is_of_this_host(request)) co_return guest(app, *token);
  co_return app::Caller{app::Role::kAnonymous, {}, {}, "anonymous"};
}

bool has_access_token(const Request& request) {
  const std::string_view header = request.header("authorization").value_or("");
  constexpr std::size_t kScheme = std::string_view("Bearer ").size();
  return header.size() > kScheme && app::looks_like_access_token(header.substr(kScheme));
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
