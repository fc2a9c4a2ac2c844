// The letters of one document in one weight: either Helvetica, which every PDF reader has, or the part of a TrueType
// font that the document needs. Belongs to its HPDF_Doc and must not outlive it; used by one thread.
#pragma once

#include <hpdf.h>

#include <memory>
#include <string_view>

#include "engines/documents/true_type_font.h"

namespace orderly::engines {

enum class Weight { kRegular, kBold };

class Typeface {
 public:
  virtual ~Typeface() = default;

  virtual int width(char32_t code_point) const = 0;  // in thousandths of the size
  // Prints at (x, y) from the page's lower left corner, in points, with the page's present colour.
  virtual void show(HPDF_Page page, double x, double y, double size, std::u32string_view text) = 0;
  // Puts into the file what it needs of the font: once, after the last show().
  virtual void finish() = 0;
};

// Helvetica can show Windows-1252 only; the rest comes out as "?".
std::unique_ptr<Typeface> make_helvetica(HPDF_Doc doc, Weight weight);
// `font` must outlive the typeface. What it lacks is shown as kReplacement, or "?" if it lacks that too.
std::unique_ptr<Typeface> make_embedded(HPDF_Doc doc, const TrueTypeFont& font);

// libharu reports by return codes; no callback of ours ever runs inside it. These turn a failure into
// Error(kInternal, "pdf-failed").
void require_ok(HPDF_STATUS status);
[[noreturn]] void throw_pdf_failed(HPDF_STATUS status);
template <typename Object>
Object* require_made(Object* object) {
  if (object == nullptr) throw_pdf_failed(HPDF_FAILD_TO_ALLOC_MEM);
  return object;
}

}  // namespace orderly::engines
