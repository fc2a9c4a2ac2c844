#include "engines/documents/printable_text.h"

#include <gtest/gtest.h>

namespace orderly::engines {
namespace {

TEST(PrintableText, DecodesUtf8AndShowsWhatIsNone) {
  const struct {
    std::string_view utf8;
    std::u32string_view shown;
  } kCases[] = {
      {"", U""},
      {"plain", U"plain"},
      {"Łódź", U"Łódź"},
      {"\xF0\x9F\x99\x88", U"\U0001F648"},
      {"\xC0\x80", U"\u25A1\u25A1"},                      // overlong
      {"\xE0\x80\xAF", U"\u25A1\u25A1\u25A1"},            // overlong
      {"\xED\xA0\x80", U"\u25A1\u25A1\u25A1"},            // surrogate
      {"\xF4\x90\x80\x80", U"\u25A1\u25A1\u25A1\u25A1"},  // above U+10FFFF
      {"a\xC5", U"a\u25A1"},                              // ends early
      {"\xC5z", U"\u25A1z"},                              // goes on wrongly
      {"tab\tline\r\nend", U"tab line  end"},
      {"\x1B[31mred\x7F\xC2\x9B", U"[31mred"},
      {"soft\xC2\xADhyphen", U"softhyphen"},
      {"\u202Eesrever\u202C", U"esrever"},
      {"\uFEFFmark\uFE0F", U"mark"},
  };
  for (const auto& c : kCases) EXPECT_EQ(printable_text(c.utf8), c.shown) << c.utf8;
}

TEST(PrintableText, KnowsEveryByteOfWindows1252) {
  EXPECT_EQ(to_windows1252(U'A'), 'A');
  EXPECT_EQ(to_windows1252(U'€'), '\x80');
  EXPECT_EQ(to_windows1252(U'Ÿ'), '\x9F');
  EXPECT_EQ(to_windows1252(U'…'), '\x85');
  EXPECT_EQ(to_windows1252(U'ÿ'), '\xFF');
  for (const char32_t none : {U'\0', U'\n', U'\x7F', U'\x81', U'Ł', U'\u2212', U'\U0001F648'}) {
    EXPECT_FALSE(to_windows1252(none)) << static_cast<unsigned>(none);
  }
  int known = 0;
  for (char32_t c = 0; c < 0x3000; ++c) known += to_windows1252(c).has_value();
  EXPECT_EQ(known, 95 + 27 + 96);
}

}  // namespace
}  // namespace orderly::engines
