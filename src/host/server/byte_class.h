// What a byte may be part of, by RFC 9110 section 5.6 and RFC 3986 section 3.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace orderly::server {

enum ByteClass : std::uint8_t {
  kTokenByte = 1,       // of a method or a field's name
  kValueByte = 2,       // of a field's value: no control byte but the tab
  kTargetByte = 4,      // of a target: visible ASCII without what RFC 3986 has no place for
  kHexByte = 8,         // a hexadecimal digit
  kHostByte = 16,       // of a host's name or IPv4 address, as far as we accept them
  kRequestIdByte = 32,  // of a request id
};

namespace detail {
constexpr std::array<std::uint8_t, 256> make_byte_classes() {
  std::array<std::uint8_t, 256> classes{};
  const auto add = [&classes](std::string_view bytes, int kinds) {
    for (const char c : bytes) classes[static_cast<unsigned char>(c)] |= static_cast<std::uint8_t>(kinds);
  };
  for (std::size_t byte = 0x20; byte < 256; ++byte) {
    if (byte != 0x7f) classes[byte] |= kValueByte;
  }
  add("\t", kValueByte);
  for (std::size_t byte = 0x21; byte < 0x7f; ++byte) {
    if (std::string_view("\"#<>\\^`{|}").find(static_cast<char>(byte)) == std::string_view::npos) {
      classes[byte] |= kTargetByte;
    }
  }
  add("0123456789", kTokenByte | kHexByte | kHostByte | kRequestIdByte);
  add("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", kTokenByte | kHostByte | kRequestIdByte);
  add("abcdefABCDEF", kHexByte);
  add("!#$%&'*+-.^_`|~", kTokenByte);
  add("-._", kHostByte | kRequestIdByte);
  return classes;
}
inline constexpr std::array<std::uint8_t, 256> kByteClasses = make_byte_classes();
}  // namespace detail

inline bool is(ByteClass kind, char byte) {
  return (detail::kByteClasses[static_cast<unsigned char>(byte)] & kind) != 0;
}
inline bool all_are(ByteClass kind, std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [kind](char byte) { return is(kind, byte); });
}

inline char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
// `lower_case` is in lower case already.
inline bool equals_ignoring_case(std::string_view text, std::string_view lower_case) {
  return std::equal(text.begin(), text.end(), lower_case.begin(), lower_case.end(),
                    [](char a, char b) { return lower(a) == b; });
}

}  // namespace orderly::server
