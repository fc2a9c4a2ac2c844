#include "engines/documents/true_type_font.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "base/error.h"
#include "engines/documents/invoice_pdf.h"

namespace orderly::engines {
namespace {

std::string dejavu_bytes() {
  std::ifstream file(FontFiles{}.regular, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Uses the font in every way; false when it was refused.
bool usable(std::string bytes) {
  try {
    const TrueTypeFont font("Damaged", std::move(bytes));
    std::vector<std::uint16_t> glyphs{0};
    for (const char32_t c : U"Żółć Ǻ & 123") glyphs.push_back(font.glyph(c));
    for (const std::uint16_t glyph : glyphs) EXPECT_GE(font.advance(glyph), 0);
    return !font.subset(glyphs).empty();
  } catch (const Error& error) {
    EXPECT_EQ(error.slug(), "font-unusable");
    return false;
  }
}

TEST(TrueTypeFont, FindsCharactersAndTheirWidths) {
  const TrueTypeFont font = TrueTypeFont::read(FontFiles{}.regular);
  EXPECT_EQ(font.name(), "DejaVuSans");
  EXPECT_NE(font.glyph(U'Ł'), 0);
  EXPECT_NE(font.glyph(U'Ł'), font.glyph(U'L'));
  EXPECT_EQ(font.glyph(U'山'), 0);
  EXPECT_EQ(font.advance(font.glyph(U'0')), 636);  // 1303 of 2048 units
  EXPECT_EQ(font.advance(font.glyph(U'0')), font.advance(font.glyph(U'9')));
  EXPECT_GT(font.ascent(), 0);
  EXPECT_LT(font.descent(), 0);
}

TEST(TrueTypeFont, ASubsetHasTheGlyphsAskedForAndThePartsOfComposedOnes) {
  const TrueTypeFont font = TrueTypeFont::read(FontFiles{}.regular);
  const std::vector<std::uint16_t> glyphs{0, font.glyph(U'L'), font.glyph(U'ć')};
  const std::string subset = font.subset(glyphs);
  EXPECT_EQ(subset, font.subset(glyphs));
  EXPECT_LT(subset.size(), 2000u);
  EXPECT_LT(font.subset(std::vector<std::uint16_t>{0, font.glyph(U'L')}).size(), subset.size());
}

TEST(TrueTypeFont, ADamagedFileIsRefusedOrHarmless) {
  const std::string good = dejavu_bytes();
  ASSERT_TRUE(usable(good));
  EXPECT_FALSE(usable(""));
  EXPECT_FALSE(usable("not a font"));
  for (std::size_t size = 1; size < good.size() / 2; size = size * 5 / 4 + 1)
    EXPECT_FALSE(usable(good.substr(0, size))) << size;
  std::size_t refused = 0;
  for (std::size_t at = 0; at < 600; ++at) {  // the directory and the first table
    std::string damaged = good;
    damaged[at] = static_cast<char>(damaged[at] ^ 0xFF);
    refused += !usable(std::move(damaged));
  }
  EXPECT_GT(refused, 0u);
}

TEST(TrueTypeFont, AMissingFileIsNamedInTheLogOnly) {
  try {
    TrueTypeFont::read("/nonexistent/font.ttf");
    ADD_FAILURE() << "read what is not there";
  } catch (const Error& error) {
    EXPECT_EQ(error.slug(), "font-missing");
    EXPECT_EQ(error.message().find("/nonexistent"), std::string::npos);
    EXPECT_EQ(error.detail(), "/nonexistent/font.ttf");
  }
}

}  // namespace
}  // namespace orderly::engines
