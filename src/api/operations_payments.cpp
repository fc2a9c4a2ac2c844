// Payments, transactions and invoices.
#include "api/operations.h"
#include "api/query.h"
#include "app/order_commands.h"
#include "app/views.h"

namespace orderly::api::operations {

namespace {

json::Rule invoice_number() {
  return json::field("number").says("As shown: INV-2026-000001, or CRN-… of a credit note.");
}

}  // namespace

Operation start_payment() {
  return operation("start_payment", "Pay an order, or try again after a decline")
      .says("A worker does it; watch the order for what comes of it.")
      .takes_body<app::StartPayment>(R"({"order_id":"ord_01JD3XQ8000000000000000000","payment_method":"pm_card_visa"})")
      .looks_up()
      .answers<app::OrderView>(200, "The order; its payment is under way.")
      .refuses({"illegal-transition", "payment-under-way", "too-many-attempts"});
}

Operation report_payment() {
  return operation("report_payment", "Report what came of a payment")
      .says(
          "By the payment provider or an operator. The same result again changes nothing; one that the provider "
          "contradicts is refused.")
      .takes_body<app::ReportPayment>(R"({"order_id":"ord_01JD3XQ8000000000000000000","status":"confirmed"})")
      .looks_up()
      .answers<app::OrderView>(200, "The order after it.")
      .refuses({"illegal-transition", "payment-settled"});
}

Operation list_transactions() {
  return operation("list_transactions", "List payments and refunds")
      .says("Newest first; of an order, of a client, or else of the last 30 days, unless `from` says otherwise.")
      .takes_query<TransactionsQuery>()
      .looks_up()
      .answers<app::List<app::TransactionView>>(200, "A page of payment attempts and refunds.");
}

Operation get_transaction() {
  return operation("get_transaction", "Look at a payment or a refund")
      .has_path<TransactionId>(json::field("id").says("The transaction's id."))
      .answers<app::TransactionView>(200, "The payment attempt or refund.");
}

Operation get_invoice_pdf() {
  return operation("get_invoice_pdf", "Get an invoice or credit note as PDF")
      .says("Not found for a moment after it was issued, until a worker has made it.")
      .has_path<std::string>(invoice_number())
      .answers_as("application/pdf", "The document.");
}

Operation get_invoice() {
  return operation("get_invoice", "Look at an invoice or credit note")
      .has_path<std::string>(invoice_number())
      .answers<app::InvoiceView>(200, "The invoice or credit note.");
}

Operation list_client_invoices() {
  return operation("list_client_invoices", "List a client's invoices and credit notes")
      .says(
          "Newest first; of a client who claimed guests' orders their own first, then each guest's. Clients see their "
          "own only.")
      .has_path<std::string>(json::field("id").says("The client's id."))
      .takes_query<PageQuery>()
      .answers<app::List<app::InvoiceView>>(200, "A page of invoices and credit notes.");
}

}  // namespace orderly::api::operations
