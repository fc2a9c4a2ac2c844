// Invoices and credit notes as PDF, made with libharu. Text is set in Helvetica, which needs no embedding, as long as
// Windows-1252 has all of it; otherwise in the parts of a TrueType font that the page needs. What that font lacks
// (DejaVu: Chinese, Japanese, Korean) appears as "□". Right-to-left scripts are not supported: their letters appear
// from left to right.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "engines/documents/true_type_font.h"
#include "ports/documents.h"

namespace orderly::engines {

// Where Debian's fonts-dejavu-core puts them.
struct FontFiles {
  std::filesystem::path regular = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf";
  std::filesystem::path bold = "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf";
};

// Thread-safe: each call has a document of its own, and the fonts are read once and then shared, unchanged.
class InvoicePdf : public ports::Documents {
 public:
  explicit InvoicePdf(FontFiles font_files = {});

  // The fonts are read when first needed. If they can't be, throws Error(kUnavailable) "font-missing" or
  // "font-unusable", and the next call tries again; a page that needs none never fails for that.
  std::string invoice_pdf(const ports::InvoicePage& page) const override;

 private:
  const FontFamily& family() const;

  const FontFiles font_files_;
  mutable std::mutex mutex_;
  mutable std::unique_ptr<const FontFamily> family_;  // guarded by mutex_; once there, it stays
};

}  // namespace orderly::engines
