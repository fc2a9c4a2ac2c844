// Invariants 6, 10 and 11 of clients: one at a time, since all its records are in one partition: its account, its
// events, its lookups, itself, in this order.
#pragma once

#include <optional>
#include <string>

#include "app/check_replay.h"
#include "app/client_records.h"
#include "domain/client.h"

namespace orderly::app::checks {

class ClientCheck {
 public:
  // `partition`: "CLIENT#<id>". Both references must outlive it.
  ClientCheck(Context& context, std::string partition)
      : context_(context), partition_(std::move(partition)), replay_(context) {}

  // A record of the partition, in key order.
  void add(const ports::Inspection::StoredRecord& stored);
  void finish();

 private:
  void add_account(const ports::Inspection::StoredRecord& stored);
  void add_lookups(const ports::Inspection::StoredRecord& stored);
  void add_client(const ports::Inspection::StoredRecord& stored);
  void check_erased();

  Context& context_;
  std::string partition_;
  std::string where_;  // of the client's own record
  std::optional<domain::Client> client_;
  Replay<Clients> replay_;
  bool has_account_ = false;
  std::optional<ClientLookups> lookups_;
};

// Records that lead to clients: EMAIL#, CLIENTNAME#.
void check_client_lookup(Context& context, const ports::Inspection::StoredRecord& stored);

}  // namespace orderly::app::checks
