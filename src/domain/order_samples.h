// Orders for tests: one in each situation that an order can be in, made by the changes that lead there.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "domain/order.h"

namespace orderly::domain::samples {

inline const Time kPlacedAt = *parse_time("2026-11-20T09:30:00.000Z");
inline const Time kLater = kPlacedAt + std::chrono::minutes(1);
inline const Time kTooLate = kPlacedAt + std::chrono::minutes(30);  // the sample order's expires_at

inline OrderId order_id(std::uint8_t number = 1) { return make_order_id(kPlacedAt, {number}); }

// 2 × 95.00 + 1 × 10.50, shipping 9.99, 19 % tax by line: 36.10 + 2.00 + 1.90. Total 250.49 USD.
inline Placement placement() {
  Placement placement;
  placement.id = order_id();
  placement.client_id = "u1";
  placement.currency = Currency::of("USD");
  placement.items = {{"1", "SKU-1", "Chair", 2, 9500, 0}, {"2", "SKU-2", "Lamp", 1, 1050, 0}};
  placement.pricing = {999, 1900, Rounding::kPerLine};
  placement.sealed = "c2VhbGVk";
  placement.payment_method = "pm_card_visa";
  placement.expire_after = std::chrono::minutes(30);
  return placement;
}

// An order of that total without shipping and tax.
inline Placement plain_placement(std::int64_t total) {
  Placement plain = placement();
  plain.items = {{"1", "SKU-1", "Chair", 1, total, 0}};
  plain.pricing = {};
  return plain;
}

inline Order pending(const Placement& wanted = placement()) { return place(wanted, kPlacedAt).order; }
inline Order processing(const Order& order = pending()) { return begin_processing(order, kLater).order; }
inline Order confirmed(const Order& order = pending()) {
  return confirm_payment(processing(order), "ch_1", kLater).order;
}
inline Order declined() { return decline_payment(processing(), "card-declined", kLater).order; }
inline Order shipped(const Order& order = pending()) { return ship(confirmed(order), kLater).order; }
inline Order delivered(const Order& order = pending()) { return deliver(shipped(order), kLater).order; }

inline Order with_refund(const Order& order, std::optional<std::int64_t> amount) {
  return request_refund(order, amount, "damaged", kLater).order;
}
inline Order with_refund_done(const Order& order) {
  return complete_refund(order, order.refunds.back().id, "re_1", kLater).order;
}
inline Order with_refund_failed(const Order& order) {
  return fail_refund(order, order.refunds.back().id, "account-closed", kLater).order;
}
inline Order with_invoice(const Order& order) { return attach_invoice(order, "INV-2026-000001", kLater).order; }

struct Situation {
  std::string_view name;
  Order order;
};

inline std::vector<Situation> situations() {
  Placement unpaid = placement();
  unpaid.payment_method.reset();
  return {
      {"pending, no payment", pending(unpaid)},
      {"pending, payment initializing", pending()},
      {"processing", processing()},
      {"processing, outcome unknown", payment_unknown(processing(), "timeout", kLater).order},
      {"processing, cancel requested", cancel(processing(), "changed-mind", kLater).order},
      {"declined", declined()},
      {"declined, payment initializing", start_payment(declined(), "pm_card_visa", kLater).order},
      {"confirmed", confirmed()},
      {"confirmed, part requested back", with_refund(confirmed(), 60)},
      {"shipped", shipped()},
      {"shipped, all requested back", with_refund(shipped(), std::nullopt)},
      {"shipped, invoiced, part given back", with_refund_done(with_refund(with_invoice(shipped()), 60))},
      {"delivered", delivered()},
      {"cancelled, unpaid", cancel(pending(), "changed-mind", kLater).order},
      {"cancelled, paid", cancel(confirmed(), "changed-mind", kLater).order},
      {"cancelled, refund failed", with_refund_failed(cancel(confirmed(), "changed-mind", kLater).order)},
      {"refunded", with_refund_done(with_refund(delivered(), std::nullopt))},
  };
}

// The types of the events that `call` leads to, or "!" and the slug of its error.
template <class Call>
std::string outcome_of(const Call& call) {
  try {
    const Change change = call();
    std::string types;
    for (const OrderEvent& event : change.events) types += (types.empty() ? "" : " ") + event.type;
    return types.empty() ? "nothing" : types;
  } catch (const Error& error) {
    return "!" + error.slug();
  }
}

}  // namespace orderly::domain::samples
