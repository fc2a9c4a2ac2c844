// What the routes of api/routes.cpp do, each in its routes_*.cpp.
#pragma once

#include "api/router.h"

namespace orderly::api::handlers {

// --- routes_catalog.cpp ---
Task<Response> get_products(Api& api, Context& context);
Task<Response> get_product(Api& api, Context& context);
Task<Response> get_category(Api& api, Context& context);
Task<Response> get_cart(Api& api, Context& context);
Task<Response> post_cart(Api& api, Context& context);
Task<Response> put_cart(Api& api, Context& context);
Task<Response> delete_cart(Api& api, Context& context);

// --- routes_orders.cpp ---
Task<Response> post_order(Api& api, Context& context);
Task<Response> get_orders(Api& api, Context& context);
Task<Response> get_order(Api& api, Context& context);
Task<Response> put_order(Api& api, Context& context);
Task<Response> get_order_events(Api& api, Context& context);
Task<Response> post_cancel(Api& api, Context& context);
Task<Response> post_ship(Api& api, Context& context);
Task<Response> post_deliver(Api& api, Context& context);
Task<Response> post_refund(Api& api, Context& context);
Task<Response> get_order_status(Api& api, Context& context);
Task<Response> post_checkout(Api& api, Context& context);
Task<Response> post_payment(Api& api, Context& context);
Task<Response> post_payments(Api& api, Context& context);
Task<Response> get_transactions(Api& api, Context& context);
Task<Response> get_transaction(Api& api, Context& context);

// --- routes_invoices.cpp ---
Task<Response> get_invoice(Api& api, Context& context);
Task<Response> get_invoice_pdf(Api& api, Context& context);
Task<Response> get_client_invoices(Api& api, Context& context);

// --- routes_clients.cpp ---
Task<Response> post_client(Api& api, Context& context);
Task<Response> get_clients(Api& api, Context& context);
Task<Response> get_client(Api& api, Context& context);
Task<Response> put_client(Api& api, Context& context);
Task<Response> delete_client(Api& api, Context& context);
Task<Response> post_claim(Api& api, Context& context);
Task<Response> post_account(Api& api, Context& context);
Task<Response> post_verify(Api& api, Context& context);
Task<Response> get_account(Api& api, Context& context);
Task<Response> put_password(Api& api, Context& context);
Task<Response> post_password_reset(Api& api, Context& context);
Task<Response> post_reset_confirm(Api& api, Context& context);
Task<Response> post_session(Api& api, Context& context);
Task<Response> post_refresh(Api& api, Context& context);
Task<Response> post_end(Api& api, Context& context);
Task<Response> delete_sessions(Api& api, Context& context);

// --- routes_keys.cpp ---
Task<Response> post_key(Api& api, Context& context);
Task<Response> get_keys(Api& api, Context& context);
Task<Response> get_key(Api& api, Context& context);
Task<Response> post_rotate(Api& api, Context& context);
Task<Response> delete_key(Api& api, Context& context);

// --- routes_events.cpp ---
Task<Response> get_events(Api& api, Context& context);

// --- routes_operation.cpp ---
Task<Response> get_home(Api& api, Context& context);
Task<Response> get_health(Api& api, Context& context);
Task<Response> get_ready(Api& api, Context& context);
Task<Response> get_version(Api& api, Context& context);
Task<Response> get_metrics(Api& api, Context& context);
Task<Response> get_openapi(Api& api, Context& context);

// --- routes_docs.cpp ---
Task<Response> get_docs(Api& api, Context& context);
Task<Response> get_docs_script(Api& api, Context& context);
Task<Response> get_docs_style(Api& api, Context& context);

}  // namespace orderly::api::handlers
