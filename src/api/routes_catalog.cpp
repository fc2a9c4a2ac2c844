// Products, categories and the cart.
#include "api/api.h"
#include "api/handlers.h"
#include "app/carts.h"

namespace orderly::api::handlers {

Task<Response> get_products(Api& api, Context& context) {
  const auto query = query_of<PageQuery>(context);
  auto list = co_await app::list_products(api.app(), page_of(api, context, query));
  co_return list_response(api, context, std::move(list));
}

Task<Response> get_product(Api& api, Context& context) {
  co_return json_response(200, json::write(co_await app::get_product(api.app(), context.parameter("id"))));
}

Task<Response> get_category(Api& api, Context& context) {
  const auto query = query_of<PageQuery>(context);
  if (!domain::is_category_name(context.parameter("name"))) throw_not_found("category");
  auto list = co_await app::list_category(api.app(), context.parameter("name"), page_of(api, context, query));
  co_return list_response(api, context, std::move(list));
}

Task<Response> get_cart(Api& api, Context& context) {
  co_return json_response(200, json::write(co_await app::get_cart(api.app(), context.caller)));
}

Task<Response> post_cart(Api& api, Context& context) {
  co_return to_response(
      co_await app::add_to_cart(api.app(), context.caller, body_of<app::CartChange>(context), context.repeat_key));
}

Task<Response> put_cart(Api& api, Context& context) {
  co_return to_response(
      co_await app::set_cart(api.app(), context.caller, body_of<app::CartQuantity>(context), context.repeat_key));
}

Task<Response> delete_cart(Api& api, Context& context) {
  co_return to_response(co_await app::remove_from_cart(api.app(), context.caller, body_of<app::CartRemoval>(context),
                                                       context.repeat_key));
}

}  // namespace orderly::api::handlers
