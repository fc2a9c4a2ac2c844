#include "api/routes.h"

#include "api/handlers.h"
#include "api/operations.h"

namespace orderly::api {

std::vector<Route> all_routes() {
  using enum Method;
  using enum Area;
  using namespace handlers;  // NOLINT(google-build-using-namespace)
  namespace does = operations;
  // clang-format off
  return {
    {kGet,    "/products",                       get_products,        kEverybody,        kCatalog,   does::list_products()},
    {kGet,    "/products/{id}",                  get_product,         kEverybody,        kCatalog,   does::get_product()},
    {kGet,    "/categories/{name}",              get_category,        kEverybody,        kCatalog,   does::list_category()},

    {kGet,    "/cart",                           get_cart,            kShoppers,         kCarts,     does::get_cart()},
    {kPost,   "/cart",                           post_cart,           kShoppers,         kCarts,     does::add_to_cart()},
    {kPut,    "/cart",                           put_cart,            kShoppers,         kCarts,     does::set_cart()},
    {kDelete, "/cart",                           delete_cart,         kShoppers,         kCarts,     does::remove_from_cart()},

    {kPost,   "/orders",                         post_order,          kShoppers,         kOrders,    does::place_order()},
    {kPost,   "/checkout",                       post_checkout,       kShoppers,         kOrders,    does::checkout()},
    {kGet,    "/orders",                         get_orders,          kShoppers,         kOrders,    does::list_orders()},
    {kGet,    "/orders/{id}",                    get_order,           kShoppers,         kOrders,    does::get_order()},
    {kPut,    "/orders/{id}",                    put_order,           kShoppers,         kOrders,    does::update_order()},
    {kGet,    "/orders/{id}/events",             get_order_events,    kShoppers,         kOrders,    does::list_order_events()},
    {kPost,   "/orders/{id}/cancel",             post_cancel,         kShoppers,         kOrders,    does::cancel_order()},
    {kPost,   "/orders/{id}/ship",               post_ship,           kClerks,           kOrders,    does::ship_order()},
    {kPost,   "/orders/{id}/deliver",            post_deliver,        kClerks,           kOrders,    does::deliver_order()},
    {kPost,   "/orders/{id}/refund",             post_refund,         kClerks,           kOrders,    does::refund_order()},
    {kGet,    "/orders/status/{client}/{order}", get_order_status,    kShoppers,         kOrders,    does::get_order_status()},

    {kPost,   "/payment",                        post_payment,        kShoppers,         kPayments,  does::start_payment()},
    {kPost,   "/payments",                       post_payments,       kPaymentReporters, kPayments,  does::report_payment()},
    {kGet,    "/transactions",                   get_transactions,    kShoppers,         kPayments,  does::list_transactions()},
    {kGet,    "/transactions/{id}",              get_transaction,     kShoppers,         kPayments,  does::get_transaction()},

    {kGet,    "/invoices/{number}.pdf",          get_invoice_pdf,     kShoppers,         kInvoices,  does::get_invoice_pdf()},
    {kGet,    "/invoices/{number}",              get_invoice,         kShoppers,         kInvoices,  does::get_invoice()},
    {kGet,    "/clients/{id}/invoices",          get_client_invoices, kKnown,            kInvoices,  does::list_client_invoices()},

    {kPost,   "/orders/{id}/claim",              post_claim,          kClientOnly,       kOrders,    does::claim_order()},

    {kPost,   "/clients",                        post_client,         kClerks,           kClients,   does::create_client()},
    {kGet,    "/clients",                        get_clients,         kClerks,           kClients,   does::list_clients()},
    {kGet,    "/clients/{id}",                   get_client,          kKnown,            kClients,   does::get_client()},
    {kPut,    "/clients/{id}",                   put_client,          kKnown,            kClients,   does::update_client()},
    {kDelete, "/clients/{id}",                   delete_client,       kOwnerOrClient,    kClients,   does::erase_client()},

    {kPost,   "/accounts",                       post_account,        kEverybody,        kAccounts,  does::sign_up()},
    {kPost,   "/accounts/verify",                post_verify,         kEverybody,        kAccounts,  does::verify_email()},
    {kGet,    "/account",                        get_account,         kClientOnly,       kAccounts,  does::get_account()},
    {kPut,    "/account/password",               put_password,        kClientOnly,       kAccounts,  does::change_password()},
    {kPost,   "/password-resets",                post_password_reset, kEverybody,        kAccounts,  does::request_password_reset()},
    {kPost,   "/password-resets/confirm",        post_reset_confirm,  kEverybody,        kAccounts,  does::reset_password()},
    {kPost,   "/sessions",                       post_session,        kEverybody,        kAccounts,  does::sign_in()},
    {kPost,   "/sessions/refresh",               post_refresh,        kEverybody,        kAccounts,  does::refresh_session()},
    {kPost,   "/sessions/end",                   post_end,            kEverybody,        kAccounts,  does::end_session()},
    {kDelete, "/sessions",                       delete_sessions,     kClientOnly,       kAccounts,  does::end_all_sessions()},

    {kPost,   "/keys",                           post_key,            kOwnerOnly,        kKeys,      does::create_api_key()},
    {kGet,    "/keys",                           get_keys,            kOwnerOnly,        kKeys,      does::list_api_keys()},
    {kGet,    "/keys/{id}",                      get_key,             kOwnerOnly,        kKeys,      does::get_api_key()},
    {kPost,   "/keys/{id}/rotate",               post_rotate,         kOwnerOnly,        kKeys,      does::rotate_api_key()},
    {kDelete, "/keys/{id}",                      delete_key,          kOwnerOnly,        kKeys,      does::revoke_api_key()},

    {kGet,    "/events",                         get_events,          kClerks,           kEvents,    does::list_events()},

    {kGet,    "/",                               get_home,            kEverybody,        kOperation, does::get_home()},
    {kGet,    "/healthz",                        get_health,          kEverybody,        kOperation, does::get_health()},
    {kGet,    "/readyz",                         get_ready,           kEverybody,        kOperation, does::get_readiness()},
    {kGet,    "/version",                        get_version,         kEverybody,        kOperation, does::get_version()},
    {kGet,    "/metrics",                        get_metrics,         kClerks,           kOperation, does::get_metrics()},
    {kGet,    "/openapi.json",                   get_openapi,         kEverybody,        kOperation, does::get_openapi()},
    {kGet,    "/docs",                           get_docs,            kEverybody,        kOperation, does::get_docs()},
    {kGet,    "/docs/reference.js",              get_docs_script,     kEverybody,        kOperation, does::get_docs_script()},
    {kGet,    "/docs/reference.css",             get_docs_style,      kEverybody,        kOperation, does::get_docs_style()},
  };
  // clang-format on
}

}  // namespace orderly::api
