// What each route of api/routes.cpp takes and answers; its name is the operation's id.
#pragma once

#include "api/operation.h"

namespace orderly::api::operations {

// --- operations_catalog.cpp ---
Operation list_products();
Operation get_product();
Operation list_category();
Operation get_cart();
Operation add_to_cart();
Operation set_cart();
Operation remove_from_cart();

// --- operations_orders.cpp ---
Operation place_order();
Operation checkout();
Operation list_orders();
Operation get_order();
Operation update_order();
Operation list_order_events();
Operation cancel_order();
Operation ship_order();
Operation deliver_order();
Operation refund_order();
Operation get_order_status();

// --- operations_payments.cpp ---
Operation start_payment();
Operation report_payment();
Operation list_transactions();
Operation get_transaction();
Operation get_invoice_pdf();
Operation get_invoice();
Operation list_client_invoices();

// --- operations_clients.cpp ---
Operation claim_order();
Operation create_client();
Operation list_clients();
Operation get_client();
Operation update_client();
Operation erase_client();
Operation sign_up();
Operation verify_email();
Operation get_account();
Operation change_password();
Operation request_password_reset();
Operation reset_password();
Operation sign_in();
Operation refresh_session();
Operation end_session();
Operation end_all_sessions();

// --- operations_office.cpp ---
Operation create_api_key();
Operation list_api_keys();
Operation get_api_key();
Operation rotate_api_key();
Operation revoke_api_key();
Operation list_events();
Operation get_home();
Operation get_health();
Operation get_readiness();
Operation get_version();
Operation get_metrics();
Operation get_openapi();
Operation get_docs();
Operation get_docs_script();
Operation get_docs_style();

}  // namespace orderly::api::operations
