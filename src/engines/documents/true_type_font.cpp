#include "engines/documents/true_type_font.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <iterator>
#include <map>
#include <utility>

#include "base/error.h"

namespace orderly::engines {
namespace {

[[noreturn]] void throw_unusable(const std::string& why) {
  throw Error(ErrorCode::kUnavailable, "font-unusable", "A font for this text can't be used.", why);
}

// The big-endian number at an offset; every read of the file passes here, so that a damaged one can't lead outside.
template <typename Number>
Number read_number(std::string_view bytes, std::size_t at) {
  if (at + sizeof(Number) > bytes.size()) throw_unusable("a table ends early");
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < sizeof(Number); ++i) value = value << 8 | static_cast<std::uint8_t>(bytes[at + i]);
  return static_cast<Number>(value);
}
std::uint16_t u16(std::string_view bytes, std::size_t at) { return read_number<std::uint16_t>(bytes, at); }
std::int16_t i16(std::string_view bytes, std::size_t at) { return read_number<std::int16_t>(bytes, at); }
std::uint32_t u32(std::string_view bytes, std::size_t at) { return read_number<std::uint32_t>(bytes, at); }

std::string_view part(std::string_view bytes, std::size_t at, std::size_t size) {
  if (at > bytes.size() || size > bytes.size() - at) throw_unusable("a table lies outside its file");
  return bytes.substr(at, size);
}

void set_u16(std::string& bytes, std::size_t at, std::uint16_t value) {
  bytes[at] = static_cast<char>(value >> 8);
  bytes[at + 1] = static_cast<char>(value & 0xFF);
}
void add_u16(std::string& bytes, std::uint16_t value) {
  bytes.append(2, '\0');
  set_u16(bytes, bytes.size() - 2, value);
}
void add_u32(std::string& bytes, std::uint32_t value) {
  add_u16(bytes, static_cast<std::uint16_t>(value >> 16));
  add_u16(bytes, static_cast<std::uint16_t>(value & 0xFFFF));
}
void pad_to_four(std::string& bytes) { bytes.append((4 - bytes.size() % 4) % 4, '\0'); }

// Offsets inside the tables.
constexpr std::size_t kHeadUnitsPerEm = 18;
constexpr std::size_t kHeadBox = 36;
constexpr std::size_t kHeadLocationFormat = 50;
constexpr std::size_t kHheaMetricCount = 34;
constexpr std::size_t kMaxpGlyphCount = 4;
constexpr std::size_t kGlyphHeaderBytes = 10;

constexpr std::size_t kCharactersMax = 0x110000;  // as many as Unicode has

// Flags of a composite glyph's component.
constexpr std::uint16_t kArgumentsAreWords = 0x0001;
constexpr std::uint16_t kHasScale = 0x0008;
constexpr std::uint16_t kMoreComponents = 0x0020;
constexpr std::uint16_t kHasTwoScales = 0x0040;
constexpr std::uint16_t kHasMatrix = 0x0080;
constexpr std::uint16_t kHasInstructions = 0x0100;

std::size_t component_bytes(std::uint16_t flags) {
  const std::size_t scale = flags & kHasMatrix ? 8 : flags & kHasTwoScales ? 4 : flags & kHasScale ? 2 : 0;
  return 4 + (flags & kArgumentsAreWords ? 4 : 2) + scale;
}

// The outline without its hinting program, whose functions a trimmed font doesn't have.
std::string simple_outline(std::string_view outline, std::size_t contours) {
  const std::size_t at = kGlyphHeaderBytes + 2 * contours;
  const std::size_t points_at = at + 2 + u16(outline, at);
  std::string trimmed(outline.substr(0, at));
  add_u16(trimmed, 0);
  return trimmed.append(part(outline, points_at, outline.size() - points_at));
}

// A glyph made of others; `renumber` gives each of them its number in the new font.
template <typename Renumber>
std::string composite_outline(std::string_view outline, Renumber renumber) {
  std::string trimmed(part(outline, 0, kGlyphHeaderBytes));
  std::uint16_t flags = kMoreComponents;
  for (std::size_t at = kGlyphHeaderBytes; flags & kMoreComponents;) {
    flags = u16(outline, at);
    std::string component(part(outline, at, component_bytes(flags)));
    set_u16(component, 0, static_cast<std::uint16_t>(flags & ~kHasInstructions));
    set_u16(component, 2, renumber(u16(outline, at + 2)));
    trimmed += component;
    at += component.size();
  }
  return trimmed;
}

using Table = std::pair<std::string_view, std::string>;  // tag and content

std::uint32_t checksum(std::string_view padded) {
  std::uint32_t sum = 0;
  for (std::size_t at = 0; at < padded.size(); at += 4) sum += u32(padded, at);
  return sum;
}

std::string font_file(std::array<Table, 6> tables) {  // sorted by tag
  std::string file;
  add_u32(file, 0x00010000);
  add_u16(file, static_cast<std::uint16_t>(tables.size()));
  for (const int search : {64, 2, 32})
    add_u16(file, static_cast<std::uint16_t>(search));  // as the specification says for 6 tables
  auto offset = static_cast<std::uint32_t>(file.size() + 16 * tables.size());
  for (auto& [tag, content] : tables) {
    const auto size = static_cast<std::uint32_t>(content.size());
    pad_to_four(content);
    file += tag;
    add_u32(file, checksum(content));
    add_u32(file, offset);
    add_u32(file, size);
    offset += static_cast<std::uint32_t>(content.size());
  }
  for (const Table& table : tables) file += table.second;
  return file;
}

std::string printable_name(const std::filesystem::path& path) {
  std::string name = path.stem().string();
  std::erase_if(name, [](unsigned char c) { return c > 0x7F || (!std::isalnum(c) && c != '-'); });
  return name.empty() ? "Font" : name.substr(0, 60);
}

}  // namespace

TrueTypeFont TrueTypeFont::read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file || bytes.empty()) {
    throw Error(ErrorCode::kUnavailable, "font-missing", "A font for this text is not installed.", path.string());
  }
  return TrueTypeFont(printable_name(path), std::move(bytes));
}

TrueTypeFont::TrueTypeFont(std::string name, std::string file_bytes)
    : name_(std::move(name)), bytes_(std::move(file_bytes)) {
  head_ = table("head");
  hhea_ = table("hhea");
  hmtx_ = table("hmtx");
  maxp_ = table("maxp");
  loca_ = table("loca");
  glyf_ = table("glyf");
  units_per_em_ = u16(head_, kHeadUnitsPerEm);
  ascent_ = i16(hhea_, 4);
  descent_ = i16(hhea_, 6);
  metric_count_ = u16(hhea_, kHheaMetricCount);
  glyph_count_ = u16(maxp_, kMaxpGlyphCount);
  if (units_per_em_ == 0 || metric_count_ == 0 || glyph_count_ == 0) throw_unusable("no glyphs");
  static_cast<void>(u16(head_, kHeadLocationFormat));
  read_characters(table("cmap"));
}

std::string_view TrueTypeFont::table(std::string_view tag) const {
  const std::size_t count = u16(bytes_, 4);
  for (std::size_t entry = 12; entry < 12 + 16 * count; entry += 16) {
    if (part(bytes_, entry, 4) == tag) return part(bytes_, u32(bytes_, entry + 8), u32(bytes_, entry + 12));
  }
  throw_unusable("no table " + std::string(tag));
}

// Prefers the full Unicode map (format 12) to that of the first 65,536 code points (format 4).
void TrueTypeFont::read_characters(std::string_view cmap) {
  std::string_view format4, format12;
  const std::size_t count = u16(cmap, 2);
  for (std::size_t entry = 4; entry < 4 + 8 * count; entry += 8) {
    const std::uint32_t at = u32(cmap, entry + 4);
    const bool unicode = u16(cmap, entry) == 0 || (u16(cmap, entry) == 3 && u16(cmap, entry + 2) != 0);
    if (unicode && u16(cmap, at) == 4) format4 = cmap.substr(at);
    if (unicode && u16(cmap, at) == 12) format12 = cmap.substr(at);
  }
  if (!format12.empty()) {
    read_groups(format12);
  } else if (!format4.empty()) {
    read_segments(format4);
  }
  if (characters_.empty()) throw_unusable("no Unicode characters");
  std::erase_if(characters_, [this](const Character& c) { return c.glyph == 0 || c.glyph >= glyph_count_; });
  std::sort(characters_.begin(), characters_.end(),
            [](const Character& a, const Character& b) { return a.code_point < b.code_point; });
}

void TrueTypeFont::read_groups(std::string_view format12) {
  const std::size_t count = u32(format12, 12);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t group = 16 + 12 * i;
    const std::uint32_t first = u32(format12, group);
    const std::uint32_t last = u32(format12, group + 4);
    const std::uint32_t glyph_first = u32(format12, group + 8);
    if (last < first || last - first >= glyph_count_ || characters_.size() > kCharactersMax) {
      throw_unusable("its character map is too large");
    }
    for (std::uint32_t c = first; c <= last; ++c) {
      characters_.push_back({c, static_cast<std::uint16_t>(glyph_first + (c - first))});
    }
  }
}

void TrueTypeFont::read_segments(std::string_view format4) {
  const std::size_t doubled = u16(format4, 6);  // twice the number of segments
  for (std::size_t i = 0; i < doubled; i += 2) {
    const std::uint32_t last = u16(format4, 14 + i);
    const std::uint32_t first = u16(format4, 16 + doubled + i);
    const std::uint16_t delta = u16(format4, 16 + 2 * doubled + i);
    const std::size_t range_at = 16 + 3 * doubled + i;
    const std::uint16_t range = u16(format4, range_at);
    for (std::uint32_t c = first; c <= last && c != 0xFFFF; ++c) {
      std::uint16_t found =
          range == 0 ? static_cast<std::uint16_t>(c) : u16(format4, range_at + range + 2 * (c - first));
      if (range == 0 || found != 0) found = static_cast<std::uint16_t>(found + delta);
      characters_.push_back({c, found});
    }
  }
}

std::uint16_t TrueTypeFont::glyph(char32_t code_point) const {
  const auto found = std::lower_bound(characters_.begin(), characters_.end(), code_point,
                                      [](const Character& c, char32_t wanted) { return c.code_point < wanted; });
  return found != characters_.end() && found->code_point == code_point ? found->glyph : std::uint16_t{0};
}

int TrueTypeFont::per_mille(int units) const {
  const int doubled = 2000 * units / units_per_em_;
  return (doubled + (doubled < 0 ? -1 : 1)) / 2;
}

int TrueTypeFont::advance(std::uint16_t glyph) const {
  return per_mille(u16(hmtx_, 4 * std::size_t{std::min<std::uint16_t>(glyph, metric_count_ - 1)}));
}

TrueTypeFont::Box TrueTypeFont::box() const {
  const auto side = [this](std::size_t i) { return per_mille(i16(head_, kHeadBox + 2 * i)); };
  return {.left = side(0), .bottom = side(1), .right = side(2), .top = side(3)};
}

std::string_view TrueTypeFont::outline(std::uint16_t glyph) const {
  if (glyph >= glyph_count_) throw_unusable("no such glyph");
  const bool wide = u16(head_, kHeadLocationFormat) != 0;
  const auto location = [&](std::size_t i) -> std::size_t {
    return wide ? u32(loca_, 4 * i) : std::size_t{2} * u16(loca_, 2 * i);
  };
  const std::size_t begin = location(glyph);
  const std::size_t end = location(std::size_t{glyph} + 1);
  if (end < begin) throw_unusable("an outline ends before it begins");
  return part(glyf_, begin, end - begin);
}

std::string TrueTypeFont::subset(std::span<const std::uint16_t> glyphs) const {
  std::vector<std::uint16_t> kept(glyphs.begin(), glyphs.end());  // grows by the parts of composite glyphs
  std::map<std::uint16_t, std::uint16_t> part_numbers;
  const auto renumber = [&](std::uint16_t old_number) {
    const auto [entry, added] = part_numbers.try_emplace(old_number, static_cast<std::uint16_t>(kept.size()));
    if (added) kept.push_back(old_number);
    return entry->second;
  };

  std::string glyf, loca, hmtx;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    const std::uint16_t number = kept[i];
    add_u32(loca, static_cast<std::uint32_t>(glyf.size()));
    if (const std::string_view original = outline(number); !original.empty()) {
      const std::int16_t contours = i16(original, 0);
      glyf += contours >= 0 ? simple_outline(original, static_cast<std::size_t>(contours))
                            : composite_outline(original, renumber);
      pad_to_four(glyf);
    }
    const bool has_advance = number < metric_count_;
    add_u16(hmtx, u16(hmtx_, 4 * std::size_t{has_advance ? number : std::uint16_t(metric_count_ - 1)}));
    add_u16(hmtx, u16(hmtx_, has_advance ? 4 * std::size_t{number} + 2 : 2 * (std::size_t{metric_count_} + number)));
  }
  add_u32(loca, static_cast<std::uint32_t>(glyf.size()));

  std::string head(head_), hhea(hhea_), maxp(maxp_);
  set_u16(head, kHeadLocationFormat, 1);
  set_u16(hhea, kHheaMetricCount, static_cast<std::uint16_t>(kept.size()));
  set_u16(maxp, kMaxpGlyphCount, static_cast<std::uint16_t>(kept.size()));
  return font_file(
      {Table{"glyf", glyf}, {"head", head}, {"hhea", hhea}, {"hmtx", hmtx}, {"loca", loca}, {"maxp", maxp}});
}

}  // namespace orderly::engines
