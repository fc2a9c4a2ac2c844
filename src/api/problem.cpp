#include "api/problem.h"

#include "base/json.h"

namespace orderly::api {

namespace {

struct ProblemItem {
  std::string pointer;
  std::string detail;
};
BOOST_DESCRIBE_STRUCT(ProblemItem, (), (pointer, detail))
std::vector<json::Rule> json_rules(const ProblemItem*) {
  return {json::field("pointer").says(
      "Where: an RFC 6901 pointer into the body (empty: all of it), or '?' and the name of a query parameter.")};
}

struct ProblemView {
  std::string type = "about:blank";
  std::string title;
  std::int64_t status = 0;
  std::string code;
  std::string detail;
  std::vector<ProblemItem> errors;
};
BOOST_DESCRIBE_STRUCT(ProblemView, (), (type, title, status, code, detail, errors))
std::vector<json::Rule> json_rules(const ProblemView*) {
  return {json::field("code").says("What went wrong, for programs: stable, kebab-case."),
          json::field("detail").says("What went wrong, for people."),
          json::field("errors").brief().says("Everything that is wrong with the request, of a 400.")};
}

}  // namespace

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidRequest: return 400;
    case ErrorCode::kUnauthenticated: return 401;
    case ErrorCode::kForbidden: return 403;
    case ErrorCode::kNotFound: return 404;
    case ErrorCode::kMethodNotAllowed: return 405;
    case ErrorCode::kRefused: return 409;
    case ErrorCode::kInProgress: return 409;
    case ErrorCode::kKeyReused: return 422;
    case ErrorCode::kTooLarge: return 413;
    case ErrorCode::kUnsupportedMediaType: return 415;
    case ErrorCode::kRateLimited: return 429;
    case ErrorCode::kUnavailable: return 503;
    case ErrorCode::kContention: return 503;
    case ErrorCode::kBrokenInvariant: return 500;
    case ErrorCode::kInternal: return 500;
  }
  return 500;
}

std::string_view phrase_of(int status) {
  switch (status) {
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 409: return "Conflict";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 422: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    default: return "Error";
  }
}

const json::Type& problem_type() { return json::type_of<ProblemView>(); }

Response problem(const Error& error) {
  ProblemView body;
  body.status = status_of(error.code());
  body.title = phrase_of(static_cast<int>(body.status));
  body.code = error.slug();
  body.detail = error.message();
  for (const Problem& each : error.problems()) body.errors.push_back({each.pointer, each.message});
  Response response;
  response.status = static_cast<int>(body.status);
  response.headers.emplace_back("content-type", kProblemType);
  if (response.status == 503 || response.status == 429 || error.code() == ErrorCode::kInProgress) {
    response.headers.emplace_back("retry-after", "1");
  }
  if (response.status == 401) response.headers.emplace_back("www-authenticate", "Bearer");  // RFC 9110, 15.5.2
  response.body = json::write(body);
  return response;
}

}  // namespace orderly::api
