#include "app/order_notice.h"

#include <utility>

#include "base/json.h"
#include "base/limits.h"

namespace orderly::app {

namespace {

constexpr std::string_view kWorkerPrefix = "worker:";

void put_content(OrderNotice& notice, const domain::OrderContent& content) {
  notice.client_id = content.client_id;
  for (const domain::OrderLine& line : content.items) {
    notice.items.push_back({line.product_id, line.sku, line.quantity, line.unit_price, line.amount});
  }
  notice.subtotal = content.subtotal;
  notice.shipping = content.shipping;
  notice.tax = content.tax;
  notice.discount = content.discount;
  notice.total = content.total;
}

OrderNotice public_form(const domain::OrderEvent& event, std::string client_id) {
  OrderNotice notice;
  notice.event_id = event.id;
  notice.event_type = event.type;
  notice.order_id = event.object;
  notice.version = event.version;
  notice.at = event.at;
  notice.client_id = std::move(client_id);
  if (event.actor.starts_with(kWorkerPrefix)) notice.actor = event.actor;
  notice.previous_status = event.from;
  notice.status = event.to;
  notice.currency = event.currency;
  if (event.content) put_content(notice, *event.content);
  if (event.attempt) notice.payment = NoticePayment{event.attempt->id, event.attempt->status, event.attempt->amount};
  if (event.refund) {
    const domain::Refund& refund = *event.refund;
    notice.refund = NoticeRefund{refund.id, refund.payment, refund.status, refund.amount, refund.credit_note};
  }
  notice.invoice = event.invoice;
  notice.cancel_requested = event.cancel_requested;
  return notice;
}

std::string body_of(OrderNotice notice) {
  std::string body = json::write(notice);
  if (body.size() <= limits::kMessageBytesMax) return body;
  notice.items.clear();
  notice.truncated = true;
  return json::write(notice);
}

}  // namespace

std::vector<json::Rule> json_rules(const NoticeRefund*) { return {json::field("credit_note").brief()}; }

std::vector<json::Rule> json_rules(const OrderNotice*) {
  return {json::field("client_id").brief(),       json::field("actor").brief(),
          json::field("previous_status").brief(), json::field("items").brief(),
          json::field("truncated").brief(),       json::field("subtotal").brief(),
          json::field("shipping").brief(),        json::field("tax").brief(),
          json::field("discount").brief(),        json::field("total").brief(),
          json::field("payment").brief(),         json::field("refund").brief(),
          json::field("invoice").brief(),         json::field("cancel_requested").brief()};
}

ports::EventNotice make_notice(const domain::OrderEvent& event, std::string client_id) {
  ports::EventNotice notice;
  notice.event_id = event.id.text;
  notice.subject_id = event.object.text;
  notice.body = body_of(public_form(event, std::move(client_id)));
  notice.attributes = {
      {"event_type", event.type}, {"order_status", std::string(json::name_of(event.to))}, {"actionType", event.type}};
  return notice;
}

}  // namespace orderly::app
