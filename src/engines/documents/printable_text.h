// What a page can show of a text: code points instead of UTF-8, without what would be invisible or change the page.
// Pure functions; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace orderly::engines {

// Stands for what is no character or what the font lacks: WHITE SQUARE, a visible gap that nobody takes for a letter.
inline constexpr char32_t kReplacement = U'\u25A1';

// Tabs and line breaks become spaces; control characters, soft hyphens, zero-width and direction marks, and variation
// selectors go; a byte that is not UTF-8 becomes kReplacement. The order of characters stays as it is: right-to-left
// scripts are not laid out, and a letter followed by a combining accent is not composed.
std::u32string printable_text(std::string_view utf8);

// The byte of Windows code page 1252 (PDF 32000-1 Annex D.2, WinAnsiEncoding), nothing when it has none.
std::optional<char> to_windows1252(char32_t code_point);

bool fits_windows1252(std::u32string_view text);

}  // namespace orderly::engines
