// A trimmed TrueType font as PDF has it (PDF 32000-1, 9.7): a Type0 font, whose two-byte codes are the glyph numbers of
// the trimmed file, and a ToUnicode map, so that text can be searched and copied. libharu's own way embeds a table of
// all 65,536 characters (89 KB and 13 ms a document); so only its objects are used here, not its fonts.
#include <fmt/format.h>

#include <map>
#include <string>
#include <vector>

#include "engines/documents/printable_text.h"
#include "engines/documents/typeface.h"

namespace orderly::engines {
namespace {

constexpr std::size_t kCodesPerBlock = 100;  // of a ToUnicode map, at most

std::string hexadecimal_utf16(char32_t c) {
  if (c < 0x10000) return fmt::format("{:04X}", static_cast<unsigned>(c));
  const auto rest = static_cast<unsigned>(c - 0x10000);
  return fmt::format("{:04X}{:04X}", 0xD800 + (rest >> 10), 0xDC00 + (rest & 0x3FF));
}

// Six capitals that tell this part of the font from other parts of it (PDF 32000-1, 9.6.4), from the bytes (FNV-1a).
std::string subset_tag(std::string_view bytes) {
  std::uint32_t hash = 2166136261u;
  for (const char c : bytes) hash = (hash ^ static_cast<std::uint8_t>(c)) * 16777619u;
  std::string tag;
  for (int i = 0; i < 6; ++i, hash /= 26) tag += static_cast<char>('A' + hash % 26);
  return tag;
}

void add_text(HPDF_Dict dict, const char* key, const char* value) {
  require_ok(HPDF_Dict_Add(dict, key, require_made(HPDF_String_New(dict->mmgr, value, nullptr))));
}

class EmbeddedTypeface : public Typeface {
 public:
  EmbeddedTypeface(HPDF_Doc doc, const TrueTypeFont& font) : doc_(doc), font_(font), type0_(new_object()) {
    type0_->header.obj_class |= HPDF_OSUBCLASS_FONT;
  }

  int width(char32_t code_point) const override { return font_.advance(font_.glyph(shown(code_point))); }

  void show(HPDF_Page page, double x, double y, double size, std::u32string_view text) override {
    std::string codes;
    for (const char32_t c : text) codes += fmt::format("{:04X}", code(shown(c)));
    const char* name = require_made(HPDF_Page_GetLocalFontName(page, type0_));
    require_ok(HPDF_Page_BeginText(page));
    const auto operators = fmt::format("/{} {:.2f} Tf\n{:.2f} {:.2f} Td\n<{}> Tj\n", name, size, x, y, codes);
    require_ok(HPDF_Stream_WriteStr(static_cast<HPDF_PageAttr>(page->attr)->stream, operators.c_str()));
    require_ok(HPDF_Page_EndText(page));
  }

  void finish() override {
    const std::string file = font_.subset(glyphs_);
    const std::string name = subset_tag(file) + "+" + font_.name();
    require_ok(HPDF_Dict_AddName(type0_, "Type", "Font"));
    require_ok(HPDF_Dict_AddName(type0_, "Subtype", "Type0"));
    require_ok(HPDF_Dict_AddName(type0_, "BaseFont", name.c_str()));
    require_ok(HPDF_Dict_AddName(type0_, "Encoding", "Identity-H"));
    require_ok(HPDF_Dict_Add(type0_, "ToUnicode", new_stream(to_unicode())));
    HPDF_Array descendants = new_array(type0_, "DescendantFonts");
    require_ok(HPDF_Array_Add(descendants, descendant(name, file)));
  }

 private:
  char32_t shown(char32_t c) const {
    if (font_.glyph(c) != 0) return c;
    return font_.glyph(kReplacement) != 0 ? kReplacement : U'?';
  }

  // The code of a character in this document: 1, 2, 3, … in the order in which they first appear.
  std::uint16_t code(char32_t c) {
    const auto [entry, added] = codes_.try_emplace(c, static_cast<std::uint16_t>(glyphs_.size()));
    if (added) {
      glyphs_.push_back(font_.glyph(c));
      code_points_.push_back(c);
    }
    return entry->second;
  }

  HPDF_Dict descendant(const std::string& name, const std::string& file) {
    HPDF_Dict font = new_object();
    require_ok(HPDF_Dict_AddName(font, "Type", "Font"));
    require_ok(HPDF_Dict_AddName(font, "Subtype", "CIDFontType2"));
    require_ok(HPDF_Dict_AddName(font, "BaseFont", name.c_str()));
    require_ok(HPDF_Dict_AddName(font, "CIDToGIDMap", "Identity"));
    HPDF_Dict system = require_made(HPDF_Dict_New(doc_->mmgr));
    require_ok(HPDF_Dict_Add(font, "CIDSystemInfo", system));
    add_text(system, "Registry", "Adobe");
    add_text(system, "Ordering", "Identity");
    require_ok(HPDF_Dict_AddNumber(system, "Supplement", 0));
    require_ok(HPDF_Dict_Add(font, "FontDescriptor", descriptor(name, file)));
    HPDF_Array ranges = new_array(font, "W");
    require_ok(HPDF_Array_AddNumber(ranges, 0));  // the widths of the codes from 0 on
    HPDF_Array widths = require_made(HPDF_Array_New(doc_->mmgr));
    require_ok(HPDF_Array_Add(ranges, widths));
    for (const std::uint16_t glyph : glyphs_) require_ok(HPDF_Array_AddNumber(widths, font_.advance(glyph)));
    return font;
  }

  HPDF_Dict descriptor(const std::string& name, const std::string& file) {
    HPDF_Dict descriptor = new_object();
    require_ok(HPDF_Dict_AddName(descriptor, "Type", "FontDescriptor"));
    require_ok(HPDF_Dict_AddName(descriptor, "FontName", name.c_str()));
    require_ok(HPDF_Dict_AddNumber(descriptor, "Flags", HPDF_FONT_SYMBOLIC));
    require_ok(HPDF_Dict_AddNumber(descriptor, "ItalicAngle", 0));
    require_ok(HPDF_Dict_AddNumber(descriptor, "Ascent", font_.ascent()));
    require_ok(HPDF_Dict_AddNumber(descriptor, "Descent", font_.descent()));
    require_ok(HPDF_Dict_AddNumber(descriptor, "CapHeight", font_.ascent()));
    require_ok(HPDF_Dict_AddNumber(descriptor, "StemV", 80));  // a usual value; readers use it only to imitate a font
    HPDF_Array sides = new_array(descriptor, "FontBBox");
    const TrueTypeFont::Box box = font_.box();
    for (const int side : {box.left, box.bottom, box.right, box.top}) require_ok(HPDF_Array_AddNumber(sides, side));
    HPDF_Dict stream = new_stream(file);
    require_ok(HPDF_Dict_AddNumber(stream, "Length1", static_cast<HPDF_INT32>(file.size())));
    require_ok(HPDF_Dict_Add(descriptor, "FontFile2", stream));
    return descriptor;
  }

  std::string to_unicode() const {
    std::string map =
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n";
    for (std::size_t block = 1; block < code_points_.size(); block += kCodesPerBlock) {
      const std::size_t end = std::min(block + kCodesPerBlock, code_points_.size());
      map += fmt::format("{} beginbfchar\n", end - block);
      for (std::size_t i = block; i < end; ++i)
        map += fmt::format("<{:04X}> <{}>\n", i, hexadecimal_utf16(code_points_[i]));
      map += "endbfchar\n";
    }
    return map + "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n";
  }

  // libharu's cross-reference table owns what is made here, also when a later step fails.
  HPDF_Dict new_object() {
    HPDF_Dict dict = require_made(HPDF_Dict_New(doc_->mmgr));
    require_ok(HPDF_Xref_Add(doc_->xref, dict));
    return dict;
  }
  HPDF_Dict new_stream(const std::string& bytes) {
    HPDF_Dict dict = require_made(HPDF_DictStream_New(doc_->mmgr, doc_->xref));
    dict->filter = HPDF_STREAM_FILTER_FLATE_DECODE;
    const auto* data = reinterpret_cast<const HPDF_BYTE*>(bytes.data());
    require_ok(HPDF_Stream_Write(dict->stream, data, static_cast<HPDF_UINT>(bytes.size())));
    return dict;
  }
  HPDF_Array new_array(HPDF_Dict owner, const char* key) {
    HPDF_Array array = require_made(HPDF_Array_New(doc_->mmgr));
    require_ok(HPDF_Dict_Add(owner, key, array));
    return array;
  }

  HPDF_Doc doc_;
  const TrueTypeFont& font_;
  HPDF_Dict type0_;
  std::map<char32_t, std::uint16_t> codes_;
  std::vector<std::uint16_t> glyphs_{0};      // by code; 0 is the font's "not defined"
  std::vector<char32_t> code_points_{U'\0'};  // by code
};

}  // namespace

std::unique_ptr<Typeface> make_embedded(HPDF_Doc doc, const TrueTypeFont& font) {
  return std::make_unique<EmbeddedTypeface>(doc, font);
}

}  // namespace orderly::engines
