#include "api/routes.h"

#include "api/handlers.h"

namespace orderly::api {

std::vector<Route> all_routes() {
  using enum Method;
  using namespace handlers;  // NOLINT(google-build-using-namespace)
  // clang-format off
  return {
    {kGet,    "/products",                        get_products,        kEverybody,        Area::kCatalog},
    {kGet,    "/products/{id}",                   get_product,         kEverybody,        Area::kCatalog},
    {kGet,    "/categories/{name}",               get_category,        kEverybody,        Area::kCatalog},

    {kGet,    "/cart",                            get_cart,            kShoppers,         Area::kCarts},
    {kPost,   "/cart",                            post_cart,           kShoppers,         Area::kCarts},
    {kPut,    "/cart",                            put_cart,            kShoppers,         Area::kCarts},
    {kDelete, "/cart",                            delete_cart,         kShoppers,         Area::kCarts},

    {kPost,   "/orders",                          post_order,          kShoppers,         Area::kOrders},
    {kPost,   "/checkout",                        post_checkout,       kShoppers,         Area::kOrders},
    {kGet,    "/orders",                          get_orders,          kShoppers,         Area::kOrders},
    {kGet,    "/orders/{id}",                     get_order,           kShoppers,         Area::kOrders},
    {kPut,    "/orders/{id}",                     put_order,           kShoppers,         Area::kOrders},
    {kGet,    "/orders/{id}/events",              get_order_events,    kShoppers,         Area::kOrders},
    {kPost,   "/orders/{id}/cancel",              post_cancel,         kShoppers,         Area::kOrders},
    {kPost,   "/orders/{id}/ship",                post_ship,           kClerks,           Area::kOrders},
    {kPost,   "/orders/{id}/deliver",             post_deliver,        kClerks,           Area::kOrders},
    {kPost,   "/orders/{id}/refund",              post_refund,         kClerks,           Area::kOrders},
    {kGet,    "/orders/status/{client}/{order}",  get_order_status,    kShoppers,         Area::kOrders},

    {kPost,   "/payment",                         post_payment,        kShoppers,         Area::kPayments},
    {kPost,   "/payments",                        post_payments,       kPaymentReporters, Area::kPayments},
    {kGet,    "/transactions",                    get_transactions,    kShoppers,         Area::kPayments},
    {kGet,    "/transactions/{id}",               get_transaction,     kShoppers,         Area::kPayments},

    {kGet,    "/invoices/{number}.pdf",           get_invoice_pdf,     kShoppers,         Area::kInvoices},
    {kGet,    "/invoices/{number}",               get_invoice,         kShoppers,         Area::kInvoices},
    {kGet,    "/clients/{id}/invoices",           get_client_invoices, kKnown,            Area::kInvoices},

    {kPost,   "/keys",                            post_key,            kOwnerOnly,        Area::kKeys},
    {kGet,    "/keys",                            get_keys,            kOwnerOnly,        Area::kKeys},
    {kGet,    "/keys/{id}",                       get_key,             kOwnerOnly,        Area::kKeys},
    {kPost,   "/keys/{id}/rotate",                post_rotate,         kOwnerOnly,        Area::kKeys},
    {kDelete, "/keys/{id}",                       delete_key,          kOwnerOnly,        Area::kKeys},

    {kGet,    "/",                                get_home,            kEverybody,        Area::kOperation},
    {kGet,    "/healthz",                         get_health,          kEverybody,        Area::kOperation},
    {kGet,    "/readyz",                          get_ready,           kEverybody,        Area::kOperation},
    {kGet,    "/version",                         get_version,         kEverybody,        Area::kOperation},
    {kGet,    "/metrics",                         get_metrics,         kClerks,           Area::kOperation},
  };
  // clang-format on
}

}  // namespace orderly::api
