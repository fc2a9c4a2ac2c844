// Invoices and credit notes.
#include "api/api.h"
#include "api/handlers.h"
#include "app/invoices.h"

namespace orderly::api::handlers {

Task<Response> get_invoice(Api& api, Context& context) {
  co_return json_response(
      200, json::write(co_await app::get_invoice(api.app(), context.caller, context.parameter("number"))));
}

Task<Response> get_invoice_pdf(Api& api, Context& context) {
  const std::string& number = context.parameter("number");
  ports::Blob blob = co_await app::get_invoice_pdf(api.app(), context.caller, number);
  Response response;
  response.headers.emplace_back("content-type", std::move(blob.content_type));
  response.headers.emplace_back("content-disposition", "attachment; filename=\"" + number + ".pdf\"");
  response.body = std::move(blob.bytes);
  co_return response;
}

Task<Response> get_client_invoices(Api& api, Context& context) {
  const auto query = query_of<PageQuery>(context);
  auto list =
      co_await app::list_invoices(api.app(), context.caller, context.parameter("id"), page_of(api, context, query));
  co_return list_response(api, context, std::move(list));
}

}  // namespace orderly::api::handlers
