// A request and its response as the API sees them: no socket, no Lambda event. host turns bytes into these and back.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "ports/task.h"

namespace orderly::api {

enum class Method { kGet, kHead, kPost, kPut, kDelete, kPatch, kOptions, kTrace };
// "GET", …
std::string_view method_name(Method method);

// The host has checked: method known, target well-formed and within its limits, headers legal, body complete and within
// its limit.
struct Request {
  Method method = Method::kGet;
  std::string target;                                        // as sent: "/orders/ord_01?wait=20", still percent-encoded
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case, in the order sent
  std::string body;
  std::string remote_address;  // of the client, for rate limits and the audit trail; empty on a Unix socket
  Time received_at;
  bool is_https = false;  // as far as a trusted proxy says
  std::string id{};       // what the log and the answer call it; a caller may have chosen it. Fit for both

  // The first value of that header (lower case), or nothing.
  std::optional<std::string_view> header(std::string_view name) const;
};

// Gives the next piece of a body that is sent as it comes into being; nothing when it is over. Not empty.
using BodyStream = std::function<Task<std::optional<std::string>>()>;

struct Response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;  // without content-length, date and connection
  std::string body;
  std::string_view route;  // the pattern that matched ("/orders/{id}"), for metrics and the log; static storage
  BodyStream stream{};     // where there is one, it is the body
};

// Whether If-None-Match names the tag, which is strong and has no comma in it: the weak comparison of RFC 9110, section
// 13.1.2.
bool matches_tag(const Request& request, std::string_view tag);
// Whether Accept-Encoding takes gzip (RFC 9110, section 12.5.3). Without the header it does not: nobody asked.
bool accepts_gzip(const Request& request);

}  // namespace orderly::api
