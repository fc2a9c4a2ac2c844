#include "engines/https/request_head.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "engines/https/text_rules.h"

namespace orderly::https {
namespace {

// Made here, or not done at all.
constexpr std::array<std::string_view, 6> kOwnHeaders{"host",    "content-length", "connection", "transfer-encoding",
                                                      "upgrade", "expect"};

[[noreturn]] void throw_malformed(const char* what) {
  throw Error(ErrorCode::kInternal, "malformed-request", "Something went wrong.", what);
}

void check(const Request& request) {
  if (!is_token(request.method) || request.method == "CONNECT") throw_malformed("the method is none");
  if (!is_target(request.target)) throw_malformed("the target holds a byte that must be encoded, or no path");
  if (!is_host(request.endpoint.host) || request.endpoint.port == 0) throw_malformed("the endpoint is none");
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name)) throw_malformed("a header's name is none");
    if (!is_field_value(value)) throw_malformed("a header's value holds a control byte");
    if (std::ranges::find(kOwnHeaders, lower_case(name)) != kOwnHeaders.end()) {
      throw_malformed("a header that the client makes itself");
    }
  }
}

// RFC 9110 section 8.6: for methods that expect a body, an empty one is announced too.
bool announces_length(const Request& request) {
  return !request.body.empty() || request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
}

}  // namespace

std::string make_request_head(const Request& request) {
  check(request);
  const std::string host = request.endpoint.host_header();
  std::size_t size = request.method.size() + request.target.size() + host.size() + 64;
  for (const auto& [name, value] : request.headers) size += name.size() + value.size() + 4;

  std::string head;
  head.reserve(size);
  head.append(request.method).append(" ").append(request.target).append(" HTTP/1.1\r\nHost: ").append(host);
  for (const auto& [name, value] : request.headers) head.append("\r\n").append(name).append(": ").append(value);
  if (announces_length(request)) head.append("\r\nContent-Length: ").append(std::to_string(request.body.size()));
  head.append("\r\n\r\n");
  return head;
}

}  // namespace orderly::https
