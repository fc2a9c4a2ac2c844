#include "engines/documents/invoice_pdf.h"

#include <utility>

#include "engines/documents/invoice_layout.h"

namespace orderly::engines {

InvoicePdf::InvoicePdf(FontFiles font_files) : font_files_(std::move(font_files)) {}

std::string InvoicePdf::invoice_pdf(const ports::InvoicePage& page) const {
  PdfFile file(page.number, fits_windows1252(page) ? nullptr : &family());
  draw_invoice(file, page);
  return file.bytes();
}

const FontFamily& InvoicePdf::family() const {
  const std::lock_guard lock(mutex_);
  if (!family_) family_ = std::make_unique<const FontFamily>(font_files_.regular, font_files_.bold);
  return *family_;
}

}  // namespace orderly::engines
