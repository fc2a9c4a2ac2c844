// What clients, staff and the provider do with an order that exists. Each is one commit; retry-safe under the same
// idempotency key; throws Error kNotFound, kRefused (illegal-transition and what domain/order.h says), kContention.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "app/place_order.h"
#include "app/views.h"

namespace orderly::app {

// `PUT /orders/{id}`: either a status or new contents (before payment).
struct UpdateOrder {
  std::optional<domain::OrderStatus> status;
  std::optional<std::vector<LineRequest>> items;
  std::optional<Address> shipping_address;
};
BOOST_DESCRIBE_STRUCT(UpdateOrder, (), (status, items, shipping_address))
std::vector<json::Rule> json_rules(const UpdateOrder*);
Task<Answer> update_order(App& app, Caller caller, std::string order_id, UpdateOrder command, RepeatKey key);

struct CancelOrder {
  std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(CancelOrder, (), (reason))
std::vector<json::Rule> json_rules(const CancelOrder*);
// Stock goes back in the same commit; money already taken is returned by the refund worker, never from here.
Task<Answer> cancel_order(App& app, Caller caller, std::string order_id, CancelOrder command, RepeatKey key);

struct RefundOrder {
  std::optional<std::int64_t> amount;  // minor units; nothing: all that is left
  std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(RefundOrder, (), (amount, reason))
std::vector<json::Rule> json_rules(const RefundOrder*);
Task<Answer> refund_order(App& app, Caller caller, std::string order_id, RefundOrder command, RepeatKey key);

Task<Answer> ship_order(App& app, Caller caller, std::string order_id, RepeatKey key);
Task<Answer> deliver_order(App& app, Caller caller, std::string order_id, RepeatKey key);

// `POST /payment`: starts payment, or tries again after a decline; a worker does the rest.
struct StartPayment {
  std::string order_id;
  std::optional<std::string> payment_method;
};
BOOST_DESCRIBE_STRUCT(StartPayment, (), (order_id, payment_method))
std::vector<json::Rule> json_rules(const StartPayment*);
Task<Answer> start_payment(App& app, Caller caller, StartPayment command, RepeatKey key);

// What is said to have come of a payment: three words for paid, two for not.
enum class ReportedStatus { kConfirmed, kSucceeded, kPaid, kDeclined, kFailed };
inline const auto& enum_names(ReportedStatus) {
  static constexpr std::array<std::pair<ReportedStatus, std::string_view>, 5> kNames{
      {{ReportedStatus::kConfirmed, "confirmed"},
       {ReportedStatus::kSucceeded, "succeeded"},
       {ReportedStatus::kPaid, "paid"},
       {ReportedStatus::kDeclined, "declined"},
       {ReportedStatus::kFailed, "failed"}}};
  return kNames;
}

// `POST /payments`: a result reported by the provider or an operator. It wins over a simulated attempt that is under
// way: the provider is asked first (look_up), so that a charge that comes late is refused there. Throws kRefused
// "illegal-transition" when no payment is under way, except for the result that is there already.
struct ReportPayment {
  std::string order_id;
  ReportedStatus status = ReportedStatus::kDeclined;
};
BOOST_DESCRIBE_STRUCT(ReportPayment, (), (order_id, status))
std::vector<json::Rule> json_rules(const ReportPayment*);
Task<Answer> report_payment(App& app, Caller caller, ReportPayment command, RepeatKey key);

}  // namespace orderly::app
