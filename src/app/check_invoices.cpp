#include "app/check_invoices.h"

#include <charconv>

#include "app/check_messages.h"
#include "app/keys.h"
#include "base/text.h"

namespace orderly::app::checks {

namespace {

constexpr std::string_view kPrefix = "INVOICE#";
constexpr std::string_view kHeadPrefix = "SERIES#";

// The number in a record's key; nothing when the key is not canonical.
std::optional<domain::InvoiceNumber> number_of_key(const ports::Key& key) {
  const std::string_view text = std::string_view(key.partition).substr(kPrefix.size());
  const std::size_t dash = text.rfind('-');
  if (dash == std::string_view::npos) return std::nullopt;
  domain::InvoiceNumber number{std::string(text.substr(0, dash)), 0};
  const std::string_view digits = text.substr(dash + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number.sequence);
  const bool is_number = error == std::errc{} && end == digits.data() + digits.size() && digits.size() == 12;
  if (!is_number || number.sequence < 1) return std::nullopt;
  return number;
}

}  // namespace

std::string linked_content(domain::Invoice invoice) {
  invoice.number.clear();
  invoice.series.clear();
  invoice.sequence = 0;
  invoice.seller = {};
  invoice.client = {};
  invoice.issued_at = {};
  invoice.previous.clear();
  invoice.hash.clear();
  return json::write(invoice);
}

void expect_documents(Context& context, const domain::Order& order) {
  if (!order.invoice.empty()) {
    context.matchings.invoices.right(order.invoice, linked_content(domain::draft_invoice(order, {}, {}, Time{})));
  }
  domain::Invoice corrected;
  corrected.number = order.invoice;
  for (const domain::Refund& refund : order.refunds) {
    if (refund.credit_note.empty()) continue;
    context.matchings.invoices.right(refund.credit_note,
                                     linked_content(domain::draft_credit_note(order, refund, corrected, Time{})));
  }
}

void InvoiceCheck::add(const ports::Inspection::StoredRecord& stored) {
  const std::string where = text_of(stored.record.key);
  if (stored.record.key.sort == keys::kMeta) {
    guarded(context_.findings, 7, where, [&] { add_invoice(stored); });
  } else if (stored.record.key.sort == "FILE") {
    file_ = File{where, stored.record.document};
    expect_indexes(context_, stored, {});
  } else {
    context_.findings.add(10, "unknown-record", where, "invoices have no such records");
  }
}

void InvoiceCheck::add_invoice(const ports::Inspection::StoredRecord& stored) {
  where_ = text_of(stored.record.key);
  number_.clear();
  const auto number = number_of_key(stored.record.key);
  if (!number) {
    context_.findings.add(7, "invoice-key", *where_, "its key holds no number of an invoice");
    return;
  }
  number_ = domain::shown_number(number->series, number->sequence);
  Series& series = series_[number->series];
  ++series.documents;
  if (number->sequence != series.sequence + 1) {
    context_.findings.add(
        7, "invoice-gap", *where_,
        "number in series " + number->series + ": " + expected_found(series.sequence + 1, number->sequence));
    series.hash.reset();
  }
  series.sequence = number->sequence;
  const auto invoice = read_canonical<domain::Invoice>(context_, 7, *where_, stored.record.document);
  if (!invoice) {
    series.hash.reset();
    return;
  }
  check_content(*where_, *number, *invoice);
  if (series.hash && invoice->previous != *series.hash) {
    context_.findings.add(7, "invoice-chain", *where_,
                          "hash of the one before: " + expected_found(*series.hash, shown(invoice->previous)));
  }
  series.hash = invoice->hash;
  const bool is_numbered_as_stored = invoice->series == number->series && invoice->sequence == number->sequence;
  if (is_numbered_as_stored) expect_indexes(context_, stored, keys::index_entries(*invoice));
}

void InvoiceCheck::check_content(const std::string& where, const domain::InvoiceNumber& number,
                                 const domain::Invoice& invoice) {
  const auto compare = [&](std::string_view what, const std::string& expected, const std::string& found) {
    if (expected == found) return;
    context_.findings.add(7, "invoice-number", where,
                          std::string(what) + ": " + expected_found(expected, shown(found)));
  };
  compare("number", number_, invoice.number);
  compare("series", number.series, invoice.series);
  compare("sequence", std::to_string(number.sequence), std::to_string(invoice.sequence));
  compare("series of its date", domain::series_of(invoice.kind, invoice.issued_at), number.series);
  const std::string hash = base64url_encode(context_.crypto.sha256(domain::bytes_for_hash(invoice)));
  if (invoice.hash != hash) {
    context_.findings.add(7, "invoice-hash", where, "hash: " + expected_found(hash, shown(invoice.hash)));
  }
  context_.matchings.invoices.left(number_, linked_content(invoice));
}

void InvoiceCheck::finish_partition() {
  if (file_) {
    ++context_.counts.invoice_files;
    if (!where_) context_.findings.add(7, "file-of-nothing", file_->where, "there is no such invoice");
    guarded(context_.findings, 7, file_->where, [&] { check_file(number_); });
  } else if (where_ && !number_.empty() && !context_.work.has(ports::QueueName::kDocuments, number_)) {
    context_.findings.add(7, "file-missing", *where_, "it has no PDF, and no message in queue documents is about it");
  }
  file_.reset();
  where_.reset();
  number_.clear();
}

void InvoiceCheck::check_file(const std::string& number) {
  const auto file = read_canonical<InvoiceFile>(context_, 7, file_->where, file_->document);
  if (!file) return;
  if (!number.empty() && file->blob != pdf_name(number)) {
    context_.findings.add(7, "file-name", file_->where, "blob: " + expected_found(pdf_name(number), shown(file->blob)));
  }
  if (context_.findings.muted()) return;  // saves reading all PDFs again
  const auto blob = context_.picture.blob(file->blob);
  if (!blob) {
    context_.findings.add(7, "pdf-missing", file_->where, "there is no blob " + shown(file->blob));
    return;
  }
  const std::string sha256 = to_hex(context_.crypto.sha256(blob->bytes));
  if (file->sha256 != sha256 || file->bytes != static_cast<std::int64_t>(blob->bytes.size())) {
    context_.findings.add(7, "pdf-differs", file_->where,
                          "blob " + shown(file->blob) + ": " +
                              expected_found(std::to_string(file->bytes) + " bytes of SHA-256 " + shown(file->sha256),
                                             std::to_string(blob->bytes.size()) + " bytes of " + sha256));
  }
}

void InvoiceCheck::add_head(const ports::Inspection::StoredRecord& stored) {
  const std::string where = text_of(stored.record.key);
  expect_indexes(context_, stored, {});
  const auto head = read_canonical<SeriesHead>(context_, 7, where, stored.record.document);
  Series& series = series_[stored.record.key.partition.substr(kHeadPrefix.size())];
  series.has_head = true;
  if (!head) return;
  if (head->sequence != series.sequence) {
    context_.findings.add(7, "series-head", where,
                          "last number, by the invoices: " + expected_found(series.sequence, head->sequence));
  } else if (series.hash && head->hash != *series.hash) {
    context_.findings.add(7, "series-head", where,
                          "hash of the last one: " + expected_found(*series.hash, shown(head->hash)));
  }
}

void InvoiceCheck::finish() {
  for (const auto& [name, series] : series_) {
    if (series.documents > 0) context_.counts.invoices.push_back({name, series.documents});
    if (series.has_head) continue;
    context_.findings.add(7, "series-head", text_of(keys::series_head(name)),
                          "there is no head of the series, but its number " + std::to_string(series.sequence));
  }
}

}  // namespace orderly::app::checks
