// Orders, from placing to delivery.
#include "api/operation_bodies.h"
#include "api/operations.h"
#include "api/query.h"
#include "app/order_commands.h"
#include "app/place_order.h"

namespace orderly::api::operations {

namespace {

json::Rule order_id() { return json::field("id").says("The order's id."); }

// app::is_client_label.
Condition names_a_client() { return matches("client_id", "^[A-Za-z0-9._:-]*$"); }
Condition is_paid_now_or_later() { return not_together("payment_method", "pay_later"); }

}  // namespace

Operation place_order() {
  return operation("place_order", "Place an order")
      .says(
          "The order is priced from the catalog and its stock is reserved before the answer. Payment then starts by "
          "itself, unless `pay_later` is true. Give either `items`, or one `item` with its `quantity`; `total` or "
          "`total_price`, where given, must be what the order costs. Staff may name any client; others are their own.")
      .takes_body<app::PlaceOrder>(
          R"({"items":[{"product_id":"1","quantity":2}],"currency":"USD","payment_method":"pm_card_visa","total":199.99,)"
          R"("shipping_address":{"name":"Ada Byron","line1":"Inselstr. 3","city":"Berlin","postal_code":"10179",)"
          R"("country":"DE"}})")
      .asks({exactly_one_of({"items", "item"}), not_together("items", "quantity"), not_together("total", "total_price"),
             is_paid_now_or_later(), names_a_client()})
      .looks_not_before()
      .answers<app::OrderView>(200, "The order as it was placed.")
      .refuses({"amount-out-of-range", "client-blocked", "out-of-stock", "price-changed", "too-many-products"});
}

Operation checkout() {
  return operation("checkout", "Order what is in the cart, or what is given")
      .says(
          "Without `items` the caller's cart is ordered, and emptied by the same commit. `total`, where given, must be "
          "what the order costs.")
      .takes_body<app::Checkout>(R"({"items":[{"product_id":"1","quantity":2}],"total":199.99})")
      .asks({is_paid_now_or_later(), names_a_client()})
      .looks_not_before()
      .answers<app::OrderView>(202, "The order as it was placed.")
      .refuses({"amount-out-of-range", "cart-empty", "client-blocked", "out-of-stock", "price-changed",
                "too-many-products"});
}

Operation list_orders() {
  return operation("list_orders", "List orders")
      .says(
          "Newest first. Without a client: those of the last 30 days, unless `from` says otherwise. A page may be "
          "short "
          "although there is more: only `next_cursor` says whether there is.")
      .takes_query<OrdersQuery>()
      .answers<app::List<app::OrderView>>(200, "A page of orders.");
}

Operation get_order() {
  return operation("get_order", "Look at an order")
      .says("With `at`, as it was at that moment, made again from its events; not found before it was placed.")
      .has_path<OrderId>(order_id())
      .takes_query<MomentQuery>()
      .answers<app::OrderView>(200, "The order with its lines, price, transactions and invoice.");
}

Operation update_order() {
  return operation("update_order", "Change an order")
      .says(
          "Either a `status`, where the order's states allow it, or before payment other `items` or another "
          "`shipping_address`: prices and stock are computed again in the same commit.")
      .has_path<OrderId>(order_id())
      .takes_body<app::UpdateOrder>(R"({"items":[{"product_id":"2","quantity":1}]})")
      .asks({at_least_one_of({"status", "items", "shipping_address"}), not_together("status", "items"),
             not_together("status", "shipping_address")})
      .answers<app::OrderView>(200, "The order after it.")
      .refuses({"amount-out-of-range", "illegal-transition", "out-of-stock", "payment-settled",
                "refund-exceeds-payment", "too-many-products", "too-many-refunds"});
}

Operation list_order_events() {
  return operation("list_order_events", "List what happened to an order, or watch it")
      .says(
          "Oldest first, each chained to the one before by its hash. A client that accepts `text/event-stream` gets "
          "them "
          "as server-sent events, as they happen: `id` is the order's version, `event` the event's type, `data` the "
          "event. The stream ends after ten minutes; come again with `Last-Event-ID`. `source` and `request` are for "
          "owner and staff alone.")
      .has_path<OrderId>(order_id())
      .takes_header(json::field("Last-Event-ID").says("Of the last event seen: the stream goes on after it."))
      .answers<app::List<domain::OrderEvent>>(200, "All of its events.")
      .or_as("text/event-stream");
}

Operation cancel_order() {
  return operation("cancel_order", "Cancel an order")
      .says(
          "Unpaid: cancelled, and its stock is free again. Paid: cancelled, and its money goes back. While a payment "
          "is "
          "under way: remembered as `cancel_requested`.")
      .has_path<OrderId>(order_id())
      .takes_body<app::CancelOrder>(R"({"reason":"Ordered by mistake"})")
      .answers<app::OrderView>(200, "The order after it.")
      .refuses({"illegal-transition"});
}

Operation ship_order() {
  return operation("ship_order", "Say that an order was shipped")
      .has_path<OrderId>(order_id())
      .takes_body<Nothing>("{}")
      .answers<app::OrderView>(200, "The order after it.")
      .refuses({"illegal-transition"});
}

Operation deliver_order() {
  return operation("deliver_order", "Say that an order was delivered")
      .has_path<OrderId>(order_id())
      .takes_body<Nothing>("{}")
      .answers<app::OrderView>(200, "The order after it.")
      .refuses({"illegal-transition"});
}

Operation refund_order() {
  return operation("refund_order", "Give money back")
      .says("A worker returns it afterwards: the refund is `requested`, and then `done` or `failed`.")
      .has_path<OrderId>(order_id())
      .takes_body<app::RefundOrder>(R"({"amount":500,"reason":"Came late"})")
      .answers<app::OrderView>(200, "The order with the refund.")
      .refuses({"illegal-transition", "refund-exceeds-payment", "too-many-refunds"});
}

Operation get_order_status() {
  return operation("get_order_status", "Ask for an order's status, or wait for it to change")
      .says("The two ids may come in either order. With `wait` the answer comes at the first change.")
      .has_path<std::string>(json::field("client").says("The client's id; not found when the order is another's."))
      .has_path<std::string>(json::field("order").says("The order's id."))
      .takes_query<WaitQuery>()
      .answers<app::OrderProgressView>(200, "The status now.");
}

}  // namespace orderly::api::operations
