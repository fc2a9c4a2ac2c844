// The simulated payment provider's own ledger: what it was asked under each idempotency key, what it answered, and how
// much of each charge was captured and returned. It is kept as another company would keep it: apart from the shop's
// store, knowing nothing of orders but the text it was given, and deciding by itself what may be refunded.
#pragma once

#include <array>
#include <boost/describe.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_type.h"
#include "base/money.h"
#include "base/time.h"
#include "engines/simulated_payments/ledger_storage.h"
#include "ports/payments.h"

namespace orderly::simulated {

enum class EntryKind {
  kCharge,         // authorized and captured in one
  kAuthorization,  // may be captured or cancelled later
  kCapture,
  kCancellation,
  kRefund,
  kRefusal,  // looked up before it was seen: nothing will ever happen under this key
};
inline const auto& enum_names(EntryKind) {
  static constexpr std::array kNames = {
      std::pair{EntryKind::kCharge, "charge"},   std::pair{EntryKind::kAuthorization, "authorization"},
      std::pair{EntryKind::kCapture, "capture"}, std::pair{EntryKind::kCancellation, "cancellation"},
      std::pair{EntryKind::kRefund, "refund"},   std::pair{EntryKind::kRefusal, "refusal"}};
  return kNames;
}

// What became of one idempotency key. Fields that a kind does not have are empty or 0. Of a charge or authorization,
// `captured_minor`, `refunded_minor` and `cancelled` follow what happened to it since; all else stays as it was
// answered.
struct LedgerEntry {
  std::string key;
  EntryKind kind = EntryKind::kRefusal;
  std::string reference;  // "ch_…", "re_…"; of a capture or cancellation: the charge's; empty: declined
  std::string charge;     // of a capture, cancellation or refund: the reference it was asked for
  std::string order_id;   // as sent with the charge; of a refund: its charge's
  std::string method;     // of a charge or authorization
  std::int64_t amount_minor = 0;
  std::string currency;
  std::string declined;  // the reason; empty: succeeded
  std::int64_t captured_minor = 0;
  std::int64_t refunded_minor = 0;
  bool cancelled = false;
  Time time;  // of the first request under the key

  friend bool operator==(const LedgerEntry&, const LedgerEntry&) = default;
};
BOOST_DESCRIBE_STRUCT(LedgerEntry, (),
                      (key, kind, reference, charge, order_id, method, amount_minor, currency, declined, captured_minor,
                       refunded_minor, cancelled, time))
std::vector<json::Rule> json_rules(const LedgerEntry*);

struct LedgerAnswer {
  ports::PaymentAnswer answer;
  bool repeated = false;  // the key was known already: nothing moved now
};

// Every call is atomic and safe from any thread. The same key with the same parameters gets the first answer again and
// moves nothing. The same key with other parameters, or for another kind of call, moves nothing either and is answered
// kUnknown "idempotency_key_reuse", never as declined, since money may have moved under the key: look_up says.
// Other declines: "idempotency_key_refused" after look_up promised that the key will never act; the codes of Stripe's
// https://docs.stripe.com/error-codes where they fit. Throws Error(kUnavailable) when its storage fails.
class ChargeLedger {
 public:
  explicit ChargeLedger(std::unique_ptr<LedgerStorage> storage);

  // `decline`: the reason to record a decline for; empty lets the request through.
  // Declines "parameter_invalid_integer" for an amount that is not positive.
  LedgerAnswer charge(const ports::ChargeRequest& request, std::string_view decline, Time now);
  LedgerAnswer authorize(const ports::ChargeRequest& request, std::string_view decline, Time now);
  // Declines "resource_missing", "charge_already_captured", "payment_intent_unexpected_state" (cancelled).
  LedgerAnswer capture(std::string_view charge, std::string_view key, std::string_view decline, Time now);
  // Declines "resource_missing", "payment_intent_unexpected_state" (captured or cancelled).
  LedgerAnswer cancel(std::string_view charge, std::string_view key, std::string_view decline, Time now);
  // Declines "resource_missing", "parameter_invalid_integer", "currency_mismatch", "charge_not_captured",
  // "charge_already_refunded" (nothing is left), "amount_too_large" (more than what is left).
  LedgerAnswer refund(const ports::RefundRequest& request, std::string_view decline, Time now);

  // The answer under `key`, or nothing, and then nothing will ever happen under it.
  std::optional<ports::PaymentAnswer> look_up(std::string_view key, Time now);

  // Reading it back, for tests and judges. Charges are also authorizations and declined ones. In the order of the keys.
  std::optional<LedgerEntry> find_charge(std::string_view reference) const;
  std::vector<LedgerEntry> charges_for(std::string_view order_id) const;
  void for_each_entry(const std::function<void(const LedgerEntry&)>& visit) const;
  void for_each_charge(const std::function<void(const LedgerEntry&)>& visit) const;
  void for_each_refund(const std::function<void(const LedgerEntry&)>& visit) const;

 private:
  class Lock;
  using Decide = std::function<void(LedgerEntry& entry, LedgerEntry* charge)>;

  std::optional<LedgerEntry> find(std::string_view key) const;
  LedgerAnswer record(LedgerEntry entry, std::string_view decline, const Decide& decide);
  LedgerAnswer add_charge(const ports::ChargeRequest& request, EntryKind kind, std::string_view decline, Time now);

  static constexpr std::size_t kShards = 64;

  std::unique_ptr<LedgerStorage> storage_;
  std::array<std::mutex, kShards> shards_;  // of keys, by hash
};

std::unique_ptr<ChargeLedger> make_memory_ledger();
// See open_rocksdb_storage.
std::unique_ptr<ChargeLedger> open_ledger(const std::filesystem::path& folder);

// One JSON object a line: the fields of LedgerEntry, without those that are empty, 0 or false.
void export_json_lines(const ChargeLedger& ledger, std::ostream& out);

}  // namespace orderly::simulated
