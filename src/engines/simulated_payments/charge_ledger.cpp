#include "engines/simulated_payments/charge_ledger.h"

#include <algorithm>

#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"

namespace orderly::simulated {
namespace {

using Outcome = ports::PaymentAnswer::Outcome;

constexpr std::string_view kChargePrefix = "ch_";
constexpr std::string_view kRefundPrefix = "re_";

// Keys of the storage: an entry under "k", its idempotency key; and "o", order, NUL, idempotency key for each charge.
std::string entry_key(std::string_view key) { return "k" + std::string(key); }
std::string order_prefix(std::string_view order_id) { return "o" + std::string(order_id) + '\0'; }

// References are made from keys, so that a reference leads to its entry without a second record: ch_01J… of txn_01J…,
// which is as long as a real provider's, and ch_sim_k of any other key k.
constexpr std::string_view kTransaction = "txn_";
constexpr std::string_view kOther = "sim_";

std::string reference_of(std::string_view prefix, std::string_view key) {
  const bool is_transaction = key.starts_with(kTransaction) && !key.substr(kTransaction.size()).starts_with(kOther);
  std::string reference(prefix);
  if (!is_transaction) return reference.append(kOther).append(key);
  return reference.append(key.substr(kTransaction.size()));
}

std::string key_of_charge(std::string_view reference) {
  if (!reference.starts_with(kChargePrefix)) return {};
  const std::string_view rest = reference.substr(kChargePrefix.size());
  if (rest.starts_with(kOther)) return std::string(rest.substr(kOther.size()));
  return std::string(kTransaction).append(rest);
}

bool is_charge(const LedgerEntry& entry) {
  return entry.kind == EntryKind::kCharge || entry.kind == EntryKind::kAuthorization;
}

bool is_same_request(const LedgerEntry& a, const LedgerEntry& b) {
  return a.kind == b.kind && a.charge == b.charge && a.amount_minor == b.amount_minor && a.currency == b.currency &&
         // A refund's order is its charge's and no part of the request.
         (!is_charge(a) || (a.order_id == b.order_id && a.method == b.method));
}

bool is_acceptable(std::string_view text) { return text.size() <= limits::kIdempotencyKeyMax && is_valid_utf8(text); }

ports::PaymentAnswer declined(std::string reason) { return {Outcome::kDeclined, "", std::move(reason)}; }

ports::PaymentAnswer answer_of(const LedgerEntry& entry) {
  if (!entry.declined.empty()) return declined(entry.declined);
  return {Outcome::kSucceeded, entry.reference, ""};
}

LedgerAnswer answer_again(const LedgerEntry& known, const LedgerEntry& request) {
  if (known.kind == EntryKind::kRefusal) return {declined("idempotency_key_refused"), true};
  if (!is_same_request(known, request)) return {{Outcome::kUnknown, "", "idempotency_key_reuse"}, true};
  return {answer_of(known), true};
}

void decide_charge(LedgerEntry& entry) {
  if (entry.amount_minor <= 0) {
    entry.declined = "parameter_invalid_integer";
    return;
  }
  entry.reference = reference_of(kChargePrefix, entry.key);
  if (entry.kind == EntryKind::kCharge) entry.captured_minor = entry.amount_minor;
}

void decide_capture(LedgerEntry& entry, LedgerEntry* charge) {
  if (charge == nullptr) {
    entry.declined = "resource_missing";
  } else if (charge->cancelled) {
    entry.declined = "payment_intent_unexpected_state";
  } else if (charge->captured_minor > 0) {
    entry.declined = "charge_already_captured";
  } else {
    charge->captured_minor = charge->amount_minor;
    entry.reference = charge->reference;
  }
}

void decide_cancellation(LedgerEntry& entry, LedgerEntry* charge) {
  if (charge == nullptr) {
    entry.declined = "resource_missing";
  } else if (charge->cancelled || charge->captured_minor > 0) {
    entry.declined = "payment_intent_unexpected_state";
  } else {
    charge->cancelled = true;
    entry.reference = charge->reference;
  }
}

void decide_refund(LedgerEntry& entry, LedgerEntry* charge) {
  const std::int64_t left = charge == nullptr ? 0 : charge->captured_minor - charge->refunded_minor;
  if (charge == nullptr) {
    entry.declined = "resource_missing";
  } else if (entry.amount_minor <= 0) {
    entry.declined = "parameter_invalid_integer";
  } else if (entry.currency != charge->currency) {
    entry.declined = "currency_mismatch";
  } else if (charge->captured_minor == 0) {
    entry.declined = "charge_not_captured";
  } else if (left == 0) {
    entry.declined = "charge_already_refunded";
  } else if (entry.amount_minor > left) {
    entry.declined = "amount_too_large";
  } else {
    charge->refunded_minor += entry.amount_minor;
    entry.reference = reference_of(kRefundPrefix, entry.key);
  }
}

}  // namespace

std::vector<json::Rule> json_rules(const LedgerEntry*) {
  std::vector<json::Rule> rules;
  for (const std::string_view name : {"reference", "charge", "order_id", "method", "amount_minor", "currency",
                                      "declined", "captured_minor", "refunded_minor", "cancelled"}) {
    rules.push_back(json::field(name).brief());
  }
  return rules;
}

// Holds a request's key and the charge that it is about, so that what was read of them is still so when it is written.
class ChargeLedger::Lock {
 public:
  Lock(ChargeLedger& ledger, std::string_view key, std::string_view charge_key) {
    const std::size_t a = shard_of(key);
    const std::size_t b = charge_key.empty() ? a : shard_of(charge_key);
    first_ = std::unique_lock(ledger.shards_[std::min(a, b)]);  // always upwards: no deadlock
    if (a != b) second_ = std::unique_lock(ledger.shards_[std::max(a, b)]);
  }

 private:
  static std::size_t shard_of(std::string_view key) { return std::hash<std::string_view>()(key) % kShards; }

  std::unique_lock<std::mutex> first_;
  std::unique_lock<std::mutex> second_;
};

ChargeLedger::ChargeLedger(std::unique_ptr<LedgerStorage> storage) : storage_(std::move(storage)) {}

std::optional<LedgerEntry> ChargeLedger::find(std::string_view key) const {
  const std::optional<std::string> stored = storage_->get(entry_key(key));
  if (!stored) return std::nullopt;
  return json::read_stored<LedgerEntry>(*stored);
}

LedgerAnswer ChargeLedger::record(LedgerEntry entry, std::string_view decline, const Decide& decide) {
  const bool acceptable = !entry.key.empty() && is_acceptable(entry.key) && is_acceptable(entry.charge) &&
                          is_acceptable(entry.order_id) && is_acceptable(entry.method);
  if (!acceptable) return {declined("parameter_invalid"), false};

  const std::string charge_key = key_of_charge(entry.charge);
  const Lock lock(*this, entry.key, charge_key);
  if (const auto known = find(entry.key)) return answer_again(*known, entry);

  std::optional<LedgerEntry> charge = charge_key.empty() ? std::nullopt : find_charge(entry.charge);
  if (charge && entry.kind == EntryKind::kRefund) entry.order_id = charge->order_id;
  if (decline.empty()) {
    decide(entry, charge ? &*charge : nullptr);
  } else {
    entry.declined = decline;
  }

  std::vector<LedgerWrite> writes = {{entry_key(entry.key), json::write(entry)}};
  if (charge && entry.declined.empty()) writes.push_back({entry_key(charge->key), json::write(*charge)});
  if (is_charge(entry)) writes.push_back({order_prefix(entry.order_id) + entry.key, ""});
  storage_->put(writes);
  return {answer_of(entry), false};
}

LedgerAnswer ChargeLedger::add_charge(const ports::ChargeRequest& request, EntryKind kind, std::string_view decline,
                                      Time now) {
  LedgerEntry entry;
  entry.key = request.idempotency_key;
  entry.kind = kind;
  entry.order_id = request.order_id;
  entry.method = request.method;
  entry.amount_minor = request.amount.minor;
  entry.currency = request.amount.currency.code();
  entry.time = now;
  return record(std::move(entry), decline, [](LedgerEntry& charge, LedgerEntry*) { decide_charge(charge); });
}

LedgerAnswer ChargeLedger::charge(const ports::ChargeRequest& request, std::string_view decline, Time now) {
  return add_charge(request, EntryKind::kCharge, decline, now);
}

LedgerAnswer ChargeLedger::authorize(const ports::ChargeRequest& request, std::string_view decline, Time now) {
  return add_charge(request, EntryKind::kAuthorization, decline, now);
}

LedgerAnswer ChargeLedger::capture(std::string_view charge, std::string_view key, std::string_view decline, Time now) {
  LedgerEntry entry;
  entry.key = key;
  entry.kind = EntryKind::kCapture;
  entry.charge = charge;
  entry.time = now;
  return record(std::move(entry), decline, decide_capture);
}

LedgerAnswer ChargeLedger::cancel(std::string_view charge, std::string_view key, std::string_view decline, Time now) {
  LedgerEntry entry;
  entry.key = key;
  entry.kind = EntryKind::kCancellation;
  entry.charge = charge;
  entry.time = now;
  return record(std::move(entry), decline, decide_cancellation);
}

LedgerAnswer ChargeLedger::refund(const ports::RefundRequest& request, std::string_view decline, Time now) {
  LedgerEntry entry;
  entry.key = request.idempotency_key;
  entry.kind = EntryKind::kRefund;
  entry.charge = request.charge_reference;
  entry.amount_minor = request.amount.minor;
  entry.currency = request.amount.currency.code();
  entry.time = now;
  return record(std::move(entry), decline, decide_refund);
}

std::optional<ports::PaymentAnswer> ChargeLedger::look_up(std::string_view key, Time now) {
  if (key.empty() || !is_acceptable(key)) return std::nullopt;  // record() refuses it as well
  const Lock lock(*this, key, {});
  if (const auto known = find(key)) {
    return known->kind == EntryKind::kRefusal ? std::nullopt : std::optional(answer_of(*known));
  }
  LedgerEntry refusal;
  refusal.key = key;
  refusal.kind = EntryKind::kRefusal;
  refusal.time = now;
  const LedgerWrite write{entry_key(key), json::write(refusal)};
  storage_->put({&write, 1});
  return std::nullopt;
}

std::optional<LedgerEntry> ChargeLedger::find_charge(std::string_view reference) const {
  const std::string key = key_of_charge(reference);
  if (key.empty()) return std::nullopt;
  std::optional<LedgerEntry> entry = find(key);
  if (!entry || !is_charge(*entry) || entry->reference != reference) return std::nullopt;
  return entry;
}

std::vector<LedgerEntry> ChargeLedger::charges_for(std::string_view order_id) const {
  std::vector<LedgerEntry> charges;
  const std::string prefix = order_prefix(order_id);
  storage_->for_each(prefix, [&](std::string_view at, std::string_view) {
    std::optional<LedgerEntry> entry = find(at.substr(prefix.size()));
    if (entry && entry->order_id == order_id) charges.push_back(*std::move(entry));
  });
  return charges;
}

void ChargeLedger::for_each_entry(const std::function<void(const LedgerEntry&)>& visit) const {
  storage_->for_each("k",
                     [&](std::string_view, std::string_view value) { visit(json::read_stored<LedgerEntry>(value)); });
}

void ChargeLedger::for_each_charge(const std::function<void(const LedgerEntry&)>& visit) const {
  for_each_entry([&](const LedgerEntry& entry) {
    if (is_charge(entry)) visit(entry);
  });
}

void ChargeLedger::for_each_refund(const std::function<void(const LedgerEntry&)>& visit) const {
  for_each_entry([&](const LedgerEntry& entry) {
    if (entry.kind == EntryKind::kRefund) visit(entry);
  });
}

std::unique_ptr<ChargeLedger> make_memory_ledger() { return std::make_unique<ChargeLedger>(make_memory_storage()); }

std::unique_ptr<ChargeLedger> open_ledger(const std::filesystem::path& folder) {
  return std::make_unique<ChargeLedger>(open_rocksdb_storage(folder));
}

void export_json_lines(const ChargeLedger& ledger, std::ostream& out) {
  ledger.for_each_entry([&](const LedgerEntry& entry) { out << json::write(entry) << '\n'; });
}

}  // namespace orderly::simulated
