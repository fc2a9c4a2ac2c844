#include "app/invoices.h"

#include <charconv>
#include <map>
#include <set>

#include "app/client_records.h"
#include "app/draft.h"
#include "app/keys.h"
#include "app/orders.h"
#include "base/text.h"

namespace orderly::app {

namespace {

// One batch being issued. Orders and heads are read once and written once, however many documents touch them.
class InvoiceBatch {
 public:
  InvoiceBatch(App& app, const Caller& caller) : app_(app), draft_(app, caller) {}

  // False: not taken. A second document for one order waits for the next batch, since a commit writes a record once.
  Task<bool> add(const ports::Message& message) {
    const auto task = json::read_stored<InvoiceTask>(message.body);
    if (!changed_.insert(task.order_id).second) co_return false;
    const domain::Order order = co_await load_order(app_, task.order_id);
    // A refund may overtake the invoice that it corrects: then that comes first, and the credit note in the next batch.
    const bool is_ahead_of_invoice = task.refund_id && domain::is_due_invoice(order);
    if (is_ahead_of_invoice || (!task.refund_id && domain::is_due_invoice(order))) {
      co_await add_invoice(order, message.receipt.message_id);
      if (is_ahead_of_invoice) co_return false;
    } else if (task.refund_id) {
      co_await add_credit_note(order, *task.refund_id, message.receipt.message_id);
    }
    draft_.acknowledge(message.receipt);
    co_return true;
  }

  Task<void> commit() {
    for (const auto& [series, head] : heads_) {
      ports::Put put;
      put.key = keys::series_head(series);
      put.document = json::write(head.value);
      put.version = head.version + 1;
      if (head.version > 0) put.condition = ports::AtVersion{head.version};
      draft_.write(std::move(put));
    }
    co_await draft_.commit();
  }

 private:
  struct Head {
    SeriesHead value;
    std::uint64_t version = 0;  // 0: not there yet
  };

  Task<void> add_invoice(const domain::Order& order, const std::string& message_id) {
    domain::Party client = co_await client_party(order);
    const domain::Invoice invoice =
        co_await issue(domain::draft_invoice(order, app_.settings.seller, std::move(client), draft_.now()));
    domain::Change change = domain::attach_invoice(order, invoice.number, draft_.now());
    change.events.front().request = message_id;
    draft_.replace_order(order, change);
  }

  Task<void> add_credit_note(const domain::Order& order, const TransactionId& refund_id,
                             const std::string& message_id) {
    const auto refund = std::find_if(order.refunds.begin(), order.refunds.end(),
                                     [&](const domain::Refund& each) { return each.id == refund_id; });
    if (refund == order.refunds.end()) throw_broken("credit note for a refund that is not there: " + refund_id.text);
    // An order that was cancelled before it was invoiced has nothing to correct.
    if (order.invoice.empty() || !refund->credit_note.empty()) co_return;
    const auto number = domain::parse_shown_number(order.invoice);
    const auto record =
        co_await app_.store.get(keys::invoice(domain::sortable_number(number->series, number->sequence)));
    if (!record) throw_broken("invoice " + order.invoice + " is not there");
    const auto corrected = json::read_stored<domain::Invoice>(record->document);
    const domain::Invoice note = co_await issue(domain::draft_credit_note(order, *refund, corrected, draft_.now()));
    domain::Change change = domain::attach_credit_note(order, refund_id, note.number, draft_.now());
    change.events.front().request = message_id;
    draft_.replace_order(order, change);
  }

  // Numbers it, chains it, writes it, and asks for its PDF.
  Task<domain::Invoice> issue(domain::Invoice unnumbered) {
    Head& head = *co_await head_of(unnumbered.series);
    domain::Invoice invoice = domain::number(std::move(unnumbered), head.value.sequence + 1, head.value.hash);
    invoice.hash = base64url_encode(app_.crypto.sha256(domain::bytes_for_hash(invoice)));
    head.value = {invoice.sequence, invoice.hash};
    ports::Put put;
    put.key = keys::invoice(domain::sortable_number(invoice.series, invoice.sequence));
    put.document = json::write(invoice);
    put.indexes = keys::index_entries(invoice);
    draft_.write(std::move(put));
    draft_.send(ports::QueueName::kDocuments, DocumentTask{invoice.number});
    co_return invoice;
  }

  Task<Head*> head_of(const std::string& series) {
    const auto known = heads_.find(series);
    if (known != heads_.end()) co_return &known->second;
    const auto record = co_await app_.store.get(keys::series_head(series));
    Head head;
    if (record) head = {json::read_stored<SeriesHead>(record->document), record->version};
    co_return &heads_.emplace(series, std::move(head)).first->second;
  }

  // The statutory copy: the invoice keeps it after the client is forgotten.
  Task<domain::Party> client_party(const domain::Order& order) {
    const auto client = co_await find_client(app_, order.client_id);
    const auto profile = client ? co_await open_profile(app_, *client) : std::nullopt;
    const OrderView view = co_await view_of(app_, order);
    std::optional<Address> address = view.shipping_address;
    if (!address && profile && !profile->addresses.empty()) address = profile->addresses.front();
    domain::Party party{profile ? profile->name : order.client_id, {}};
    if (address) {
      party = {address->name, {address->line1}};
      if (address->line2) party.lines.push_back(*address->line2);
      party.lines.push_back(address->postal_code + " " + address->city);
      party.lines.push_back((address->region ? *address->region + ", " : "") + address->country);
    }
    if (profile && !profile->tax_number.empty()) party.lines.push_back("Tax number: " + profile->tax_number);
    co_return party;
  }

  App& app_;
  Draft draft_;
  std::map<std::string, Head> heads_;
  std::set<OrderId> changed_;
};

ports::InvoicePage page_of(const domain::Invoice& invoice) {
  ports::InvoicePage page;
  page.credit_note = invoice.kind == domain::InvoiceKind::kCreditNote;
  page.number = invoice.number;
  page.corrects = invoice.corrects;
  page.order_id = invoice.order_id.text;
  page.issued_at = invoice.issued_at;
  page.currency = invoice.currency;
  page.seller = {invoice.seller.name, invoice.seller.lines};
  page.client = {invoice.client.name, invoice.client.lines};
  for (const domain::OrderLine& line : invoice.items) {
    page.lines.push_back({line.name, line.sku, line.quantity, line.unit_price, line.amount});
  }
  page.sums.push_back({"Subtotal", invoice.subtotal});
  if (invoice.discount != 0) page.sums.push_back({"Discount", -invoice.discount});
  page.sums.push_back({"Shipping", invoice.shipping});
  page.sums.push_back({"Tax", invoice.tax});
  page.total_minor = invoice.total;
  page.note = page.credit_note ? "This amount was returned to your means of payment." : "Paid with thanks.";
  return page;
}

ports::Key key_of(std::string_view shown_number) {
  const auto number = domain::parse_shown_number(shown_number);
  if (!number) throw_not_found("invoice");
  return keys::invoice(domain::sortable_number(number->series, number->sequence));
}

// An invoice belongs to whose its order is, who may have claimed it from the guest that it was issued to.
Task<bool> is_of_client(App& app, const domain::Invoice& invoice, const std::string& client_id) {
  if (client_id.empty()) co_return false;
  const domain::Order order = co_await load_order(app, invoice.order_id);
  co_return order.client_id == client_id;
}

Task<domain::Invoice> load_invoice(App& app, const Caller& caller, std::string number) {
  const auto record = co_await app.store.get(key_of(number));
  if (!record) throw_not_found("invoice");
  domain::Invoice invoice = json::read_stored<domain::Invoice>(record->document);
  const bool sees_all = is_clerk(caller) || caller.role == Role::kWorker;
  if (!sees_all && !co_await is_of_client(app, invoice, caller.client_id)) throw_not_found("invoice");
  co_return invoice;
}

}  // namespace

std::string pdf_name(std::string_view shown_number) { return "invoices/" + std::string(shown_number) + ".pdf"; }

namespace {

// Issues what fits into one commit; returns the messages left for the next. Throws AlreadyDone when one of them had
// been acknowledged before.
Task<std::vector<ports::Message>> issue_batch(App& app, const std::vector<ports::Message>& messages) {
  co_return co_await run(app, [&]() -> Task<std::vector<ports::Message>> {
    InvoiceBatch batch(app, worker("invoices"));
    std::vector<ports::Message> left;
    for (const ports::Message& message : messages) {
      if (!co_await batch.add(message)) left.push_back(message);
    }
    co_await batch.commit();
    co_return left;
  });
}

}  // namespace

Task<void> issue_invoices(App& app, std::vector<ports::Message> messages) {
  while (!messages.empty()) {
    bool done_by_another = false;
    try {
      messages = co_await issue_batch(app, messages);
    } catch (const AlreadyDone&) {
      done_by_another = true;
    }
    if (!done_by_another) continue;
    if (messages.size() == 1) co_return;
    // A redelivered message of the batch was finished before: one by one, each on its own.
    for (ports::Message& message : messages) {
      std::vector<ports::Message> single;
      single.push_back(std::move(message));
      co_await issue_invoices(app, std::move(single));
    }
    co_return;
  }
}

Task<void> handle_document(App& app, ports::Message message) {
  const auto task = json::read_stored<DocumentTask>(message.body);
  const domain::Invoice invoice = co_await load_invoice(app, worker("documents"), task.number);
  const ports::InvoicePage page = page_of(invoice);
  std::string pdf;
  co_await app.offload.run([&] { pdf = app.documents.invoice_pdf(page); });
  const InvoiceFile file{pdf_name(invoice.number), to_hex(app.crypto.sha256(pdf)),
                         static_cast<std::int64_t>(pdf.size())};
  co_await app.blobs.put_if_absent(file.blob, {std::move(pdf), "application/pdf"});
  Draft draft(app, worker("documents"));
  ports::Put put;
  put.key = keys::invoice_file(domain::sortable_number(invoice.series, invoice.sequence));
  put.document = json::write(file);
  put.condition = ports::Always{};  // made again from the same data, it is the same file
  draft.write(std::move(put));
  draft.acknowledge(message.receipt);
  try {
    co_await draft.commit();
  } catch (const AlreadyDone&) {
  }
}

Task<InvoiceView> get_invoice(App& app, Caller caller, std::string number) {
  co_return view_of(co_await load_invoice(app, caller, std::move(number)));
}

Task<ports::Blob> get_invoice_pdf(App& app, Caller caller, std::string number) {
  const domain::Invoice invoice = co_await load_invoice(app, caller, std::move(number));
  auto blob = co_await app.blobs.get(pdf_name(invoice.number));
  if (!blob) throw_not_found("invoice document yet");
  co_return std::move(*blob);
}

namespace {

// Whose invoices a client's are: their own, and those of the guests they were, each with the cursor's mark before it.
Task<std::vector<std::string>> holders_of(App& app, const std::string& client_id) {
  std::vector<std::string> holders{client_id};
  const auto client = co_await find_client(app, client_id);
  if (client) holders.insert(holders.end(), client->guests.begin(), client->guests.end());
  co_return holders;
}

// A cursor is the holder's place, and behind a colon the store's own.
struct InvoiceCursor {
  std::size_t holder = 0;
  std::string rest;
};

InvoiceCursor parse_cursor(const std::string& text, std::size_t holders) {
  InvoiceCursor cursor;
  if (text.empty()) return cursor;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cursor.holder);
  const bool is_good = error == std::errc{} && end != text.data() + text.size() && *end == ':';
  if (!is_good || cursor.holder >= holders) throw_invalid("/cursor", "is not a cursor of this list");
  cursor.rest.assign(end + 1, text.data() + text.size());
  return cursor;
}

// Others may have been the same guest, and claimed other orders.
Task<std::vector<domain::Invoice>> keep_those_of(App& app, std::vector<ports::Record> rows, std::string client_id) {
  std::vector<domain::Invoice> invoices;
  std::vector<ports::Key> wanted;
  for (const ports::Record& row : rows) {
    invoices.push_back(json::read_stored<domain::Invoice>(row.document));
    wanted.push_back(keys::order(invoices.back().order_id));
  }
  const auto orders = co_await app.store.get_many(std::move(wanted));
  std::vector<domain::Invoice> kept;
  for (std::size_t i = 0; i < invoices.size(); ++i) {
    const bool is_theirs = orders[i] && json::read_stored<domain::Order>(orders[i]->document).client_id == client_id;
    if (is_theirs) kept.push_back(std::move(invoices[i]));
  }
  co_return kept;
}

}  // namespace

Task<List<InvoiceView>> list_invoices(App& app, Caller caller, std::string client_id, PageOf page) {
  const bool is_self = !caller.client_id.empty() && caller.client_id == client_id;
  if (!is_clerk(caller) && !is_self) throw_not_found("client");
  const std::vector<std::string> holders = co_await holders_of(app, client_id);
  InvoiceCursor cursor = parse_cursor(page.cursor, holders.size());
  List<InvoiceView> list;
  while (true) {
    ports::Query query;
    query.index = ports::Index::kByClient;
    query.partition = keys::invoices_of_client(holders[cursor.holder]);
    query.direction = ports::Direction::kBackward;
    query.limit = page.limit - list.data.size();
    query.cursor = std::move(cursor.rest);
    ports::Page rows = co_await app.store.query(std::move(query));
    const std::vector<domain::Invoice> found = co_await keep_those_of(app, std::move(rows.records), client_id);
    for (const domain::Invoice& invoice : found) list.data.push_back(view_of(invoice));
    cursor.rest = std::move(rows.cursor);
    if (cursor.rest.empty() && ++cursor.holder == holders.size()) co_return list;
    if (list.data.size() == page.limit) break;
  }
  list.next_cursor = std::to_string(cursor.holder) + ":" + cursor.rest;
  co_return list;
}

}  // namespace orderly::app
