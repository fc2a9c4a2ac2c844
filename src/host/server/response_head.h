// Makes the bytes before an answer's body, and the problems that the server itself answers with.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "api/http.h"
#include "base/time.h"
#include "host/server/request_head.h"

namespace orderly::server {

struct ResponseFrame {
  std::string_view date;  // http_date()
  std::string_view request_id;
  bool is_http_1_0 = false;  // of the request
  bool keeps_alive = true;
};

// Appends the status line, the server's own headers and the response's to `out`, empty line included. False, with
// `out` in an unknown state, when a header of the response is not one line: it must not be sent then.
[[nodiscard]] bool append_response_head(const api::Response& response, const ResponseFrame& frame, std::string& out);

// RFC 9457: {"type":"about:blank","title":…,"status":…,"code":…,"detail":…}.
api::Response problem_response(const HttpFault& fault);

// RFC 9110 section 5.6.7: "Fri, 20 Nov 2026 09:30:00 GMT".
std::string http_date(Time time);

// "Not Found"; for a status without a name, "Status".
std::string_view reason_phrase(int status);

// RFC 9112 section 7.1; an empty one is the last.
std::string chunk(std::string_view bytes);

// False for those that RFC 9110 lets have no body: 1xx, 204, 304.
bool may_have_body(int status);

}  // namespace orderly::server
