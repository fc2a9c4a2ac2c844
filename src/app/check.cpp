#include "app/check.h"

#include <functional>
#include <optional>

#include "app/accounts.h"
#include "app/announcements.h"
#include "app/check_clients.h"
#include "app/check_indexes.h"
#include "app/check_invoices.h"
#include "app/check_messages.h"
#include "app/check_orders.h"
#include "app/check_privacy.h"
#include "app/check_replay.h"
#include "app/check_stock.h"
#include "app/keys.h"
#include "base/text.h"
#include "domain/cart.h"

namespace orderly::app {

namespace {

using checks::Context;
using ports::Inspection;

// One walk over all records, in key order, so that each order's and each invoice's records come together.
class RecordWalk {
 public:
  explicit RecordWalk(Context& context) : context_(context), stock_(context), invoices_(context), api_keys_(context) {}

  void run() {
    context_.picture.records([&](const Inspection::StoredRecord& stored) {
      add(stored);
      return true;
    });
    finish_partition();
    api_keys_.finish();
    invoices_.finish();
    stock_.finish();
    ledger_.finish(context_);
  }

 private:
  void add(const Inspection::StoredRecord& stored) {
    const ports::Key& key = stored.record.key;
    if (!(last_ < key)) {
      context_.findings.add(10, "key-order", checks::text_of(key), "it does not come after " + checks::text_of(last_));
    }
    if (key.partition != last_.partition) finish_partition();
    last_ = key;
    checks::note_index_entries(context_, stored);
    const bool is_of_order = key.partition.starts_with("ORDER#");
    const bool is_of_client = key.partition.starts_with("CLIENT#");
    if (!is_of_order && !is_of_client) {  // their own checks look closer
      checks::find_private(context_.findings, checks::text_of(key), stored.record.document,
                           checks::Privacy::kSecretsOnly);
    }
    if (is_of_order) {
      if (!order_) order_.emplace(context_, stock_, ledger_, key.partition);
      order_->add(stored);
    } else if (is_of_client) {
      if (!client_) client_.emplace(context_, key.partition);
      client_->add(stored);
    } else {
      add_other(stored);
    }
  }

  void add_other(const Inspection::StoredRecord& stored) {
    const std::string& partition = stored.record.key.partition;
    const std::string where = checks::text_of(stored.record.key);
    if (partition.starts_with("INVOICE#")) {
      invoices_.add(stored);
    } else if (partition.starts_with("SERIES#")) {
      invoices_.add_head(stored);
    } else if (partition.starts_with("PRODUCT#")) {
      checks::check_product(context_, stock_, stored);
    } else if (partition.starts_with("STOCK#")) {
      stock_.add_counters(stored);
    } else if (partition.starts_with("SKU#") || partition.starts_with("NAME#")) {
      checks::check_lookup(context_, stored);
    } else if (partition.starts_with("CART#")) {
      ++context_.counts.carts;
      checks::expect_indexes(context_, stored, {});
      checks::read_canonical<domain::Cart>(context_, 10, where, stored.record.document);
    } else if (partition.starts_with(keys::kAnswer)) {
      ++context_.counts.answers;
      checks::expect_indexes(context_, stored, {});
    } else if (partition.starts_with("CLIENTKEY#")) {
      ++context_.counts.client_keys;
      checks::expect_indexes(context_, stored, {});
    } else if (partition.starts_with("EMAIL#") || partition.starts_with(keys::kClientName)) {
      checks::check_client_lookup(context_, stored);
    } else if (partition.starts_with("SESSION#")) {
      ++context_.counts.sessions;
      checks::expect_indexes(context_, stored, {});
      checks::read_canonical<Session>(context_, 10, where, stored.record.document);
    } else if (partition.starts_with("ONETIME#")) {
      checks::expect_indexes(context_, stored, {});
      checks::read_canonical<OneTimeToken>(context_, 10, where, stored.record.document);
    } else if (checks::ApiKeys::is_event(stored.record.key)) {
      checks::note_event(context_, stored);
      api_keys_.add_event(stored);
    } else if (checks::ApiKeys::is_record(stored.record.key)) {
      add_api_key(stored);
    } else if (partition.starts_with("SUBSCRIBER#")) {
      checks::expect_indexes(context_, stored, {});
      checks::read_canonical<SubscriberPlace>(context_, 10, where, stored.record.document);
    } else {
      context_.findings.add(10, "unknown-record", where, "there is no such kind of record");
    }
  }

  void add_api_key(const Inspection::StoredRecord& stored) {
    ++context_.counts.api_keys;
    checks::expect_indexes(context_, stored, {});
    const std::string where = checks::text_of(stored.record.key);
    const auto key = checks::read_canonical<ApiKey>(context_, 10, where, stored.record.document);
    if (!key) return;
    api_keys_.add_object(stored, *key);
    if (keys::api_key(key->id) != stored.record.key) {
      context_.findings.add(10, "api-key-place", where, "it is kept under another id than its own");
    }
    if (base64url_decode(key->hash).value_or("").size() != ports::Digest{}.size()) {
      context_.findings.add(11, "api-key-hash", where, "its hash is no SHA-256");
    }
  }

  void finish_partition() {
    if (order_) order_->finish();
    order_.reset();
    if (client_) client_->finish();
    client_.reset();
    invoices_.finish_partition();
  }

  Context& context_;
  checks::StockCheck stock_;
  checks::LedgerCheck ledger_;
  checks::InvoiceCheck invoices_;
  checks::Rebuilding<checks::ApiKeys> api_keys_;
  std::optional<checks::OrderCheck> order_;  // of the partition at hand
  std::optional<checks::ClientCheck> client_;
  ports::Key last_;
};

// A walk ends where the store itself cannot read what it holds; the others go on.
void walk(Context& context, std::string_view what, const std::function<void()>& call) {
  checks::guarded(context.findings, 10, what, call);
}

void walk_everything(Context& context) {
  walk(context, "records", [&] { RecordWalk(context).run(); });
  walk(context, "index entries", [&] { checks::walk_index_entries(context); });
  walk(context, "feed", [&] { checks::walk_feed(context); });
}

// Looks again at what did not match, to say what it is.
void explain_differences(Context& context) {
  checks::Matchings& matchings = context.matchings;
  checks::Matching* all[] = {&matchings.index_entries, &matchings.feed, &matchings.invoices, &matchings.lookups};
  bool is_even = true;
  for (const checks::Matching* matching : all) is_even = is_even && matching->is_even();
  if (is_even) return;
  for (checks::Matching* matching : all) matching->start_collecting();
  checks::Findings muted;
  muted.mute();
  CheckCounts ignored;
  Context again{context.picture, context.crypto, context.now, context.work, muted, ignored, matchings};
  walk_everything(again);
  checks::add_differences(context.findings, matchings);
}

void add_line(std::string& text, std::initializer_list<std::pair<std::string_view, std::int64_t>> counts) {
  bool first = true;
  for (const auto& [name, count] : counts) {
    text += (first ? "" : ", ") + std::string(name) + " " + std::to_string(count);
    first = false;
  }
  text += '\n';
}

}  // namespace

CheckReport check(ports::Inspection& picture, const ports::Crypto& crypto, Time now) {
  CheckReport report;
  checks::Findings findings;
  checks::Matchings matchings;
  checks::Work work;
  Context context{picture, crypto, now, work, findings, report.counts, matchings};
  walk(context, "messages", [&] { checks::check_messages(context, work); });
  walk_everything(context);
  explain_differences(context);
  report.findings = findings.sorted();
  report.findings_total = findings.total();
  return report;
}

std::string to_text(const CheckReport& report) {
  const CheckCounts& counts = report.counts;
  std::string text;
  add_line(text,
           {{"orders", counts.orders}, {"events", counts.events}, {"later transactions", counts.later_transactions}});
  add_line(text,
           {{"products", counts.products}, {"stock counters", counts.stock_counters}, {"lookups", counts.lookups}});
  add_line(text, {{"index entries", counts.index_entries}, {"feed events", counts.feed_events}});
  add_line(text, {{"carts", counts.carts},
                  {"answers kept", counts.answers},
                  {"client keys", counts.client_keys},
                  {"API keys", counts.api_keys}});
  add_line(text, {{"clients", counts.clients}, {"accounts", counts.accounts}, {"sessions", counts.sessions}});
  for (const LedgerSum& sum : counts.ledger) {
    text += "ledger " + std::string(sum.currency.code()) + ": ";
    add_line(text, {{"postings", sum.postings}, {"debit", sum.debit}, {"credit", sum.credit}});
  }
  for (const SeriesCount& series : counts.invoices) {
    text += "series " + series.series + ": ";
    add_line(text, {{"documents", series.documents}});
  }
  add_line(text, {{"PDFs", counts.invoice_files}});
  for (const QueueCount& queue : counts.messages) {
    text += "queue " + queue.queue + ": ";
    add_line(text, {{"waiting", queue.waiting}, {"dead", queue.dead}});
  }
  if (report.is_clean()) return text + "every invariant holds\n";
  text += std::to_string(report.findings_total) + " finding(s):\n";
  for (const Finding& finding : report.findings) {
    text += "[" + std::to_string(finding.invariant) + " " + finding.slug + "] " + finding.where + ": " + finding.what +
            "\n";
  }
  const auto left_out = report.findings_total - static_cast<std::int64_t>(report.findings.size());
  if (left_out > 0) text += "and " + std::to_string(left_out) + " more\n";
  return text;
}

std::string to_json(const CheckReport& report) { return json::write(report); }

}  // namespace orderly::app
