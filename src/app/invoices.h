// Invoices and credit notes: issued by one worker for the whole shop, many in one commit, so that numbers have no gap
// and no checkout ever waits for one; their PDFs are made beside, by another worker.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/catalog.h"
#include "app/views.h"
#include "ports/queue.h"

namespace orderly::app {

// How many invoices one commit issues: order, event, invoice and acknowledgement each, two heads of series, within
// limits::kCommitActionsMax.
inline constexpr std::size_t kInvoicesPerCommit = 20;

// Messages of the invoices queue (orders.h: InvoiceTask), at most kInvoicesPerCommit. One caller at a time: numbers are
// given by a condition on the head of the series, so a second one would only lose races. Orders that are not due one
// (cancelled before it was issued, issued already) are acknowledged and nothing else. A message whose order contradicts
// itself stops everything behind it: throws Error(kBrokenInvariant) with nothing written; it is never skipped.
Task<void> issue_invoices(App& app, std::vector<ports::Message> messages);

// A message of the documents queue: makes the PDF on the offload pool, stores it, and notes its hash beside the
// invoice.
Task<void> handle_document(App& app, ports::Message message);

// By the number as shown; a client's are those of the orders that are theirs, claimed ones included. Throw not_found;
// the PDF also, until its worker has made it.
Task<InvoiceView> get_invoice(App& app, Caller caller, std::string number);
Task<ports::Blob> get_invoice_pdf(App& app, Caller caller, std::string number);
// Newest first: those issued to the client, then those of each guest whose orders the client claimed.
Task<List<InvoiceView>> list_invoices(App& app, Caller caller, std::string client_id, PageOf page);

// What an invoice's PDF is stored as, and what is noted about it.
std::string pdf_name(std::string_view shown_number);
struct InvoiceFile {
  std::string blob;
  std::string sha256;  // hex
  std::int64_t bytes = 0;
};
BOOST_DESCRIBE_STRUCT(InvoiceFile, (), (blob, sha256, bytes))

// The head of a series: the last number given and that invoice's hash.
struct SeriesHead {
  std::int64_t sequence = 0;
  std::string hash;
};
BOOST_DESCRIBE_STRUCT(SeriesHead, (), (sequence, hash))

}  // namespace orderly::app
