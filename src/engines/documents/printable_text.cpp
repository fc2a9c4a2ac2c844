#include "engines/documents/printable_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

namespace orderly::engines {
namespace {

// Code points of the bytes 0x80 to 0x9F; 0 where the code page has a hole.
constexpr std::array<char32_t, 32> kUpperControls1252 = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

std::uint8_t byte_at(std::string_view text, std::size_t at) { return static_cast<std::uint8_t>(text[at]); }

// Takes one code point off the front. Shortest form only, no surrogates (RFC 3629); after a fault, one byte is taken.
char32_t take_code_point(std::string_view& utf8) {
  const std::uint8_t lead = byte_at(utf8, 0);
  if (lead < 0x80) {
    utf8.remove_prefix(1);
    return lead;
  }
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  char32_t code_point = lead & (0xFFu >> (length + 1));
  bool good = lead >= 0xC2 && lead <= 0xF4 && utf8.size() >= length;
  for (std::size_t i = 1; good && i < length; ++i) {
    good = (byte_at(utf8, i) & 0xC0) == 0x80;
    code_point = code_point << 6 | (byte_at(utf8, i) & 0x3Fu);
  }
  const bool shortest = length == 2 || (length == 3 ? code_point >= 0x800 : code_point >= 0x10000);
  good = good && shortest && code_point <= 0x10FFFF && (code_point < 0xD800 || code_point > 0xDFFF);
  utf8.remove_prefix(good ? length : 1);
  return good ? code_point : kReplacement;
}

bool is_space(char32_t c) { return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0x2028 || c == 0x2029; }

bool is_invisible(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0xAD || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || (c >= 0xFE00 && c <= 0xFE0F) || c == 0xFEFF ||
         (c >= 0xE0000 && c <= 0xE0FFF);
}

}  // namespace

std::u32string printable_text(std::string_view utf8) {
  std::u32string text;
  text.reserve(utf8.size());
  while (!utf8.empty()) {
    const char32_t code_point = take_code_point(utf8);
    if (is_space(code_point)) {
      text += U' ';
    } else if (!is_invisible(code_point)) {
      text += code_point;
    }
  }
  return text;
}

std::optional<char> to_windows1252(char32_t code_point) {
  if ((code_point >= 0x20 && code_point < 0x7F) || (code_point >= 0xA0 && code_point <= 0xFF)) {
    return static_cast<char>(code_point);
  }
  if (code_point == 0) return std::nullopt;
  const auto* found = std::find(kUpperControls1252.begin(), kUpperControls1252.end(), code_point);
  if (found == kUpperControls1252.end()) return std::nullopt;
  return static_cast<char>(0x80 + std::distance(kUpperControls1252.begin(), found));
}

bool fits_windows1252(std::u32string_view text) {
  return std::all_of(text.begin(), text.end(), [](char32_t c) { return to_windows1252(c).has_value(); });
}

}  // namespace orderly::engines
