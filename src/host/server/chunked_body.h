// Takes a chunked body (RFC 9112 section 7.1) apart, byte by byte and strictly: sizes of 1 to 8 hexadecimal digits, CR
// LF exactly where it belongs, chunk extensions ignored up to a limit, no trailer fields. Throws nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "host/server/request_head.h"

namespace orderly::server {

class ChunkedBody {
 public:
  explicit ChunkedBody(std::size_t body_bytes_max) : body_bytes_max_(body_bytes_max) {}

  // Reads on in `bytes`, appending to `body`, up to the body's end at most. Sets `consumed` to how many bytes it took;
  // the rest is the next request's. A fault: 400, or 413 as soon as a chunk's size would lead over the limit.
  std::optional<HttpFault> feed(std::string_view bytes, std::string& body, std::size_t& consumed);
  bool is_complete() const { return state_ == State::kComplete; }

 private:
  enum class State { kSize, kExtension, kSizeLf, kData, kDataCr, kDataLf, kEndCr, kEndLf, kComplete };

  std::optional<HttpFault> take(char byte, std::size_t body_bytes);
  std::optional<HttpFault> take_size(char byte, std::size_t body_bytes);

  static constexpr int kSizeDigitsMax = 8;
  static constexpr std::size_t kExtensionBytesMax = 1024;  // in all chunks of a body together

  const std::size_t body_bytes_max_;
  State state_ = State::kSize;
  int size_digits_ = 0;
  std::uint64_t left_ = 0;  // of the chunk
  std::size_t extension_bytes_ = 0;
};

}  // namespace orderly::server
