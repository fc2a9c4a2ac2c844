// How an invoice or a credit note looks: what stands where on its pages. Pure, but for drawing into the file.
#pragma once

#include "engines/documents/pdf_file.h"
#include "ports/documents.h"

namespace orderly::engines {

// Whether every text of the page can be set in Helvetica.
bool fits_windows1252(const ports::InvoicePage& page);

// Draws all pages: the parties and a heading on the first, lines as many as fit on each, sums after the last line, and
// "Page n of m" at the foot. An ellipsis cuts an address of more than about 20 lines, a sum's label longer than one,
// and a note longer than 12; names and SKUs within limits::kTextMax are whole, and amounts are never cut.
void draw_invoice(PdfFile& file, const ports::InvoicePage& page);

}  // namespace orderly::engines
