#include "engines/aws/answer.h"

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <utility>

#include "base/error.h"

namespace orderly::aws {
namespace {

// A value of DynamoDB takes two levels of JSON for each of its own.
constexpr std::size_t kDepthMax = 256;

constexpr std::array<std::string_view, 15> kThrottled = {"BandwidthLimitExceeded",
                                                         "EC2ThrottledException",
                                                         "KmsThrottled",
                                                         "LimitExceededException",
                                                         "PriorRequestNotComplete",
                                                         "ProvisionedThroughputExceededException",
                                                         "RequestLimitExceeded",
                                                         "RequestThrottled",
                                                         "RequestThrottledException",
                                                         "SlowDown",
                                                         "Throttling",
                                                         "ThrottledException",
                                                         "ThrottlingException",
                                                         "TooManyRequestsException",
                                                         "TransactionInProgressException"};
constexpr std::array<std::string_view, 8> kServerFaults = {
    "InternalError",           "InternalFailure", "InternalServerError", "InternalServerException",
    "RequestTimeoutException", "RequestTimeout",  "ServiceUnavailable",  "ServiceUnavailableException"};
constexpr std::array<std::string_view, 3> kExpired = {"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"};
// Said of a session that is over, too.
constexpr std::array<std::string_view, 4> kUnknownSession = {"InvalidAccessKeyId", "InvalidClientTokenId",
                                                             "InvalidToken", "UnrecognizedClientException"};
constexpr std::array<std::string_view, 6> kAboutTime = {"AuthFailure",          "InvalidSignatureException",
                                                        "RequestExpired",       "RequestInTheFuture",
                                                        "RequestTimeTooSkewed", "SignatureDoesNotMatch"};

template <std::size_t kSize>
bool is_one_of(const std::array<std::string_view, kSize>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException:http://…" → the name between
std::string bare_name(std::string_view type) {
  type = type.substr(0, type.find(':'));
  return std::string(type.substr(type.find('#') + 1));  // npos + 1 is 0
}

std::optional<boost::json::object> parse_object(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = kDepthMax;
  boost::system::error_code error;
  boost::json::value document = boost::json::parse(text, error, {}, options);
  if (error || !document.is_object()) return std::nullopt;
  return std::move(document.as_object());
}

Answer read_error(const https::Response& response, const boost::json::object& body) {
  Answer answer;
  answer.status = response.status;
  if (response.status / 100 == 2) return answer;
  answer.error = bare_name(response.header("x-amzn-errortype").value_or(""));
  if (answer.error.empty()) answer.error = bare_name(first_text(body, {"__type", "code", "Code"}));
  if (answer.error.empty()) answer.error = xml_text(response.body, "Code");
  if (answer.error.empty()) answer.error = "http-" + std::to_string(response.status);
  answer.message = first_text(body, {"message", "Message", "errorMessage"});
  if (answer.message.empty()) answer.message = xml_text(response.body, "Message");
  return answer;
}

}  // namespace

std::string first_text(const boost::json::object& body, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const boost::json::value* value = body.if_contains(name);
    const boost::json::string* text = value == nullptr ? nullptr : value->if_string();
    if (text != nullptr && !text->empty()) return std::string(*text);
  }
  return "";
}

std::string xml_text(std::string_view body, std::string_view element) {
  const std::string open = "<" + std::string(element) + ">";
  const std::size_t begin = body.find(open);
  if (begin == std::string_view::npos) return "";
  const std::size_t end = body.find("</", begin);
  if (end == std::string_view::npos) return "";
  return std::string(body.substr(begin + open.size(), end - begin - open.size()));
}

bool Answer::is_throttled() const { return status == 429 || is_one_of(kThrottled, error); }

bool Answer::is_server_fault() const { return !is_throttled() && (status >= 500 || is_one_of(kServerFaults, error)); }

Answer read_answer(const https::Response& response) {
  std::optional<boost::json::object> body = parse_object(response.body);
  const bool is_success = response.status / 100 == 2;
  if (is_success && !body && !response.body.empty())
    throw Error(ErrorCode::kUnavailable, "answer-lost", "The service is not available.",
                "a success that is no JSON object");
  if (!body) body.emplace();
  Answer answer = read_error(response, *body);
  answer.body = *std::move(body);
  return answer;
}

Answer read_error(const https::Response& response) {
  const bool may_be_json = response.status / 100 != 2 && response.body.starts_with('{');
  std::optional<boost::json::object> body = may_be_json ? parse_object(response.body) : std::nullopt;
  return read_error(response, body.value_or(boost::json::object()));
}

Fault fault_of(const https::Response& response, bool has_session) {
  if (response.status / 100 == 2) return Fault::kNone;
  const Answer answer = read_error(response);
  if (answer.is_throttled()) return Fault::kThrottled;
  if (answer.is_server_fault()) return Fault::kServer;
  if (is_one_of(kExpired, answer.error)) return Fault::kCredentials;
  if (has_session && is_one_of(kUnknownSession, answer.error)) return Fault::kCredentials;
  return is_one_of(kAboutTime, answer.error) ? Fault::kClock : Fault::kNone;
}

}  // namespace orderly::aws
