// Reads the head of an HTTP request, strictly, and is the only parser of it. Beast's lets pass what two servers in a
// row may read differently (bare LF, obs-fold, a repeated Host, an unknown coding beside Content-Length), so that its
// input would have to be checked byte by byte beforehand; once that is done, little is left to parse, and one parser
// cannot disagree with another. What is refused here although RFC 9112 would let a server mend it: anything that a
// sender with no ill intent has no reason to send.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/http.h"

namespace orderly::server {

// Why a request is refused. All texts have static storage and are fit for the caller.
struct HttpFault {
  int status = 400;
  std::string_view code;    // a slug: "malformed-request"
  std::string_view detail;  // a sentence
};

// Finds the end of a head in bytes that arrive little by little, looking at each once. Refuses, as soon as it is seen,
// what must not be waited for: a bare LF (400), a request line over its limit (414), a head over its limits (431).
class HeadScanner {
 public:
  // `bytes`: all bytes of the request so far, those of earlier calls included.
  std::optional<HttpFault> scan(std::string_view bytes);
  // Of the head, its empty line included; 0 while that has not come.
  std::size_t head_bytes() const { return head_bytes_; }

 private:
  std::size_t looked_at_ = 0;
  std::size_t line_begin_ = 0;
  std::size_t line_count_ = 0;
  std::size_t head_bytes_ = 0;
};

// Views into the bytes that were parsed. Reused from request to request, so that its memory is.
struct RequestHead {
  struct Field {
    std::string_view name;  // as sent
    std::string_view value;
  };

  api::Method method = api::Method::kGet;
  std::string_view target;
  bool is_http_1_0 = false;
  bool keeps_alive = true;
  bool expects_continue = false;
  bool is_chunked = false;
  std::uint64_t content_length = 0;
  std::vector<Field> fields;
};

// `bytes` is a whole head as a HeadScanner found it. On a fault, `head` is of no use.
std::optional<HttpFault> parse_request_head(std::string_view bytes, RequestHead& head);

// "GET"; static storage.
std::string_view name_of(api::Method method);

}  // namespace orderly::server
