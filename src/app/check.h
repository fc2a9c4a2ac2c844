// `orderly check`: does what a store holds keep the invariants of the shop? Computed from the stored data alone, over
// one consistent picture, so that it may run beside a server or over a backup. It changes nothing.
//
// The invariants, by number (a number that is missing belongs to what does not exist yet):
//    1  the ledger: each event's postings are balanced and are those that its kind of event books
//    2  at most one successful capture an order, of its total
//    3  refunds, in-flight ones included, are at most what was captured
//    4  an order's total adds up from its lines and price components
//    5  stock: no counter below 0; reserved = Σ lines of open orders = Σ of the events' moves
//    6  histories of orders and API keys: versions 1..n, legal transitions, hash chains; replayed, they give the object
//       as stored
//    7  invoices: numbered 1..max in each series, chained by hash, one for each order that is due one, PDFs unchanged
//    9  messages: what waits for a worker has one; none is dead, late, or about something that is not there
//   10  index entries, lookups and the event feed agree with the records
//   11  no address and nothing of who a client is outside its seal, no card number, no secret; who was erased is gone
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json_type.h"
#include "base/money.h"
#include "base/time.h"
#include "ports/crypto.h"
#include "ports/inspection.h"

namespace orderly::app {

// Something that is not as it should be.
struct Finding {
  std::int64_t invariant = 0;
  std::string slug;  // what kind of damage, stable: "stock-reserved"
  std::string
      where;  // a record's key ("ORDER#ord_…/META"), a message ("payments/msg_…"), an invoice's number, a currency
  std::string what;  // for people: what was expected and what is there; never personal data
};
BOOST_DESCRIBE_STRUCT(Finding, (), (invariant, slug, where, what))

struct LedgerSum {
  Currency currency;
  std::int64_t postings = 0;
  std::int64_t debit = 0;
  std::int64_t credit = 0;
};
BOOST_DESCRIBE_STRUCT(LedgerSum, (), (currency, postings, debit, credit))

struct SeriesCount {
  std::string series;
  std::int64_t documents = 0;
};
BOOST_DESCRIBE_STRUCT(SeriesCount, (), (series, documents))

struct QueueCount {
  std::string queue;
  std::int64_t waiting = 0;
  std::int64_t dead = 0;
};
BOOST_DESCRIBE_STRUCT(QueueCount, (), (queue, waiting, dead))

// What the check has looked at.
struct CheckCounts {
  std::int64_t orders = 0;
  std::int64_t events = 0;
  std::int64_t later_transactions = 0;
  std::int64_t products = 0;
  std::int64_t stock_counters = 0;
  std::int64_t lookups = 0;
  std::int64_t invoice_files = 0;  // PDFs read and hashed
  std::int64_t carts = 0;
  std::int64_t answers = 0;
  std::int64_t client_keys = 0;
  std::int64_t api_keys = 0;
  std::int64_t clients = 0;
  std::int64_t accounts = 0;
  std::int64_t sessions = 0;
  std::int64_t index_entries = 0;
  std::int64_t feed_events = 0;
  std::vector<LedgerSum> ledger;      // by currency
  std::vector<SeriesCount> invoices;  // by series
  std::vector<QueueCount> messages;   // a queue each
};
BOOST_DESCRIBE_STRUCT(CheckCounts, (),
                      (orders, events, later_transactions, products, stock_counters, lookups, invoice_files, carts,
                       answers, client_keys, api_keys, clients, accounts, sessions, index_entries, feed_events, ledger,
                       invoices, messages))

struct CheckReport {
  CheckCounts counts;
  std::int64_t findings_total = 0;
  std::vector<Finding> findings;  // by invariant, slug and place; of each slug the first 100 that were met

  bool is_clean() const { return findings_total == 0; }
};
BOOST_DESCRIBE_STRUCT(CheckReport, (), (counts, findings_total, findings))

// A message that has been due for longer than this is one that nobody works on.
inline constexpr std::chrono::minutes kMessageOverdueAfter{15};

// Walks the whole picture once, and the records and indexes a second time where they disagree. Memory grows with the
// number of products and of waiting messages (8 bytes each), not with that of orders. Blocking. Data that does not read
// is a finding; throws only what is no fault of the data (Error kUnavailable from the store).
CheckReport check(ports::Inspection& picture, const ports::Crypto& crypto, Time now);

// What was counted, then what was found, a line each.
std::string to_text(const CheckReport& report);
std::string to_json(const CheckReport& report);

}  // namespace orderly::app
