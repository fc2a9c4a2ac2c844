#include "engines/mail/encoding.h"

#include <algorithm>

#include "base/text.h"

namespace orderly::mail {
namespace {

// 75 characters a word at most, of which 12 are around the base64; and "Subject: " before the first, in lines of 78.
constexpr std::size_t kWordBytes = 39;
constexpr std::size_t kLineMax = 76;

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// Of a line without its end.
std::string quoted_printable_line(std::string_view line) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";  // section 6.7 wants upper case
  std::string text;
  std::size_t column = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const auto byte = static_cast<unsigned char>(line[i]);
    const bool is_last = i + 1 == line.size();
    const bool is_blank = line[i] == ' ' || line[i] == '\t';
    const bool is_literal = is_blank ? !is_last : byte > ' ' && byte < 0x7F && line[i] != '=';
    const std::size_t width = is_literal ? 1 : 3;
    if (column + width > kLineMax - (is_last ? 0 : 1)) {  // room for the '=' of a soft line break
      text += "=\r\n";
      column = 0;
    }
    if (is_literal) {
      text += line[i];
    } else {
      text += '=';
      text += kDigits[byte >> 4];
      text += kDigits[byte & 15];
    }
    column += width;
  }
  return text + "\r\n";
}

}  // namespace

bool is_printable_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

std::string encoded_words(std::string_view text, std::string_view between) {
  std::string words;
  while (!text.empty()) {
    std::size_t length = std::min(kWordBytes, text.size());
    while (length < text.size() && is_continuation(text[length])) --length;
    if (!words.empty()) words += between;
    words += "=?UTF-8?B?" + base64_encode(text.substr(0, length)) + "?=";
    text.remove_prefix(length);
  }
  return words;
}

std::string quoted_printable(std::string_view text) {
  std::string lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r') && end < text.size()) line.remove_suffix(1);
    lines += quoted_printable_line(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace orderly::mail
