#include "base/text.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace orderly {
namespace {

unsigned char byte_at(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

bool is_continuation(unsigned char byte) { return (byte & 0xc0) == 0x80; }

// Length of the valid sequence of two to four bytes at `at`, else 0. RFC 3629 section 4: only the second byte's range
// depends on the first.
std::size_t multibyte_length(std::string_view text, std::size_t at) {
  const unsigned char first = byte_at(text, at);
  if (first < 0xc2 || first > 0xf4) return 0;
  const std::size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (text.size() - at < length) return 0;
  const unsigned char second = byte_at(text, at + 1);
  const unsigned char lowest = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const unsigned char highest = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if (!is_continuation(byte_at(text, at + i))) return 0;
  }
  return length;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// API keys of ours, and those of Stripe.
constexpr std::string_view kSecretPrefixes[] = {"ok_live_", "ok_test_", "sk_live_", "sk_test_"};

struct CardRange {
  int first;  // of a number's first four digits
  int last;
};
// ISO/IEC 7812 ranges as the networks publish them. Discover's 6011, 644-649 and 65 and UnionPay's 62 lie in Maestro's
// 56-69, Mastercard's 51-55 between 50 and 56.
constexpr std::array kCardRanges = {
    CardRange{2200, 2204},  // Mir
    CardRange{2221, 2720},  // Mastercard
    CardRange{3000, 3099},  // Diners Club
    CardRange{3400, 3999},  // American Express 34, 37; JCB 35; Diners Club 36, 38, 39
    CardRange{4000, 4999},  // Visa
    CardRange{5000, 6999},  // Maestro, Mastercard, Discover, UnionPay
};
constexpr std::size_t kCardDigitsMin = 14;
constexpr std::size_t kCardDigitsMax = 19;

bool begins_like_a_card(std::string_view digits) {
  int four = 0;
  for (const char c : digits.substr(0, 4)) four = four * 10 + (c - '0');
  return std::ranges::any_of(kCardRanges, [four](CardRange r) { return four >= r.first && four <= r.last; });
}

bool passes_luhn(std::string_view digits) {
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const int digit = digits[digits.size() - 1 - i] - '0';
    const int doubled = digit * 2;
    sum += i % 2 == 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 == 0;
}

// Whether some whole number of digit groups from the start of `text` is a card's number.
bool starts_with_card_number(std::string_view text) {
  std::array<char, kCardDigitsMax> digits;
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!is_digit(text[at])) {
      const bool separates = text[at] == ' ' || text[at] == '-';
      if (!separates || at + 1 == text.size() || !is_digit(text[at + 1])) return false;
      continue;
    }
    if (count == kCardDigitsMax) return false;
    digits[count++] = text[at];
    const bool group_ends = at + 1 == text.size() || !is_digit(text[at + 1]);
    const std::string_view number(digits.data(), count);
    if (group_ends && count >= kCardDigitsMin && begins_like_a_card(number) && passes_luhn(number)) return true;
  }
  return false;
}

std::string_view as_text(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

constexpr std::string_view kHexDigits = "0123456789abcdef";

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

using Base64Values = std::array<std::uint8_t, 256>;
constexpr std::uint8_t kNoBase64 = 0xff;

constexpr Base64Values make_values(std::string_view alphabet) {
  Base64Values values{};
  values.fill(kNoBase64);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}
constexpr Base64Values kBase64Values = make_values(kBase64);
constexpr Base64Values kBase64UrlValues = make_values(kBase64Url);

std::string encode_without_padding(std::string_view bytes, std::string_view alphabet) {
  std::string text((bytes.size() * 4 + 2) / 3, '\0');
  char* out = text.data();
  const auto put = [&](std::uint32_t bits, int characters) {  // of the 24 bits, from the highest
    for (int shift = 18; characters > 0; --characters, shift -= 6) *out++ = alphabet[bits >> shift & 63];
  };
  const auto at = [&](std::size_t i) { return std::uint32_t{byte_at(bytes, i)}; };
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) put(at(i) << 16 | at(i + 1) << 8 | at(i + 2), 4);
  if (bytes.size() - i == 1) put(at(i) << 16, 2);
  if (bytes.size() - i == 2) put(at(i) << 16 | at(i + 1) << 8, 3);
  return text;
}

std::optional<std::string> decode_without_padding(std::string_view text, const Base64Values& values) {
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  int waiting = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::uint8_t value = values[byte_at(text, i)];
    if (value == kNoBase64) return std::nullopt;
    bits = bits << 6 | value;
    waiting += 6;
    if (waiting < 8) continue;
    waiting -= 8;
    bytes += static_cast<char>(bits >> waiting & 0xff);
  }
  const bool left_over = (bits & ((1u << waiting) - 1)) != 0;
  if (waiting >= 6 || left_over) return std::nullopt;  // six bits: a lone character
  return bytes;
}

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

}  // namespace

bool is_valid_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    std::uint64_t eight = 0;
    if (text.size() - at >= sizeof eight) {
      std::memcpy(&eight, text.data() + at, sizeof eight);
      if ((eight & 0x8080808080808080) == 0) {
        at += sizeof eight;
        continue;
      }
    }
    const std::size_t length = byte_at(text, at) < 0x80 ? 1 : multibyte_length(text, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

std::size_t utf8_length(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return !is_continuation(static_cast<unsigned char>(c)); }));
}

bool has_control_characters(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const unsigned char byte = byte_at(text, i);
    if (byte < 0x20 || byte == 0x7f) return true;
    if (byte == 0xc2 && i + 1 < text.size() && byte_at(text, i + 1) < 0xa0) return true;
  }
  return false;
}

bool holds_card_number(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool group_begins = is_digit(text[at]) && (at == 0 || !is_digit(text[at - 1]));
    if (group_begins && starts_with_card_number(text.substr(at))) return true;
  }
  return false;
}

bool holds_secret(std::string_view text) {
  return std::ranges::any_of(kSecretPrefixes, [&](auto prefix) { return text.find(prefix) != std::string_view::npos; });
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    text += kHexDigits[byte >> 4];
    text += kHexDigits[byte & 15];
  }
  return text;
}

std::string to_hex(std::string_view bytes) {
  return to_hex(std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high << 4 | low);
  }
  return bytes;
}

std::string base64_encode(std::span<const std::uint8_t> bytes) { return base64_encode(as_text(bytes)); }

std::string base64_encode(std::string_view bytes) {
  std::string text = encode_without_padding(bytes, kBase64);
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

std::string base64url_encode(std::span<const std::uint8_t> bytes) { return base64url_encode(as_text(bytes)); }

std::string base64url_encode(std::string_view bytes) { return encode_without_padding(bytes, kBase64Url); }

std::optional<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  return decode_without_padding(text, kBase64Values);
}

std::optional<std::string> base64url_decode(std::string_view text) {
  return decode_without_padding(text, kBase64UrlValues);
}

std::string fold_name(std::string_view name) {
  std::string folded;
  folded.reserve(name.size());
  for (const char c : name) {
    if (is_space(c)) {
      if (!folded.empty() && folded.back() != ' ') folded += ' ';
    } else {
      folded += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  if (folded.ends_with(' ')) folded.pop_back();
  return folded;
}

}  // namespace orderly
