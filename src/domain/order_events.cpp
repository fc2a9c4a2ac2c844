#include <algorithm>
#include <tuple>

#include "base/error.h"
#include "base/json.h"
#include "domain/order.h"

namespace orderly::domain {

namespace {

[[noreturn]] void throw_unfit(const OrderEvent& event, std::string_view why) {
  throw_broken("event " + event.type + " version " + std::to_string(event.version) + " of order " + event.object.text +
               ": " + std::string(why));
}

void check_order(const Order& order, const OrderEvent& event) {
  if (event.version != order.version + 1) throw_unfit(event, "its version does not follow");
  if (order.version == 0) {
    if (event.from || event.to != OrderStatus::kPending) throw_unfit(event, "an order begins as pending");
    return;
  }
  if (event.object != order.id) throw_unfit(event, "it is another order's");
  if (event.from != order.status) throw_unfit(event, "its `from` is not the order's status");
  if (event.to != order.status && !may_follow(order.status, event.to)) throw_unfit(event, "no such transition");
}

void put_content(Order& order, const OrderContent& content) {
  const bool is_claimed = !order.invoice.empty() && content.client_id != order.client_id;
  if (is_claimed && order.invoiced_to.empty()) order.invoiced_to = order.client_id;
  order.client_id = content.client_id;
  order.currency = content.currency;
  order.items = content.items;
  order.subtotal = content.subtotal;
  order.shipping = content.shipping;
  order.tax = content.tax;
  order.discount = content.discount;
  order.total = content.total;
  order.price = content.price;
  order.sealed = content.sealed;
  order.expires_at = content.expires_at;
}

// An attempt that has not started yet may be put again as it is, with another amount.
bool may_replace(const PaymentAttempt& old, const PaymentAttempt& attempt) {
  const bool not_started = old.status == PaymentStatus::kInitializing && attempt.status == old.status;
  return not_started || may_follow(old.status, attempt.status);
}

// A refund that is done gets its credit note later.
bool may_replace(const Refund& old, const Refund& refund) {
  const bool gets_note = old.status == RefundStatus::kDone && refund.status == old.status && old.credit_note.empty();
  return gets_note || may_follow(old.status, refund.status);
}

bool may_begin(const PaymentAttempt& attempt) { return attempt.status == PaymentStatus::kInitializing; }

bool may_begin(const Refund& refund) { return refund.status == RefundStatus::kRequested; }

template <class Transaction>
void put(std::vector<Transaction>& transactions, const Transaction& transaction, const OrderEvent& event) {
  const auto old = std::find_if(transactions.begin(), transactions.end(),
                                [&](const Transaction& each) { return each.id == transaction.id; });
  if (old == transactions.end()) {
    if (!may_begin(transaction)) throw_unfit(event, "a transaction does not begin like this");
    transactions.push_back(transaction);
  } else {
    if (!may_replace(*old, transaction)) throw_unfit(event, "no such transition of a transaction");
    *old = transaction;
  }
}

// What it took of a bucket, less what it gave back, is what it has of it; of bucket 0 the lines say the rest.
void put_shares(Order& order, const OrderEvent& event) {
  for (const StockMove& move : event.stock) {
    if (move.bucket == 0 || move.available == 0) continue;
    const auto place = [](const Quantity& share) { return std::tie(share.product_id, share.bucket); };
    auto share = std::ranges::lower_bound(order.shares, std::tie(move.product_id, move.bucket), {}, place);
    const bool is_there = share != order.shares.end() && place(*share) == std::tie(move.product_id, move.bucket);
    if (!is_there) share = order.shares.insert(share, {move.product_id, 0, move.bucket});
    share->quantity = checked_subtract(share->quantity, move.available);
    if (share->quantity < 0) throw_unfit(event, "it gives back more to a bucket than the order has of it");
    if (share->quantity == 0) order.shares.erase(share);
  }
}

void put_cancellation(Order& order, const OrderEvent& event) {
  const bool is_cancelled = event.to == OrderStatus::kCancelled && event.from != event.to;
  if (!is_cancelled && !event.cancel_requested) return;
  order.cancel_reason = event.reason;
  order.cancel_requested = !is_cancelled;  // a request that was met is none any more
}

}  // namespace

std::vector<json::Rule> json_rules(const PaymentAttempt*) {
  return {json::field("reference").brief(), json::field("reason").brief()};
}

std::vector<json::Rule> json_rules(const Refund*) {
  return {json::field("tax").brief(), json::field("reference").brief(), json::field("reason").brief(),
          json::field("credit_note").brief()};
}

std::vector<json::Rule> json_rules(const Order*) {
  return {
      json::field("shipping").brief(),         json::field("tax").brief(),           json::field("discount").brief(),
      json::field("shares").brief(),           json::field("attempts").brief(),      json::field("refunds").brief(),
      json::field("sealed").brief(),           json::field("invoice").brief(),       json::field("invoiced_to").brief(),
      json::field("cancel_requested").brief(), json::field("cancel_reason").brief(), json::field("expires_at").brief(),
      json::field("last_event").brief()};
}

std::vector<json::Rule> json_rules(const OrderContent*) {
  return {json::field("shipping").brief(), json::field("tax").brief(), json::field("discount").brief(),
          json::field("sealed").brief()};
}

// `id`, `object` and `currency` are always set: their empty forms would not read back.
std::vector<json::Rule> json_rules(const OrderEvent*) {
  return {json::field("actor").brief(),    json::field("source").brief(),  json::field("request").brief(),
          json::field("from").brief(),     json::field("content").brief(), json::field("attempt").brief(),
          json::field("refund").brief(),   json::field("invoice").brief(), json::field("cancel_requested").brief(),
          json::field("reason").brief(),   json::field("stock").brief(),   json::field("postings").brief(),
          json::field("previous").brief(), json::field("hash").brief()};
}

Order apply(Order order, const OrderEvent& event) {
  check_order(order, event);
  if (order.version == 0) {
    order.id = event.object;
    order.created_at = event.at;
  }
  order.status = event.to;
  order.version = event.version;
  order.updated_at = event.at;
  if (!event.hash.empty()) order.last_event = event.hash;  // app hashes an event only after it was decided
  if (event.content) put_content(order, *event.content);
  if (event.attempt) put(order.attempts, *event.attempt, event);
  if (event.refund) put(order.refunds, *event.refund, event);
  if (!event.invoice.empty()) order.invoice = event.invoice;
  put_shares(order, event);
  put_cancellation(order, event);
  if (!holds_stock(order.status)) order.expires_at.reset();
  return order;
}

std::string bytes_for_hash(const OrderEvent& event) {
  if (event.hash.empty()) return json::write(event);  // saves the copy where orders are placed
  OrderEvent content = event;
  content.hash.clear();
  return json::write(content);
}

}  // namespace orderly::domain
