// `orderly events rebuild --check`: is what a store holds what its events say? Every object with a version is made
// again from its events alone and compared with its record; invoices and credit notes with what their orders' events
// say of them. It changes nothing, and reads nothing but records: `orderly check` proves the rest.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/check.h"

namespace orderly::app {

struct RebuildCount {
  std::string kind;          // orders, clients, API keys, invoices and credit notes
  std::int64_t objects = 0;  // records met
  std::int64_t events = 0;   // event records of such objects; of invoices, those that issued one
  std::int64_t differences = 0;
};
BOOST_DESCRIBE_STRUCT(RebuildCount, (), (kind, objects, events, differences))

struct RebuildReport {
  std::vector<RebuildCount> kinds;
  std::vector<Finding> differences;  // all of them, by kind, then as in a check

  bool is_clean() const { return differences.empty(); }
};
BOOST_DESCRIBE_STRUCT(RebuildReport, (), (kinds, differences))

// One walk over the records, and another where invoices and orders disagree. Blocking. Throws only what is no fault of
// the data, as check() does.
RebuildReport rebuild(ports::Inspection& picture, const ports::Crypto& crypto, Time now);

// What was counted, then what differs, a line each.
std::string to_text(const RebuildReport& report);
std::string to_json(const RebuildReport& report);

}  // namespace orderly::app
