#include "engines/documents/pdf_file.h"

#include <algorithm>
#include <cmath>

namespace orderly::engines {
namespace {

// DejaVu and its like are drawn larger than Helvetica at the same size; this makes them look alike.
constexpr double kEmbeddedScale = 0.9;

// Two decimals: finer than any printer, and the same text whatever the rounding of the machine.
double rounded(double points) { return std::round(points * 100) / 100; }

HPDF_REAL real(double points) { return static_cast<HPDF_REAL>(rounded(points)); }

// The title stands in a string of its own encoding (PDFDocEncoding), so only ASCII goes in.
std::string ascii_only(std::string text) {
  std::replace_if(text.begin(), text.end(), [](char c) { return c < 0x20 || c > 0x7E; }, '?');
  return text;
}

std::u32string_view trim(std::u32string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(U' '), text.size()));
  return text.substr(0, text.find_last_not_of(U' ') + 1);  // npos + 1 is 0
}

}  // namespace

PdfFile::PdfFile(const std::string& title, const FontFamily* family)
    : doc_(require_made(HPDF_New(nullptr, nullptr))), scale_(family == nullptr ? 1 : kEmbeddedScale) {
  require_ok(HPDF_SetCompressionMode(doc_.get(), HPDF_COMP_TEXT));
  require_ok(HPDF_SetInfoAttr(doc_.get(), HPDF_INFO_TITLE, ascii_only(title).c_str()));
  if (family == nullptr) {
    regular_ = make_helvetica(doc_.get(), Weight::kRegular);
    bold_ = make_helvetica(doc_.get(), Weight::kBold);
  } else {
    regular_ = make_embedded(doc_.get(), family->regular);
    bold_ = make_embedded(doc_.get(), family->bold);
  }
}

void PdfFile::add_page() {
  page_ = require_made(HPDF_AddPage(doc_.get()));
  pages_.push_back(page_);
  require_ok(HPDF_Page_SetWidth(page_, real(kPageWidth)));
  require_ok(HPDF_Page_SetHeight(page_, real(kPageHeight)));
}

void PdfFile::go_to_page(std::size_t index) { page_ = pages_.at(index); }

double PdfFile::text_width(std::u32string_view text, const TextStyle& style) const {
  const Typeface& face = typeface(style);
  int per_mille = 0;
  for (const char32_t c : text) per_mille += face.width(c);
  return per_mille * style.size * scale_ / 1000;
}

void PdfFile::draw_text(double x, double baseline, std::u32string_view text, const TextStyle& style) {
  if (text.empty()) return;
  set_fill(style.colour);
  typeface(style).show(page_, rounded(x), rounded(kPageHeight - baseline), style.size * scale_, text);
}

void PdfFile::draw_text_right(double x_right, double baseline, std::u32string_view text, const TextStyle& style) {
  draw_text(x_right - text_width(text, style), baseline, text, style);
}

void PdfFile::fill_rectangle(double x, double y, double width, double height, const Colour& colour) {
  set_fill(colour);
  require_ok(HPDF_Page_Rectangle(page_, real(x), real(kPageHeight - y - height), real(width), real(height)));
  require_ok(HPDF_Page_Fill(page_));
}

void PdfFile::set_fill(const Colour& colour) {
  const auto part = [](int value) { return real(value / 255.0); };
  require_ok(HPDF_Page_SetRGBFill(page_, part(colour.red), part(colour.green), part(colour.blue)));
}

std::size_t PdfFile::fitting(std::u32string_view text, double width, const TextStyle& style) const {
  const Typeface& face = typeface(style);
  const double room = width * 1000 / (style.size * scale_);  // in the font's own measure
  double used = 0;
  std::size_t count = 0;
  while (count < text.size() && (used += face.width(text[count])) <= room) ++count;
  return count;
}

std::vector<std::u32string> PdfFile::wrap(std::u32string_view text, double width, std::size_t lines_max,
                                          const TextStyle& style) const {
  std::vector<std::u32string> lines;
  text = trim(text);
  while (true) {
    std::size_t taken = fitting(text, width, style);
    if (taken == text.size()) {
      lines.emplace_back(text);
      return lines;
    }
    if (lines.size() + 1 == lines_max) {
      const std::size_t kept = fitting(text, width - text_width(U"\u2026", style), style);
      lines.push_back(std::u32string(trim(text.substr(0, kept))) + U"\u2026");
      return lines;
    }
    const std::size_t space = text.rfind(U' ', taken);  // one just after what fits is a good place, too
    if (space != std::u32string_view::npos) taken = space;
    taken = std::max<std::size_t>(taken, 1);
    lines.emplace_back(trim(text.substr(0, taken)));
    text = trim(text.substr(taken));
  }
}

std::string PdfFile::bytes() {
  regular_->finish();
  bold_->finish();
  require_ok(HPDF_SaveToStream(doc_.get()));
  HPDF_UINT32 size = HPDF_GetStreamSize(doc_.get());
  std::string bytes(size, '\0');
  require_ok(HPDF_ResetStream(doc_.get()));
  require_ok(HPDF_ReadFromStream(doc_.get(), reinterpret_cast<HPDF_BYTE*>(bytes.data()), &size));
  require_ok(HPDF_GetError(doc_.get()));
  bytes.resize(size);
  return bytes;
}

}  // namespace orderly::engines
