// API keys.
#include "api/api.h"
#include "api/handlers.h"
#include "app/api_keys.h"

namespace orderly::api::handlers {

Task<Response> post_key(Api& api, Context& context) {
  auto command = body_of<app::CreateApiKey>(context);
  require_scopes(command.scopes);
  co_return to_response(
      co_await app::create_api_key(api.app(), context.caller, std::move(command), context.repeat_key));
}

Task<Response> get_keys(Api& api, Context& context) {
  const auto query = query_of<PageQuery>(context);
  auto list = co_await app::list_api_keys(api.app(), page_of(api, context, query));
  co_return list_response(api, context, std::move(list));
}

Task<Response> get_key(Api& api, Context& context) {
  co_return json_response(200, json::write(co_await app::get_api_key(api.app(), context.parameter("id"))));
}

Task<Response> post_rotate(Api& api, Context& context) {
  co_return to_response(co_await app::rotate_api_key(api.app(), context.caller, context.parameter("id"),
                                                     body_of<app::RotateApiKey>(context), context.repeat_key));
}

Task<Response> delete_key(Api& api, Context& context) {
  co_return to_response(
      co_await app::revoke_api_key(api.app(), context.caller, context.parameter("id"), context.repeat_key));
}

}  // namespace orderly::api::handlers
