#include "api/api.h"

#include "api/caller.h"
#include "api/problem.h"
#include "api/routes.h"
#include "base/limits.h"

namespace orderly::api {

namespace {

std::string allow_header(const std::vector<Method>& allowed) {
  std::string text;
  for (const Method method : allowed) {
    if (!text.empty()) text += ", ";
    text += method_name(method);
    if (method == Method::kGet) text += ", HEAD";
  }
  return text + ", OPTIONS";
}

Response not_answered(const Match& match, Method method) {
  if (match.allowed.empty()) return problem(Error(ErrorCode::kNotFound, "not-found", "There is nothing at this path."));
  Response response;
  if (method == Method::kOptions) {
    response.status = 204;
  } else {
    response = problem(Error(ErrorCode::kMethodNotAllowed, "method-not-allowed", "This path has no such method."));
  }
  response.headers.emplace_back("allow", allow_header(match.allowed));
  return response;
}

// Visible ASCII, as RFC 9110 has field values, at most limits::kIdempotencyKeyMax.
std::optional<std::string_view> idempotency_key(const Request& request) {
  const auto key = request.header("idempotency-key");
  if (!key) return std::nullopt;
  const bool is_plain = std::all_of(key->begin(), key->end(), [](char c) { return c >= 0x21 && c <= 0x7e; });
  if (key->empty() || key->size() > limits::kIdempotencyKeyMax || !is_plain) {
    throw_invalid("", "The Idempotency-Key must be 1 to 255 visible ASCII characters.");
  }
  return key;
}

// A repeat key's place among those being worked on; gives it back at the end.
class UnderWay {
 public:
  UnderWay(std::mutex& mutex, std::unordered_set<std::string>& keys, std::string key)
      : mutex_(mutex), keys_(keys), key_(std::move(key)) {
    const std::lock_guard lock(mutex_);
    if (!keys_.insert(key_).second) {
      throw Error(ErrorCode::kInProgress, "request-in-progress",
                  "A request with this Idempotency-Key is being worked on; try again.");
    }
  }
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;
  ~UnderWay() {
    const std::lock_guard lock(mutex_);
    keys_.erase(key_);
  }

 private:
  std::mutex& mutex_;
  std::unordered_set<std::string>& keys_;
  std::string key_;
};

// Of a request with a key: somebody else may have done it by now.
bool is_lost_race(ErrorCode code) { return code == ErrorCode::kInProgress || code == ErrorCode::kContention; }

Response too_many_requests(Duration wait) {
  Response response =
      problem(Error(ErrorCode::kRateLimited, "rate-limited", "There were too many requests from you; wait a little."));
  const std::int64_t seconds = std::max<std::int64_t>(1, (wait.count() + 999) / 1000);
  for (auto& [name, value] : response.headers) {
    if (name == "retry-after") value = std::to_string(seconds);
  }
  return response;
}

// The token goes where the next request's will be looked for: into a header for programs, and a cookie for pages.
void show_guest_token(Response& response, const std::string& token, bool is_https) {
  constexpr std::int64_t kSeconds = std::chrono::seconds(limits::kCartKept).count();
  response.headers.emplace_back("cart-id", token);
  std::string cookie = "cart=" + token + "; Path=/; HttpOnly; SameSite=Lax; Max-Age=" + std::to_string(kSeconds);
  if (is_https) cookie += "; Secure";
  response.headers.emplace_back("set-cookie", std::move(cookie));
}

Response internal_problem(app::App& app, std::string_view route, const std::exception& failure) {
  app.monitor.alarm("internal-error", route, failure.what());
  return problem(Error(ErrorCode::kInternal, "internal", "Something went wrong; it has been logged."));
}

}  // namespace

const std::string& Context::parameter(std::string_view name) const {
  for (const auto& [key, value] : parameters) {
    if (key == name) return value;
  }
  throw Error(ErrorCode::kInternal, "internal", "Something went wrong.",
              "a route without parameter " + std::string(name));
}

Api::Api(app::App& app, Probes probes, RequestLimits request_limits)
    : app_(app),
      probes_(std::move(probes)),
      router_(all_routes()),
      openapi_(make_openapi(router_.routes(), probes_.version, app.crypto)),
      cursors_(app.crypto, app.master_key),
      request_limits_(request_limits) {}

Task<Response> Api::handle(Request request) {
  const std::string_view target = request.target;
  const std::size_t mark = std::min(target.find('?'), target.size());
  Context context{request, target.substr(0, mark), target.substr(std::min(mark + 1, target.size()))};
  std::optional<Response> response;
  try {
    response = co_await dispatch(context);
  } catch (const Error& error) {
    const int status = status_of(error.code());
    if (status == 500) app_.monitor.alarm(error.slug(), context.path, error.what());
    response = problem(error);
  } catch (const TooManyRequests& refusal) {
    response = too_many_requests(refusal.wait);
  } catch (const std::exception& failure) {
    response = internal_problem(app_, context.path, failure);
  }
  response->route = context.route != nullptr ? context.route->pattern : std::string_view("-");
  co_return *std::move(response);
}

void Api::require_rate(std::string_view who, Rate rate) {
  if (const auto wait = rate_limiter_.take(who, rate, app_.clock.now())) throw TooManyRequests{*wait};
}

void Api::give_back(std::string_view who, Rate rate) { rate_limiter_.give_back(who, rate, app_.clock.now()); }

Task<Response> Api::dispatch(Context& context) {
  const bool is_demo = !app_.has_api_keys;
  if (is_demo) require_loopback(context.request);  // whoever can reach us is trusted
  Match match = router_.find(context.request.method, context.path);
  if (match.route == nullptr) co_return not_answered(match, context.request.method);
  context.route = match.route;
  context.parameters = std::move(match.parameters);
  if (is_demo && !has_access_token(context.request)) {
    context.caller = demo_caller(context.request);
  } else if (auto refusal = co_await admit(context)) {
    co_return *std::move(refusal);
  }
  if (changes_something(context.request.method)) {  // what only looks leaves no event
    context.caller.source = app::source_of(context.caller.role, context.request.remote_address);
    context.caller.request = app::request_of(context.request.id);
  }
  co_return co_await answer(context);
}

Task<std::optional<Response>> Api::admit(Context& context) {
  const Request& request = context.request;
  const Time now = app_.clock.now();
  std::optional<Error> refused;
  try {
    context.caller = co_await identify(app_, request);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUnauthenticated) throw;
    refused = error;
  }
  if (refused) {  // good credentials from the same address, which may be a proxy's, pass all the same
    if (const auto wait =
            rate_limiter_.take("refused " + counted_as(request.remote_address), request_limits_.refused, now)) {
      co_return too_many_requests(*wait);
    }
    throw *std::move(refused);
  }
  const bool is_anonymous = context.caller.role == app::Role::kAnonymous;
  const auto wait = is_anonymous ? rate_limiter_.take("address " + counted_as(request.remote_address),
                                                      request_limits_.of_address, now)
                                 : rate_limiter_.take(context.caller.name, request_limits_.of_key, now);
  if (wait) co_return too_many_requests(*wait);
  require_access(*context.route, request.method, context.caller);
  if (context.caller.client_id.empty() && is_anonymous && context.route->area == Area::kCarts) {
    context.new_guest_token = make_guest_token(app_);
    context.caller = guest(app_, context.new_guest_token);
  }
  co_return std::nullopt;
}

Task<Response> Api::answer(Context& context) {
  Response response = co_await carry_out(context);
  if (!context.new_guest_token.empty()) {
    show_guest_token(response, context.new_guest_token, context.request.is_https);
  }
  co_return response;
}

Task<Response> Api::carry_out(Context& context) {
  const bool is_kept = changes_something(context.request.method) && context.route->operation.keeps_answer;
  if (!is_kept) co_return co_await context.route->handler(*this, context);
  const auto key = idempotency_key(context.request);
  if (!key) co_return co_await context.route->handler(*this, context);
  const app::Caller& caller = context.caller;
  context.repeat_key =
      app::make_repeat_key(app_, caller.name + "|" + caller.client_id + "|" + caller.cart,
                           method_name(context.request.method), context.path, *key, context.request.body);
  co_return co_await run_once(context);
}

// With an idempotency key: the kept answer, or the handler's, which keeps it in its commit. Another process may work on
// the same request at the same time: whoever commits first has answered it, and the other one gives that answer too.
//
// Most requests come once. Where they come most, it is the commit that finds the kept answer of one that comes again;
// whatever stood in the way of doing it twice, the first one's answer counts.
Task<Response> Api::run_once(Context& context) {
  const UnderWay under_way(mutex_, under_way_, context.repeat_key.name);
  const bool looks_before = context.route->operation.looks_before;
  if (looks_before) {
    if (auto kept = co_await app::find_answer(app_, context.repeat_key)) co_return to_response(*std::move(kept));
  }
  std::optional<Error> failure;
  try {
    co_return co_await context.route->handler(*this, context);
  } catch (const Error& error) {
    failure = error;
  }
  if (failure->code() == ErrorCode::kRefused) co_return co_await refuse_once(context, *std::move(failure));
  if (!looks_before || is_lost_race(failure->code())) {
    if (auto kept = co_await app::find_answer(app_, context.repeat_key)) co_return to_response(*std::move(kept));
  }
  throw *std::move(failure);
}

// What the business refused is kept too; it wrote nothing, so that is a commit of its own.
Task<Response> Api::refuse_once(Context& context, Error error) {
  Response refusal = problem(error);
  app::Answer kept = co_await app::keep_refusal(app_, context.repeat_key, {refusal.status, refusal.body, false});
  if (kept.replayed) co_return to_response(std::move(kept));
  co_return refusal;
}

Response json_response(int status, std::string body) {
  Response response;
  response.status = status;
  response.headers.emplace_back("content-type", kJsonType);
  response.body = std::move(body);
  return response;
}

Response to_response(app::Answer answer) {
  Response response = json_response(static_cast<int>(answer.status), std::move(answer.body));
  if (answer.status >= 400) response.headers.front().second = kProblemType;
  if (answer.replayed) response.headers.emplace_back("idempotent-replayed", "true");
  return response;
}

void require_json(const Request& request) {
  const std::string_view type = request.header("content-type").value_or("");
  std::string lower(type.substr(0, type.find(';')));
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  while (lower.ends_with(' ')) lower.pop_back();
  if (lower == kJsonType) return;
  throw Error(ErrorCode::kUnsupportedMediaType, "unsupported-media-type", "The body must be application/json.");
}

std::string list_name(const Context& context) {
  std::string name(context.path);
  std::string_view rest = context.query;
  while (!rest.empty()) {  // every parameter but the cursor and the page's size
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (pair.starts_with("cursor=") || pair.starts_with("limit=")) continue;
    name += '&';
    name += pair;
  }
  return name + "|" + context.caller.client_id;
}

app::PageOf page_of(Api& api, const Context& context, std::optional<std::int64_t> limit,
                    const std::optional<std::string>& cursor) {
  app::PageOf page;
  page.limit = limit ? static_cast<std::size_t>(*limit) : limits::kPageRowsDefault;
  page.cursor = api.cursors().open(cursor.value_or(""), list_name(context));
  return page;
}

void require_described(const json::Type* described, const json::Type& read) {
  if (described == &read) return;
  throw Error(ErrorCode::kInternal, "internal", "Something went wrong.",
              "a route reads " + std::string(read.name) + ", which its operation does not describe");
}

}  // namespace orderly::api
