#include "api/openapi.h"

#include <boost/json.hpp>
#include <set>

#include "api/answer_examples.h"
#include "api/problem.h"
#include "api/schema.h"
#include "base/limits.h"
#include "base/text.h"

namespace orderly::api {

namespace {

using boost::json::array;
using boost::json::object;
using json::Field;
using json::Rule;

constexpr std::string_view kAbout =
    "Turns a basket into a paid order and an invoice.\n\n"
    "Money is an integer in minor units (9500 is 95.00 USD) beside an ISO 4217 `currency`; times are RFC 3339 in UTC; "
    "ids are strings. Lists are `{\"data\": [...], \"next_cursor\": \"...\" | null}`.\n\n"
    "Bodies of requests are JSON in UTF-8 and read strictly: no unknown fields, no field twice, integers written as "
    "integers, no control characters in text. Answers may get new fields; clients should pass over those they do not "
    "know.\n\n"
    "Errors are `application/problem+json` (RFC 9457) with a stable `code`; a 400 lists everything that is wrong. "
    "Beside "
    "what each operation lists, any path may answer 405 `method-not-allowed` with `Allow`, an unknown one 404, and the "
    "server itself 400, 408, 413, 414, 417, 431, 501, 503 or 505 to what is no request that it takes. GET answers "
    "HEAD, "
    "too.\n\n"
    "Without any API key the program is a demo: it serves loopback only (403 `not-loopback` otherwise), trusts its "
    "caller as the owner, and asks for no credentials.";

// Failures that read the same wherever they occur. Slugs beside these are not part of the API.
struct Failure {
  int status;
  std::string_view name;
  std::string_view says;
  std::vector<std::string_view> codes;
  bool is_all = true;  // otherwise others may come
};
const std::vector<Failure>& failures() {
  static const std::vector<Failure> kFailures{
      {400, "InvalidRequest", "The request is not valid; `errors` says where.", {"invalid-request"}},
      {401,
       "Unauthenticated",
       "No credentials, or none that are good.",
       {"credentials-required", "guest-token-required", "invalid-api-key", "invalid-credentials",
        "invalid-one-time-token", "invalid-refresh-token", "invalid-token", "sign-in-failed"}},
      {403, "Forbidden", "The caller's role or the key's scopes do not allow it.", {"forbidden", "not-loopback"}},
      {404, "NotFound", "There is no such thing, or it is somebody else's.", {"not-found"}},
      {409, "InProgress", "The same request is being worked on; try again.", {"request-in-progress"}},
      {413, "TooLarge", "The body is larger than 256 KiB.", {"body-too-large"}},
      {415, "UnsupportedMediaType", "The body is not declared as application/json.", {"unsupported-media-type"}},
      {422, "KeyReused", "The Idempotency-Key was used for another request.", {"idempotency-key-reused"}},
      {429, "RateLimited", "There were too many requests from this caller.", {"rate-limited"}},
      {500, "InternalError", "A fault of the program's; it has been logged.", {"internal"}, false},
      {503,
       "Unavailable",
       "Not now: nothing was changed, or it is not known. The same request may be repeated.",
       {"store-unavailable", "contention"},
       false}};
  static_assert(limits::kBodyBytesMax == std::size_t{256} * 1024);
  return kFailures;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return result;
}

object reference(std::string_view kind, std::string_view name) {
  return {{"$ref", "#/components/" + std::string(kind) + "/" + std::string(name)}};
}

object header(std::string_view says, std::string_view type = "string") {
  return {{"description", says}, {"schema", object{{"type", type}}}};
}

// One that is always there.
object sure(object header) {
  header["required"] = true;
  return header;
}

array array_of(const std::vector<std::string_view>& texts) {
  array items;
  for (const std::string_view text : texts) items.emplace_back(text);
  return items;
}

// --- Who may call

bool takes_guests(const Route& route) {
  return route.roles.contain(app::Role::kAnonymous) && (needs_identity(route.area) || route.area == Area::kCarts);
}
bool takes_anybody(const Route& route) {
  return route.roles.contain(app::Role::kAnonymous) && !needs_identity(route.area);
}

// "owner", …, "guest" for those with a guest's token, "anonymous" for those without any credentials.
array role_names(const Route& route) {
  array names;
  for (const auto& [role, name] : enum_names(app::Role{})) {
    if (route.roles.contain(role)) names.emplace_back(name);
  }
  if (takes_guests(route)) names.emplace_back("guest");
  if (takes_anybody(route)) names.emplace_back("anonymous");
  return names;
}

array security(const Route& route) {
  array choices;
  choices.push_back(object{{"apiKey", array{}}});
  choices.push_back(object{{"token", array{}}});
  if (takes_guests(route)) {
    choices.push_back(object{{"guestToken", array{}}});
    choices.push_back(object{{"guestCookie", array{}}});
  }
  if (takes_anybody(route)) choices.push_back(object{});
  return choices;
}

std::string description(const Route& route) {
  std::string text(route.operation.description);
  text += text.empty() ? "For " : "\n\nFor ";
  const array names = role_names(route);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
    text += names[i].as_string();
  }
  return text + "; of keys with scopes, those with `" + scope_of(route.area, route.method) + "`.";
}

object security_schemes() {
  std::string scopes;
  for (const std::string& scope : all_scopes()) scopes += (scopes.empty() ? "`" : ", `") + scope + "`";
  return {{"apiKey", object{{"type", "http"},
                            {"scheme", "bearer"},
                            {"description",
                             "An API key, `ok_live_...` or `ok_test_...`, with a role; a key that has "
                             "scopes is good for these only: " +
                                 scopes + "."}}},
          {"token", object{{"type", "http"},
                           {"scheme", "bearer"},
                           {"bearerFormat", "JWT"},
                           {"description",
                            "A token of an outside issuer that the shop knows; a client's, unless it "
                            "names another role."}}},
          {"guestToken", object{{"type", "apiKey"},
                                {"in", "header"},
                                {"name", "Cart-Id"},
                                {"description", "A guest's token. GET /cart without credentials gives one."}}},
          {"guestCookie", object{{"type", "apiKey"},
                                 {"in", "cookie"},
                                 {"name", "cart"},
                                 {"description", "The same token, of a page of this host's own."}}}};
}

// --- What is sent

std::vector<std::string_view> names_in(std::string_view pattern) {
  std::vector<std::string_view> names;
  for (std::size_t at = pattern.find('{'); at != std::string_view::npos; at = pattern.find('{', at + 1)) {
    names.push_back(pattern.substr(at + 1, pattern.find('}', at) - at - 1));
  }
  return names;
}

object parameter(std::string_view name, std::string_view in, std::string_view says, object schema) {
  object result{{"name", name}, {"in", in}};
  if (in == "path") result["required"] = true;
  if (!says.empty()) result["description"] = says;
  result["schema"] = std::move(schema);
  return result;
}

// Queries have no null: what is absent is left out.
const json::Type& present(const json::Type& type) { return type.kind == json::Kind::kNullable ? *type.element : type; }

// Whether it takes an Idempotency-Key.
bool is_repeatable(const Route& route) { return changes_something(route.method) && route.operation.keeps_answer; }

array parameters(const Route& route, Schemas& schemas) {
  const Operation& operation = route.operation;
  array all;
  for (const Field& field : operation.path) {
    all.push_back(
        parameter(field.rule.name, "path", field.rule.description, schemas.of(*field.type, field.rule, Use::kAnswer)));
  }
  if (operation.query_type != nullptr) {
    for (const Field& field : operation.query_type->fields) {
      const object schema = schemas.of(present(*field.type), field.rule, Use::kRequest);
      all.push_back(parameter(field.rule.name, "query", field.rule.description, schema));
      for (const std::string_view alias : field.rule.aliases) {
        all.push_back(parameter(alias, "query", "Another spelling of " + std::string(field.rule.name) + ".", schema));
      }
    }
  }
  for (const Rule& rule : operation.headers) {
    all.push_back(parameter(rule.name, "header", rule.description, {{"type", "string"}}));
    if (rule.required.value_or(false)) all.back().as_object()["required"] = true;
  }
  if (is_repeatable(route)) all.push_back(reference("parameters", "IdempotencyKey"));
  return all;
}

object idempotency_key() {
  return parameter("Idempotency-Key", "header",
                   "The same request with the same key is done once: again within 30 days, it gets the first answer "
                   "again, with `Idempotent-Replayed: true`.",
                   {{"type", "string"},
                    {"pattern", "^[\\x21-\\x7e]*$"},
                    {"minLength", 1},
                    {"maxLength", limits::kIdempotencyKeyMax}});
}

object request_body(const Operation& operation, Schemas& schemas) {
  const auto& fields = operation.body_type->fields;
  const bool is_required = std::ranges::any_of(fields, [](const Field& field) { return field.required; }) ||
                           std::ranges::any_of(operation.conditions, &Condition::needs_a_field);
  object schema = schemas.of(*operation.body_type, Use::kRequest);
  if (!operation.conditions.empty()) {
    array all{std::move(schema)};
    for (const Condition& condition : operation.conditions) all.push_back(condition.schema(*operation.body_type));
    schema = object{{"allOf", std::move(all)}};
  }
  object content{{"schema", std::move(schema)}, {"example", boost::json::parse(operation.example)}};
  return {{"required", is_required}, {"content", object{{kJsonType, std::move(content)}}}};
}

// --- What is answered

object problem_example(const Failure& failure, std::string_view code) {
  object body{{"type", "about:blank"},
              {"title", phrase_of(failure.status)},
              {"status", failure.status},
              {"code", code},
              {"detail", failure.says}};
  if (failure.status == 400)
    body["errors"] = array{object{{"pointer", "/items/0/quantity"}, {"detail", "is required"}}};
  return {{"value", std::move(body)}};
}

object problem_content(const Failure& failure) {
  object schema = reference("schemas", schema_name(problem_type().name));
  if (failure.is_all) {
    object code{{"properties", object{{"code", object{{"enum", array_of(failure.codes)}}}}}};
    schema = object{{"allOf", array{std::move(schema), std::move(code)}}};
  }
  object examples;
  for (const std::string_view code : failure.codes) examples[code] = problem_example(failure, code);
  return {{kProblemType, object{{"schema", std::move(schema)}, {"examples", std::move(examples)}}}};
}

object failure_responses() {
  object responses;
  for (const Failure& failure : failures()) {
    object response{{"description", failure.says}};
    if (failure.status == 401) response["headers"] = object{{"WWW-Authenticate", sure(header("Bearer."))}};
    if (failure.status == 409 || failure.status == 429 || failure.status == 503) {
      response["headers"] = object{{"Retry-After", sure(header("Seconds to wait.", "integer"))}};
    }
    response["content"] = problem_content(failure);
    responses[failure.name] = std::move(response);
  }
  return responses;
}

object refusal(const Route& route) {
  Failure refusal{409, {}, "The business says no.", route.operation.refusals};
  if (!is_repeatable(route)) return {{"description", refusal.says}, {"content", problem_content(refusal)}};
  refusal.says = "The business says no, and nothing was changed; or the same request is being worked on.";
  refusal.codes.emplace_back("request-in-progress");
  return {{"description", refusal.says},
          {"headers", object{{"Retry-After", header("Seconds to wait, of `request-in-progress`.", "integer")}}},
          {"content", problem_content(refusal)}};
}

bool can_fail_with(const Route& route, int status) {
  const Operation& operation = route.operation;
  const bool is_change = is_repeatable(route);
  switch (status) {
    case 404: return !operation.path.empty() || operation.is_lookup;
    case 409: return is_change || !operation.refusals.empty();
    case 413:
    case 415: return operation.body_type != nullptr;
    case 422: return is_change;
    default: return true;  // credentials, limits and faults come before any route
  }
}

object success(const Route& route, const Success& answer, Schemas& schemas) {
  object response{{"description", answer.says}};
  object headers;
  if (changes_something(route.method)) {
    headers["Idempotent-Replayed"] = header("`true` where this is the kept answer to an earlier request.");
  }
  if (route.area == Area::kCarts) headers["Cart-Id"] = header("The token of a guest that is new.");
  if (std::ranges::count(route.operation.headers, "If-None-Match", &Rule::name) > 0) {
    headers["ETag"] = sure(header("What If-None-Match may say next time."));
  }
  if (!headers.empty()) response["headers"] = std::move(headers);
  object contents;
  for (const Content& content : answer.contents) {
    const bool is_json = content.media_type == kJsonType;
    object schema{{"type", is_json ? "object" : "string"}};
    if (content.type != nullptr) schema = schemas.of(*content.type, Use::kAnswer);
    auto& described = contents[content.media_type].emplace_object();
    described["schema"] = std::move(schema);
    const auto name = example_name(route.operation.id, answer.status, content.media_type);
    if (const auto* example = answer_examples().if_contains(name)) described["example"] = *example;
  }
  if (!contents.empty()) response["content"] = std::move(contents);
  return response;
}

object responses(const Route& route, Schemas& schemas) {
  std::map<std::string, object> by_status;
  for (const Success& answer : route.operation.successes) {
    by_status[std::to_string(answer.status)] = success(route, answer, schemas);
  }
  for (const Failure& failure : failures()) {
    if (!can_fail_with(route, failure.status)) continue;
    const std::string status = std::to_string(failure.status);
    if (const auto answer = by_status.find(status); answer != by_status.end()) {  // an answer that is not a problem
      object& contents = answer->second["content"].as_object();
      for (const auto& [type, content] : problem_content(failure)) contents[type] = content;
    } else if (failure.status == 409 && !route.operation.refusals.empty()) {
      by_status[status] = refusal(route);
    } else {
      by_status[status] = reference("responses", failure.name);
    }
  }
  object all;
  for (auto& [status, response] : by_status) all[status] = std::move(response);
  return all;
}

// --- The document

object operation_object(const Route& route, Schemas& schemas) {
  const Operation& operation = route.operation;
  object result{{"operationId", operation.id},
                {"tags", array{json::name_of(route.area)}},
                {"summary", operation.summary},
                {"description", description(route)},
                {"security", security(route)},
                {"x-roles", role_names(route)},
                {"x-scope", scope_of(route.area, route.method)}};
  if (array all = parameters(route, schemas); !all.empty()) result["parameters"] = std::move(all);
  if (operation.body_type != nullptr) result["requestBody"] = request_body(operation, schemas);
  result["responses"] = responses(route, schemas);
  return result;
}

void require_consistent(const std::vector<Route>& routes) {
  std::set<std::string_view> ids;
  for (const Route& route : routes) {
    const Operation& operation = route.operation;
    ORDERLY_ASSERT(ids.insert(operation.id).second);
    ORDERLY_ASSERT(!operation.summary.empty() && !operation.successes.empty());
    const std::vector<std::string_view> names = names_in(route.pattern);
    ORDERLY_ASSERT(std::ranges::equal(operation.path, names, {}, [](const Field& field) { return field.rule.name; }));
    boost::json::error_code error;
    if (operation.body_type != nullptr) boost::json::parse(operation.example, error);
    ORDERLY_ASSERT(!error);
  }
}

array tags() {
  static constexpr std::array<std::pair<Area, std::string_view>, 7> kSays{
      {{Area::kCatalog, "What there is to buy."},
       {Area::kCarts, "What somebody means to buy."},
       {Area::kOrders, "From placing to delivery."},
       {Area::kPayments, "Payment attempts and refunds."},
       {Area::kInvoices, "Invoices and credit notes."},
       {Area::kKeys, "Who may call."},
       {Area::kOperation, "For those who run the program."}}};
  array all;
  for (const auto& [area, says] : kSays) all.push_back(object{{"name", json::name_of(area)}, {"description", says}});
  return all;
}

}  // namespace

OpenApiDocument make_openapi(const std::vector<Route>& routes, std::string_view version, const ports::Crypto& crypto) {
  require_consistent(routes);
  Schemas schemas;
  for (const Route& route : routes) {  // requests first: see api/schema.h
    if (route.operation.body_type != nullptr) schemas.of(*route.operation.body_type, Use::kRequest);
  }
  object paths;
  for (const Route& route : routes) {
    auto& path = paths[route.pattern];
    if (path.is_null()) path.emplace_object();
    path.as_object()[lower(method_name(route.method))] = operation_object(route, schemas);
  }
  schemas.of(problem_type(), Use::kAnswer);
  const object document{{"openapi", "3.1.0"},
                        {"info", object{{"title", "Orderly"},
                                        {"version", version},
                                        {"description", kAbout},
                                        {"license", object{{"name", "Apache 2.0"}, {"identifier", "Apache-2.0"}}}}},
                        {"servers", array{object{{"url", "/"}}}},
                        {"tags", tags()},
                        {"paths", std::move(paths)},
                        {"components", object{{"schemas", std::move(schemas).take_named()},
                                              {"responses", failure_responses()},
                                              {"parameters", object{{"IdempotencyKey", idempotency_key()}}},
                                              {"securitySchemes", security_schemes()}}}};
  OpenApiDocument result{boost::json::serialize(document), {}};
  result.etag = '"' + to_hex(crypto.sha256(result.text)).substr(0, 32) + '"';
  return result;
}

}  // namespace orderly::api
