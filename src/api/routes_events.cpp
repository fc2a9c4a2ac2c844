// What happened in the shop.
#include "api/api.h"
#include "api/handlers.h"
#include "app/events.h"

namespace orderly::api::handlers {

Task<Response> get_events(Api& api, Context& context) {
  auto query = query_of<EventsQuery>(context);
  const app::PageOf page = page_of(api, context, query);
  app::EventFilter filter;
  filter.object = std::move(query.object);
  filter.type = std::move(query.type);
  if (query.from) filter.from = query.from->begin;
  if (query.to) filter.to = query.to->end();
  app::EventList list = co_await app::list_events(api.app(), context.caller, std::move(filter), page);
  const std::string name = list_name(context);
  list.end_cursor = api.cursors().seal(list.end_cursor, name);
  if (list.next_cursor) list.next_cursor = list.end_cursor;
  co_return json_response(200, json::write(list));
}

}  // namespace orderly::api::handlers
