// The API: a request in, a response out. Authentication, the demo's guards, idempotency, routing and errors are here,
// once; what a route does is in routes_*.cpp. Knows no socket and no Lambda.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>

#include "api/cursor.h"
#include "api/http.h"
#include "api/openapi.h"
#include "api/query.h"
#include "api/rate_limiter.h"
#include "api/router.h"
#include "app/answers.h"
#include "app/app.h"
#include "app/catalog.h"
#include "base/error.h"
#include "base/json.h"
#include "ports/task.h"

namespace orderly::api {

// What the host knows and the API shows.
struct Probes {
  std::string version;                         // of the program
  std::function<Task<std::string>()> metrics;  // the page of GET /metrics, Prometheus text format
  std::function<bool()> ready;                 // whether commits are being taken
};

// One request on its way through: what handlers get beside the API.
struct Context {
  const Request& request;
  std::string_view path;
  std::string_view query;
  const Route* route = nullptr;
  PathParameters parameters{};
  app::Caller caller{};
  app::RepeatKey repeat_key{};
  std::string new_guest_token{};  // made for this request; the answer shows it

  const std::string& parameter(std::string_view name) const;
};

// Caught where requests are handled: the answer says how long to wait.
struct TooManyRequests {
  Duration wait;
};

class Api {
 public:
  // `app` must outlive it. Thread-safe.
  Api(app::App& app, Probes probes, RequestLimits request_limits = {});

  // Never throws: every failure becomes a problem+json response.
  Task<Response> handle(Request request);

  app::App& app() { return app_; }
  const Probes& probes() const { return probes_; }
  const std::vector<Route>& routes() const { return router_.routes(); }
  const CursorSeal& cursors() const { return cursors_; }
  const OpenApiDocument& openapi() const { return openapi_; }

  // For what has a limit of its own. Throws TooManyRequests.
  void require_rate(std::string_view who, Rate rate);
  void give_back(std::string_view who, Rate rate);

 private:
  Task<Response> dispatch(Context& context);
  // Who calls, and whether they may. An answer only where that is the end of it.
  Task<std::optional<Response>> admit(Context& context);
  Task<Response> answer(Context& context);
  Task<Response> carry_out(Context& context);
  Task<Response> run_once(Context& context);
  Task<Response> refuse_once(Context& context, Error error);

  app::App& app_;
  Probes probes_;
  Router router_;
  const OpenApiDocument openapi_;
  CursorSeal cursors_;
  const RequestLimits request_limits_;
  RateLimiter rate_limiter_;
  std::mutex mutex_;
  std::unordered_set<std::string> under_way_;  // repeat keys being worked on in this process
};

// --- What handlers use
// -----------------------------------------------------------------------------------------------------

Response json_response(int status, std::string body);
Response to_response(app::Answer answer);

// A route reads what its operation says that it takes, and nothing else. Throws Error(kInternal).
void require_described(const json::Type* described, const json::Type& read);

// The query as T, which must be the operation's. Throws Error(kInvalidRequest).
template <class T>
T query_of(const Context& context) {
  require_described(context.route->operation.query_type, json::type_of<T>());
  T query;
  read_query(context.query, json::type_of<T>(), &query);
  return query;
}

// The body as T, which must be the operation's. Throws kUnsupportedMediaType unless it is declared as application/json.
// An empty body reads as {}.
template <class T>
T body_of(const Context& context);
void require_json(const Request& request);

template <class T>
T body_of(const Context& context) {
  require_described(context.route->operation.body_type, json::type_of<T>());
  if (context.request.body.empty()) return json::read<T>("{}");
  require_json(context.request);
  return json::read<T>(context.request.body);
}

// Of a query with `limit` and `cursor`. What else is in it decides the list, for which alone a cursor holds.
app::PageOf page_of(Api& api, const Context& context, std::optional<std::int64_t> limit,
                    const std::optional<std::string>& cursor);
template <class Query>
app::PageOf page_of(Api& api, const Context& context, const Query& query) {
  return page_of(api, context, query.limit, query.cursor);
}
template <class View>
Response list_response(Api& api, const Context& context, app::List<View> list);
std::string list_name(const Context& context);

template <class View>
Response list_response(Api& api, const Context& context, app::List<View> list) {
  if (list.next_cursor) list.next_cursor = api.cursors().seal(*list.next_cursor, list_name(context));
  return json_response(200, json::write(list));
}

}  // namespace orderly::api
