#include "app/rebuild.h"

#include <limits>
#include <tuple>

#include "app/check_indexes.h"
#include "app/check_invoices.h"
#include "app/check_messages.h"
#include "app/check_replay.h"

namespace orderly::app {

namespace {

using checks::Context;
using ports::Inspection;

struct Source {
  Inspection& picture;
  const ports::Crypto& crypto;
  Time now;
  checks::Matchings& matchings;
  bool is_second_look;  // for the matchings alone
};

// What is found of one kind. A check's context asks for more than is needed here.
struct Found {
  explicit Found(const Source& source)
      : context{source.picture, source.crypto, source.now, work, findings, counts, source.matchings} {
    if (source.is_second_look) findings.mute();
  }
  Found(const Found&) = delete;
  Found& operator=(const Found&) = delete;

  checks::Findings findings{std::numeric_limits<std::size_t>::max()};
  checks::Work work;
  CheckCounts counts;
  Context context;
};

template <class Kind>
struct Rebuilt {
  explicit Rebuilt(const Source& source) : found(source), objects(found.context) {}

  Found found;
  checks::Rebuilding<Kind> objects;
};

class Walk {
 public:
  explicit Walk(const Source& source) : source_(source), kinds_(source, source, source), invoices_(source) {}

  void run() {
    checks::guarded(invoices_.findings, 10, "records", [&] {
      source_.picture.records([&](const Inspection::StoredRecord& stored) {
        std::apply([&](auto&... kind) { (take(kind, stored), ...); }, kinds_);
        take_invoice(stored);
        return true;
      });
    });
    std::apply([](auto&... kind) { (kind.objects.finish(), ...); }, kinds_);
  }

  checks::Findings& of_invoices() { return invoices_.findings; }

  RebuildReport report() const {
    RebuildReport report;
    std::apply([&](const auto&... kind) { (add(report, kind), ...); }, kinds_);
    add(report, {"invoices and credit notes", invoices_met_, invoices_issued_, 0}, invoices_.findings);
    return report;
  }

 private:
  template <class Kind>
  void take(Rebuilt<Kind>& kind, const Inspection::StoredRecord& stored) {
    if (Kind::is_event(stored.record.key)) {
      kind.objects.add_event(stored);
    } else if (Kind::is_record(stored.record.key)) {
      const auto object = kind.objects.add_record(stored);
      if (object) note(stored.record.key, *object);
    }
  }

  void note(const ports::Key& key, const domain::Order& order) {
    if (!order.invoice.empty()) ++invoices_issued_;
    for (const domain::Refund& refund : order.refunds) invoices_issued_ += refund.credit_note.empty() ? 0 : 1;
    checks::guarded(invoices_.findings, 7, checks::text_of(key),
                    [&] { checks::expect_documents(invoices_.context, order); });
  }
  template <class Object>
  void note(const ports::Key&, const Object&) {}

  void take_invoice(const Inspection::StoredRecord& stored) {
    const ports::Key& key = stored.record.key;
    if (!key.partition.starts_with("INVOICE#") || key.sort != keys::kMeta) return;
    ++invoices_met_;
    const auto invoice =
        checks::read_document<domain::Invoice>(invoices_.findings, 7, checks::text_of(key), stored.record.document);
    if (invoice) source_.matchings.invoices.left(invoice->number, checks::linked_content(*invoice));
  }

  template <class Kind>
  static void add(RebuildReport& report, const Rebuilt<Kind>& kind) {
    add(report, {std::string(Kind::kPlural), kind.objects.objects(), kind.objects.events(), 0}, kind.found.findings);
  }
  static void add(RebuildReport& report, RebuildCount count, const checks::Findings& findings) {
    count.differences = findings.total();
    report.kinds.push_back(std::move(count));
    for (Finding& finding : findings.sorted()) report.differences.push_back(std::move(finding));
  }

  Source source_;
  std::tuple<Rebuilt<checks::Orders>, Rebuilt<checks::Clients>, Rebuilt<checks::ApiKeys>> kinds_;
  Found invoices_;
  std::int64_t invoices_met_ = 0;
  std::int64_t invoices_issued_ = 0;
};

}  // namespace

RebuildReport rebuild(Inspection& picture, const ports::Crypto& crypto, Time now) {
  checks::Matchings matchings;
  Source source{picture, crypto, now, matchings, false};
  Walk walk(source);
  walk.run();
  if (!matchings.invoices.is_even()) {
    matchings.invoices.start_collecting();
    source.is_second_look = true;
    Walk(source).run();
    checks::add_differences(walk.of_invoices(), matchings);
  }
  return walk.report();
}

std::string to_text(const RebuildReport& report) {
  std::string text;
  for (const RebuildCount& count : report.kinds) {
    text += count.kind + ": objects " + std::to_string(count.objects) + ", events " + std::to_string(count.events) +
            ", differences " + std::to_string(count.differences) + "\n";
  }
  if (report.is_clean()) return text + "every object is what its events say\n";
  for (const Finding& finding : report.differences) {
    text += "[" + finding.slug + "] " + finding.where + ": " + finding.what + "\n";
  }
  return text;
}

std::string to_json(const RebuildReport& report) { return json::write(report); }

}  // namespace orderly::app
