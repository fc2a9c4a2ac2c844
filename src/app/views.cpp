#include "app/views.h"

#include "base/limits.h"

namespace orderly::app {

std::vector<json::Rule> json_rules(const Address*) {
  return {json::field("name").text(1, limits::kTextMax).free_text(),
          json::field("line1").text(1, limits::kTextMax).free_text(),
          json::field("line2").text(0, limits::kTextMax).free_text().brief(),
          json::field("city").text(1, limits::kTextMax).free_text(),
          json::field("region").text(0, limits::kTextMax).free_text().brief(),
          json::field("postal_code").text(1, 20),
          json::field("country").text(2, 2).capitals().says("ISO 3166-1 alpha-2, in capitals.")};
}

std::vector<json::Rule> json_rules(const ProductView*) {
  return {json::field("price").says("Minor units of currency, without tax."),
          json::field("image").says("A path, or empty."), json::field("available").says("How many can be ordered now."),
          json::field("stock_buckets").brief().says("In how many records its stock is kept, where that is several.")};
}

std::vector<json::Rule> json_rules(const TransactionView*) {
  return {
      json::field("type").says("payment or refund."),
      json::field("status").says("Of a payment: initializing, processing, confirmed, declined or unknown; of a refund: "
                                 "requested, done or failed."),
      json::field("method").says("The provider's token for the means of payment; of a refund, its payment's."),
      json::field("amount").says("Minor units of currency."),
      json::field("reference").says("The provider's id; empty until there is one."),
      json::field("reason").says("Of a decline or a failure; otherwise empty."),
      json::field("credit_note").says("Its number, once issued.")};
}

std::vector<json::Rule> json_rules(const OrderView*) {
  return {json::field("payment_status").says("Of the latest attempt; null before the first."),
          json::field("total").says("subtotal + shipping + tax - discount, all in minor units of currency."),
          json::field("price").says("How the total came about: the amounts add up to it."),
          json::field("version").says("1 when placed, one more with every change."),
          json::field("expires_at").says("When it is cancelled unless it is paid before; null once it is paid."),
          json::field("cancel_requested").says("It will be cancelled when the payment under way is settled."),
          json::field("transactions").says("Payment attempts and refunds, oldest first."),
          json::field("invoice").says("Its number, once issued.")};
}

std::vector<json::Rule> json_rules(const OrderProgressView*) {
  return {json::field("payment_status").says("Of the latest attempt; null before the first.")};
}

std::vector<json::Rule> json_rules(const CartView*) {
  return {json::field("total").says("subtotal + shipping + tax - discount, all in minor units of currency.")};
}

std::vector<json::Rule> json_rules(const InvoiceView*) {
  return {json::field("number").says("INV-2026-000001, or CRN-… of a credit note: without a gap in each series."),
          json::field("corrects").says("Of a credit note: the number of its invoice."),
          json::field("total").says("subtotal + shipping + tax - discount, all in minor units of currency."),
          json::field("hash").says("Covers the content and the hash of the one before in its series."),
          json::field("pdf").says("Where its PDF is.")};
}

std::vector<TransactionView> transactions_of(const domain::Order& order) {
  std::vector<TransactionView> views;
  for (const domain::PaymentAttempt& attempt : order.attempts) {
    views.push_back({attempt.id, order.id, order.client_id, "payment", std::string(json::name_of(attempt.status)),
                     attempt.method, attempt.amount, order.currency, attempt.reference, attempt.reason, std::nullopt,
                     attempt.created_at, attempt.updated_at});
  }
  for (const domain::Refund& refund : order.refunds) {
    const auto payment = std::find_if(order.attempts.begin(), order.attempts.end(),
                                      [&](const domain::PaymentAttempt& a) { return a.id == refund.payment; });
    std::optional<std::string> credit_note;
    if (!refund.credit_note.empty()) credit_note = refund.credit_note;
    views.push_back({refund.id, order.id, order.client_id, "refund", std::string(json::name_of(refund.status)),
                     payment == order.attempts.end() ? "" : payment->method, refund.amount, order.currency,
                     refund.reference, refund.reason, credit_note, refund.created_at, refund.updated_at});
  }
  std::sort(views.begin(), views.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  return views;
}

OrderView view_of(domain::Order order, std::optional<Address> address) {
  OrderView view;
  view.transactions = transactions_of(order);
  view.payment_status = domain::payment_status(order);
  view.id = std::move(order.id);
  view.client_id = std::move(order.client_id);
  view.status = order.status;
  view.currency = order.currency;
  view.items = std::move(order.items);
  view.subtotal = order.subtotal;
  view.shipping = order.shipping;
  view.tax = order.tax;
  view.discount = order.discount;
  view.total = order.total;
  view.price = std::move(order.price);
  view.shipping_address = std::move(address);
  view.version = order.version;
  view.created_at = order.created_at;
  view.updated_at = order.updated_at;
  view.expires_at = order.expires_at;
  view.cancel_requested = order.cancel_requested;
  if (!order.cancel_reason.empty()) view.cancel_reason = std::move(order.cancel_reason);
  if (!order.invoice.empty()) view.invoice = std::move(order.invoice);
  return view;
}

Task<OrderView> view_of(App& app, domain::Order order) {
  std::optional<Address> address;
  if (!order.sealed.empty()) {
    const auto opened = co_await unseal(app, order.client_id, order.sealed);
    if (opened) address = json::read_stored<Address>(*opened);
  }
  co_return view_of(std::move(order), std::move(address));
}

OrderProgressView status_of(const domain::Order& order) {
  return {order.id, order.status, domain::payment_status(order), order.updated_at};
}

InvoiceView view_of(domain::Invoice invoice) {
  InvoiceView view;
  view.pdf = "/invoices/" + invoice.number + ".pdf";
  view.number = std::move(invoice.number);
  view.kind = invoice.kind;
  view.order_id = std::move(invoice.order_id);
  view.client_id = std::move(invoice.client_id);
  if (!invoice.corrects.empty()) view.corrects = std::move(invoice.corrects);
  view.currency = invoice.currency;
  view.seller = std::move(invoice.seller);
  view.client = std::move(invoice.client);
  view.items = std::move(invoice.items);
  view.subtotal = invoice.subtotal;
  view.shipping = invoice.shipping;
  view.tax = invoice.tax;
  view.discount = invoice.discount;
  view.total = invoice.total;
  view.issued_at = invoice.issued_at;
  view.hash = std::move(invoice.hash);
  return view;
}

}  // namespace orderly::app
