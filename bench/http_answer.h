// As much of HTTP/1.1 as a load generator needs to read its answers: the status line and Content-Length. An answer of
// another framing (chunked, or none) is malformed here: the server under test always says how long its answers are.
#pragma once

#include <cstddef>
#include <string_view>

namespace orderly::bench {

struct ParsedAnswer {
  enum class State { kIncomplete, kComplete, kMalformed };
  State state = State::kIncomplete;
  int status = 0;
  std::size_t head_bytes = 0;  // known once the head is complete
  std::size_t body_bytes = 0;
  bool closes = false;  // the server will take no further request on this connection

  std::size_t bytes() const { return head_bytes + body_bytes; }
};

// Looks at the answer that `bytes` begin with. What follows it is not looked at.
ParsedAnswer parse_answer(std::string_view bytes);

}  // namespace orderly::bench
