#include "tests/crash/exports.h"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <set>
#include <sstream>

#include "engines/embedded/engine.h"
#include "engines/simulated_payments/charge_ledger.h"
#include "host/server/system_clock.h"

namespace orderly::crash {

namespace json = boost::json;

namespace {

// The objects in an array that may be left out when it is empty.
std::vector<const json::object*> objects_in(const json::object& object, std::string_view name) {
  std::vector<const json::object*> objects;
  const json::value* value = object.if_contains(name);
  if (value == nullptr) return objects;
  for (const json::value& each : value->as_array()) objects.push_back(&each.as_object());
  return objects;
}

StoredOrder order_of(const json::object& document) {
  StoredOrder order;
  order.id = text_of(document, "id");
  order.client_id = text_of(document, "client_id");
  order.status = text_of(document, "status");
  order.cancel_reason = text_of(document, "cancel_reason");
  order.invoice = text_of(document, "invoice");
  order.lines = lines_of(document);
  order.total = number_of(document, "total");
  order.version = number_of(document, "version");
  for (const json::object* each : objects_in(document, "attempts")) {
    order.attempts.push_back({text_of(*each, "id"), text_of(*each, "status"), text_of(*each, "method"),
                              text_of(*each, "reference"), number_of(*each, "amount")});
  }
  for (const json::object* each : objects_in(document, "refunds")) {
    order.refunds.push_back({text_of(*each, "id"), text_of(*each, "status"), text_of(*each, "payment"),
                             text_of(*each, "reference"), text_of(*each, "credit_note"), number_of(*each, "amount")});
  }
  return order;
}

StoredInvoice invoice_of(const json::object& document) {
  StoredInvoice invoice;
  invoice.number = text_of(document, "number");
  invoice.kind = text_of(document, "kind");
  invoice.series = text_of(document, "series");
  invoice.order_id = text_of(document, "order_id");
  invoice.refund = text_of(document, "refund");
  invoice.sequence = number_of(document, "sequence");
  invoice.total = number_of(document, "total");
  return invoice;
}

bool is_pdf(const std::optional<ports::Blob>& blob, std::int64_t bytes) {
  return blob && blob->bytes.starts_with("%PDF-") && blob->bytes.size() == static_cast<std::size_t>(bytes);
}

// Records of one kind have partitions that begin alike.
class StoreReader {
 public:
  explicit StoreReader(ports::Inspection& inspection) : inspection_(inspection) {}

  StoreExport read() {
    inspection_.records([this](const ports::Inspection::StoredRecord& stored) {
      take(stored.record);
      return true;
    });
    inspection_.messages([this](const ports::Inspection::StoredMessage&) {
      ++export_.messages;
      return true;
    });
    for (StoredInvoice& invoice : export_.invoices) invoice.has_pdf = has_pdf_.contains(invoice.number);
    return std::move(export_);
  }

 private:
  void take(const ports::Record& record) {
    const std::string& partition = record.key.partition;
    const bool is_main = record.key.sort == "META";
    if (partition.starts_with("!ANSWER#")) ++export_.kept_answers;
    if (partition.starts_with("ORDER#") && is_main) {
      StoredOrder order = order_of(json::parse(record.document).as_object());
      const std::string id = order.id;
      export_.orders.emplace(id, std::move(order));
    }
    if (partition.starts_with("STOCK#")) {
      const json::value counters = json::parse(record.document);
      const std::string place = partition.substr(std::string_view("STOCK#").size());
      StoredStock& stock = export_.stock[place.substr(0, place.find('~'))];  // "p07~3": a bucket of p07
      stock.available += number_of(counters.as_object(), "available");
      stock.reserved += number_of(counters.as_object(), "reserved");
    }
    if (!partition.starts_with("INVOICE#")) return;
    const json::value document = json::parse(record.document);
    if (is_main) {
      export_.invoices.push_back(invoice_of(document.as_object()));
    } else {
      take_file(document.as_object());
    }
  }

  // The blob's name is the invoice's number in a path.
  void take_file(const json::object& file) {
    const std::string name = text_of(file, "blob");
    if (!is_pdf(inspection_.blob(name), number_of(file, "bytes"))) return;
    const std::size_t begin = name.rfind('/') + 1;
    has_pdf_.insert(name.substr(begin, name.rfind(".pdf") - begin));
  }

  ports::Inspection& inspection_;
  StoreExport export_;
  std::set<std::string> has_pdf_;
};

}  // namespace

StoreExport read_store(const std::filesystem::path& data) {
  server::SystemClock clock;
  embedded::EmbeddedOptions options;
  options.folder = data.string();
  options.clock = &clock;
  const auto engine = embedded::EmbeddedEngine::open(std::move(options));
  const auto inspection = engine->inspectable().inspect();
  return StoreReader(*inspection).read();
}

std::vector<ProviderEntry> read_provider(const std::filesystem::path& data) {
  std::stringstream lines;
  simulated::export_json_lines(*simulated::open_ledger(data / "simulated-payments"), lines);
  std::vector<ProviderEntry> entries;
  for (std::string line; std::getline(lines, line);) {
    const json::value document = json::parse(line);
    const json::object& entry = document.as_object();
    entries.push_back({text_of(entry, "key"), text_of(entry, "kind"), text_of(entry, "reference"),
                       text_of(entry, "charge"), text_of(entry, "order_id"), number_of(entry, "amount_minor"),
                       number_of(entry, "captured_minor"), number_of(entry, "refunded_minor")});
  }
  return entries;
}

}  // namespace orderly::crash
