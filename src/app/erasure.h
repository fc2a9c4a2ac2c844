// Forgetting a client. What says who they are is sealed under their key; the key is destroyed, and with it all of that,
// wherever it is: in their record, their orders, every event, kept answers and messages. Removed as well are what finds
// them, their account and their cart. Invoices keep what tax law wants kept, and orders their articles and amounts,
// which the ledger is made of.
#pragma once

#include <string>
#include <vector>

#include "app/views.h"

namespace orderly::app {

struct KeptRecords {
  std::string what;  // invoices, orders
  std::int64_t count = 0;
  std::string why;
};
BOOST_DESCRIBE_STRUCT(KeptRecords, (), (what, count, why))

struct ErasureView {
  std::string client_id;
  std::vector<KeptRecords> kept;
};
BOOST_DESCRIBE_STRUCT(ErasureView, (), (client_id, kept))
std::vector<json::Rule> json_rules(const ErasureView*);

// Of a client, or, for the owner, of a guest by their label. The owner may erase anybody, clients themselves. Again is
// no error. Throws Error(kRefused, "client-has-open-orders"): who waits for a parcel or an invoice is not forgotten
// before it is sent; not_found.
Task<Answer> erase_client(App& app, Caller caller, std::string id, RepeatKey key);

// Erases again whom a restored backup brought back, and nobody who ordered anew since as the same guest. Call it before
// anything is served. Returns how many there were.
Task<std::size_t> erase_again(App& app);

}  // namespace orderly::app
