// What those who run the program ask it.
#include "api/api.h"
#include "api/handlers.h"
#include "api/operation_bodies.h"

namespace orderly::api::handlers {

Task<Response> get_home(Api& api, Context&) {
  HomeView home;
  home.version = api.probes().version;
  for (const Route& route : api.routes()) {
    home.routes.push_back(std::string(method_name(route.method)) + " " + std::string(route.pattern));
  }
  co_return json_response(200, json::write(home));
}

// Alive: the process answers.
Task<Response> get_health(Api&, Context&) { co_return json_response(200, json::write(HealthView{"ok"})); }

// Ready: it also takes commits.
Task<Response> get_ready(Api& api, Context&) {
  const bool ready = api.probes().ready();
  co_return json_response(ready ? 200 : 503, json::write(HealthView{ready ? "ready" : "not-ready"}));
}

Task<Response> get_version(Api& api, Context&) {
  co_return json_response(200, json::write(VersionView{"orderly", api.probes().version}));
}

Task<Response> get_metrics(Api& api, Context&) {
  Response response;
  response.headers.emplace_back("content-type", "text/plain; version=0.0.4; charset=utf-8");
  response.body = co_await api.probes().metrics();
  co_return response;
}

// The document changes with the program only, so that asking whether it did is cheap and keeping it unasked gains
// little.
Task<Response> get_openapi(Api& api, Context& context) {
  const OpenApiDocument& document = api.openapi();
  Response response;
  if (matches_tag(context.request, document.etag)) {
    response.status = 304;
  } else {
    response = json_response(200, document.text);
  }
  response.headers.emplace_back("etag", document.etag);
  response.headers.emplace_back("cache-control", "no-cache");
  co_return response;
}

}  // namespace orderly::api::handlers
