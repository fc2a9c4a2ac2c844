// What the shop and the payment provider hold at the end, read from their files as plain data. JSON documents are read
// by name and without the program's own types and rules, so that a mistake there cannot hide itself here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tests/crash/known_order.h"

namespace orderly::crash {

struct StoredAttempt {
  std::string id;
  std::string status;
  std::string method;
  std::string reference;
  std::int64_t amount = 0;
};

struct StoredRefund {
  std::string id;
  std::string status;
  std::string payment;  // the attempt whose money goes back
  std::string reference;
  std::string credit_note;
  std::int64_t amount = 0;
};

struct StoredOrder {
  std::string id;
  std::string client_id;
  std::string status;
  std::string cancel_reason;
  std::string invoice;
  Lines lines;
  std::int64_t total = 0;
  std::int64_t version = 0;
  std::vector<StoredAttempt> attempts;
  std::vector<StoredRefund> refunds;
};

struct StoredInvoice {
  std::string number;
  std::string kind;  // invoice, credit_note
  std::string series;
  std::string order_id;
  std::string refund;
  std::int64_t sequence = 0;
  std::int64_t total = 0;
  bool has_pdf = false;
};

struct StoredStock {
  std::int64_t available = 0;
  std::int64_t reserved = 0;
};

struct StoreExport {
  std::map<std::string, StoredOrder> orders;  // by id
  std::vector<StoredInvoice> invoices;        // credit notes too
  std::map<std::string, StoredStock> stock;   // by product
  std::size_t kept_answers = 0;
  std::size_t messages = 0;
};

// One line of the provider's ledger.
struct ProviderEntry {
  std::string key;
  std::string kind;
  std::string reference;  // empty: declined
  std::string charge;     // of a refund
  std::string order_id;
  std::int64_t amount = 0;
  std::int64_t captured = 0;
  std::int64_t refunded = 0;
};

// Opens the data folder, which nobody may have open. Throws orderly::Error when it cannot.
StoreExport read_store(const std::filesystem::path& data);
std::vector<ProviderEntry> read_provider(const std::filesystem::path& data);

}  // namespace orderly::crash
