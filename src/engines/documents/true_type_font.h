// A TrueType font file, read once, and what is cut out of it: a font of just the glyphs that a document uses.
// Source of the formats: the OpenType specification 1.9, chapters head, hhea, hmtx, maxp, loca, glyf, cmap.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace orderly::engines {

// Immutable after construction; any number of threads may use it.
class TrueTypeFont {
 public:
  // Reads the whole file. Throws Error(kUnavailable): "font-missing" when it can't be read, "font-unusable" when it is
  // not a TrueType font with Unicode characters.
  static TrueTypeFont read(const std::filesystem::path& path);

  TrueTypeFont(std::string name, std::string file_bytes);
  TrueTypeFont(const TrueTypeFont&) = delete;
  TrueTypeFont& operator=(const TrueTypeFont&) = delete;

  const std::string& name() const { return name_; }  // "DejaVuSans": the file's name, letters, digits and "-" only

  // 0 when the font has no such character.
  std::uint16_t glyph(char32_t code_point) const;

  // The following are in thousandths of the font's size, as PDF wants them.
  int advance(std::uint16_t glyph) const;
  int ascent() const { return per_mille(ascent_); }
  int descent() const { return per_mille(descent_); }  // negative
  struct Box {
    int left, bottom, right, top;
  };
  Box box() const;

  // The bytes of a font whose glyph i looks like this font's glyphs[i]; glyphs[0] should be 0, the "not defined" one.
  // Without hints, character map and names: a PDF's CIDFontType2 needs none of them (PDF 32000-1, 9.9). The same
  // glyphs always give the same bytes. Throws Error(kUnavailable, "font-unusable") when a glyph's outline is damaged.
  std::string subset(std::span<const std::uint16_t> glyphs) const;

 private:
  struct Character {
    char32_t code_point;
    std::uint16_t glyph;
  };

  std::string_view table(std::string_view tag) const;  // empty when there is none
  std::string_view outline(std::uint16_t glyph) const;
  void read_characters(std::string_view cmap);
  void read_segments(std::string_view format4);
  void read_groups(std::string_view format12);
  int per_mille(int units) const;

  std::string name_;
  std::string bytes_;
  std::string_view head_, hhea_, hmtx_, maxp_, loca_, glyf_;  // into bytes_
  std::vector<Character> characters_;                         // sorted
  int units_per_em_ = 0;
  int ascent_ = 0;
  int descent_ = 0;
  std::uint16_t glyph_count_ = 0;
  std::uint16_t metric_count_ = 0;
};

// The two weights of one typeface. Immutable.
struct FontFamily {
  FontFamily(const std::filesystem::path& regular_path, const std::filesystem::path& bold_path)
      : regular(TrueTypeFont::read(regular_path)), bold(TrueTypeFont::read(bold_path)) {}

  TrueTypeFont regular;
  TrueTypeFont bold;
};

}  // namespace orderly::engines
