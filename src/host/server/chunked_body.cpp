#include "host/server/chunked_body.h"

#include <algorithm>

#include "host/server/byte_class.h"

namespace orderly::server {

namespace {

HttpFault malformed(std::string_view detail) { return {400, "malformed-request", detail}; }

unsigned hex_value(char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : lower(c) - 'a' + 10); }

}  // namespace

std::optional<HttpFault> ChunkedBody::feed(std::string_view bytes, std::string& body, std::size_t& consumed) {
  std::size_t i = 0;
  while (i < bytes.size() && state_ != State::kComplete) {
    if (state_ == State::kData) {
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size() - i));
      body.append(bytes.substr(i, count));
      i += count;
      left_ -= count;
      if (left_ == 0) state_ = State::kDataCr;
    } else if (const auto fault = take(bytes[i], body.size())) {
      return fault;
    } else {
      ++i;
    }
  }
  consumed = i;
  return std::nullopt;
}

std::optional<HttpFault> ChunkedBody::take(char byte, std::size_t body_bytes) {
  const auto expect = [&](char expected, State next) -> std::optional<HttpFault> {
    if (byte != expected) return malformed("The chunked body is broken: no CR LF where one belongs.");
    state_ = next;
    return std::nullopt;
  };
  switch (state_) {
    case State::kSize: return take_size(byte, body_bytes);
    case State::kExtension:
      if (byte == '\r') {
        state_ = State::kSizeLf;
      } else if (!is(kValueByte, byte) || ++extension_bytes_ > kExtensionBytesMax) {
        return malformed("The chunked body has a bad or too long chunk extension.");
      }
      return std::nullopt;
    case State::kSizeLf: size_digits_ = 0; return expect('\n', left_ == 0 ? State::kEndCr : State::kData);
    case State::kDataCr: return expect('\r', State::kDataLf);
    case State::kDataLf: return expect('\n', State::kSize);
    case State::kEndCr:
      if (byte != '\r') return malformed("Trailer fields after a chunked body are not accepted.");
      state_ = State::kEndLf;
      return std::nullopt;
    case State::kEndLf: return expect('\n', State::kComplete);
    case State::kData:
    case State::kComplete: break;
  }
  return std::nullopt;
}

std::optional<HttpFault> ChunkedBody::take_size(char byte, std::size_t body_bytes) {
  if (is(kHexByte, byte)) {
    if (++size_digits_ > kSizeDigitsMax) return malformed("The chunked body has a chunk size of more than 8 digits.");
    left_ = left_ * 16 + hex_value(byte);
    return std::nullopt;
  }
  if (size_digits_ == 0 || (byte != '\r' && byte != ';')) return malformed("The chunked body has a bad chunk size.");
  if (left_ > body_bytes_max_ - body_bytes) {
    return HttpFault{413, "body-too-large", "The body is larger than the server accepts."};
  }
  state_ = byte == '\r' ? State::kSizeLf : State::kExtension;
  return std::nullopt;
}

}  // namespace orderly::server
