// Whether what the shop and the provider hold is what the clients were told, nothing missing and nothing twice. It
// computes everything from the three accounts given to it; `orderly check` has no part in it.
//
// What must hold once all is quiet and every request is answered:
//   - every order that was acknowledged is there, with its lines, its total and at least the version that was shown;
//     each request that was acknowledged made one order, each that was refused none
//   - each acknowledged cancellation, payment, refund, shipment and delivery is there, and none besides
//   - every payment attempt and refund that an answer showed is there, settled as it was shown
//   - at the provider at most one charge of an order succeeded; what it captured and returned is what the order says,
//     payment by payment and refund by refund; an order that is cancelled holds no money
//   - a paid order has one invoice and its PDF, a refund of it one credit note; numbers have no gap
//   - pieces seeded − pieces sold = available + reserved, for each product
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "tests/crash/exports.h"
#include "tests/crash/known_order.h"
#include "tests/crash/violations.h"

namespace orderly::crash {

// By name, for the report.
struct Tally {
  std::map<std::string, std::size_t> orders_by_status;
  std::map<std::string, std::size_t> payments_by_outcome;  // "confirmed pm_card_visa"
  std::map<std::string, std::size_t> refunds_by_status;
  std::map<std::string, std::size_t> documents;  // by series
  std::size_t charges = 0;                       // that succeeded
  std::size_t provider_refunds = 0;
};

struct Accounts {
  const std::vector<const KnownOrder*>& known;
  const StoreExport& store;
  const std::vector<ProviderEntry>& provider;
  const std::map<std::string, std::int64_t>& seeded;  // pieces, by product
};

Tally judge(const Accounts& accounts, Violations& violations);

}  // namespace orderly::crash
