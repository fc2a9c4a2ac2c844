// A PDF under construction: A4 pages, text, filled rectangles. Wraps libharu's HPDF_Doc; one thread uses it, but many
// may have one each. The same calls give the same bytes: nothing is taken from a clock (libharu writes a creation date
// and a file id only when asked to, which nobody does here).
#pragma once

#include <hpdf.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engines/documents/true_type_font.h"
#include "engines/documents/typeface.h"

namespace orderly::engines {

// Lengths are in points, 1/72 inch; y grows downwards from the page's top edge.
inline constexpr double kPageWidth = 595.28;
inline constexpr double kPageHeight = 841.89;

struct Colour {
  int red, green, blue;  // 0 to 255
};

struct TextStyle {
  Weight weight = Weight::kRegular;
  double size = 9;
  Colour colour = {31, 41, 55};
};

// Every function may throw Error(kInternal, "pdf-failed"), when libharu is out of memory; the file is then of no use.
class PdfFile {
 public:
  // Without a family, text is set in Helvetica and must be Windows-1252. A family must outlive the file.
  PdfFile(const std::string& title, const FontFamily* family);
  PdfFile(const PdfFile&) = delete;
  PdfFile& operator=(const PdfFile&) = delete;

  void add_page();  // and go to it
  void go_to_page(std::size_t index);
  std::size_t page_count() const { return pages_.size(); }

  double text_width(std::u32string_view text, const TextStyle& style) const;
  // `baseline` is where the letters stand.
  void draw_text(double x, double baseline, std::u32string_view text, const TextStyle& style);
  void draw_text_right(double x_right, double baseline, std::u32string_view text, const TextStyle& style);
  void fill_rectangle(double x, double y, double width, double height, const Colour& colour);

  // Broken at spaces into lines no wider than `width`, a word that is wider anywhere; what does not fit into
  // `lines_max` ends in an ellipsis. At least one line, which may be empty.
  std::vector<std::u32string> wrap(std::u32string_view text, double width, std::size_t lines_max,
                                   const TextStyle& style) const;

  // The finished file. Call it once, last.
  std::string bytes();

 private:
  struct FreeDoc {
    void operator()(HPDF_Doc doc) const { HPDF_Free(doc); }
  };

  const Typeface& typeface(const TextStyle& style) const { return style.weight == Weight::kBold ? *bold_ : *regular_; }
  Typeface& typeface(const TextStyle& style) { return style.weight == Weight::kBold ? *bold_ : *regular_; }
  // How many characters from the first on have room in `width`.
  std::size_t fitting(std::u32string_view text, double width, const TextStyle& style) const;
  void set_fill(const Colour& colour);

  std::unique_ptr<HPDF_Doc_Rec, FreeDoc> doc_;
  std::vector<HPDF_Page> pages_;
  HPDF_Page page_ = nullptr;
  double scale_ = 1;
  std::unique_ptr<Typeface> regular_;
  std::unique_ptr<Typeface> bold_;
};

}  // namespace orderly::engines
