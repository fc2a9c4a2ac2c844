// Helvetica and its bold: two of the 14 fonts that need no embedding (PDF 32000-1, 9.6.2.2).
#include <fmt/format.h>

#include <string>

#include "base/error.h"
#include "engines/documents/printable_text.h"
#include "engines/documents/typeface.h"

namespace orderly::engines {

void throw_pdf_failed(HPDF_STATUS status) {
  throw Error(ErrorCode::kInternal, "pdf-failed", "The document could not be made.",
              fmt::format("libharu 0x{:04X}", static_cast<unsigned>(status)));
}

void require_ok(HPDF_STATUS status) {
  if (status != HPDF_OK) throw_pdf_failed(status);
}

namespace {

class Helvetica : public Typeface {
 public:
  explicit Helvetica(HPDF_Font font) : font_(require_made(font)) {}

  int width(char32_t code_point) const override {
    const auto byte = static_cast<HPDF_BYTE>(to_windows1252(code_point).value_or('?'));
    return static_cast<int>(HPDF_Font_TextWidth(font_, &byte, 1).width);
  }

  void show(HPDF_Page page, double x, double y, double size, std::u32string_view text) override {
    std::string bytes;
    for (const char32_t c : text) bytes += to_windows1252(c).value_or('?');
    require_ok(HPDF_Page_BeginText(page));
    require_ok(HPDF_Page_SetFontAndSize(page, font_, static_cast<HPDF_REAL>(size)));
    // libharu writes what is no plain letter or figure as an octal escape, so brackets can't end the string.
    require_ok(HPDF_Page_TextOut(page, static_cast<HPDF_REAL>(x), static_cast<HPDF_REAL>(y), bytes.c_str()));
    require_ok(HPDF_Page_EndText(page));
  }

  void finish() override {}

 private:
  HPDF_Font font_;
};

}  // namespace

std::unique_ptr<Typeface> make_helvetica(HPDF_Doc doc, Weight weight) {
  const char* name = weight == Weight::kBold ? "Helvetica-Bold" : "Helvetica";
  return std::make_unique<Helvetica>(HPDF_GetFont(doc, name, "WinAnsiEncoding"));
}

}  // namespace orderly::engines
