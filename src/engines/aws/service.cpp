#include "engines/aws/service.h"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <utility>

#include "base/error.h"

namespace orderly::aws {
namespace {

constexpr int kTriesMax = 6;
constexpr Duration kPauseFirst{25};
constexpr Duration kPauseMax{2'000};
constexpr std::chrono::minutes kSkewMax{5};  // AWS's own tolerance

std::uint64_t draw(ports::Random& random) {
  std::array<std::uint8_t, 8> bytes;
  random.fill(bytes);
  std::uint64_t number = 0;
  for (const std::uint8_t byte : bytes) number = number << 8 | byte;
  return number;
}

// "Fri, 21 Nov 2026 10:30:00 GMT" (RFC 9110 section 5.6.7, the one form that servers may send).
std::optional<Time> parse_http_date(std::string_view text) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (text.size() != 29 || !text.ends_with(" GMT")) return std::nullopt;
  const std::size_t month = kMonths.find(text.substr(8, 3));
  if (month == std::string_view::npos || month % 3 != 0) return std::nullopt;
  const std::string number = std::to_string(month / 3 + 1);
  std::string rfc3339(text.substr(12, 4));
  rfc3339.append(number.size() == 1 ? "-0" : "-").append(number);
  rfc3339.append("-").append(text.substr(5, 2)).append("T").append(text.substr(17, 8)).append("Z");
  return parse_time(rfc3339);
}

bool was_sent(const Error& error) { return error.slug() != "peer-unreachable"; }

}  // namespace

// One request and what came of it: a response or a failure.
struct Service::Attempt {
  Credentials credentials;
  Time signed_at;
  std::optional<https::Response> response;
  std::optional<Error> failure;  // peer-unreachable or answer-lost

  Fault fault() const { return response ? fault_of(*response, !credentials.session_token.empty()) : Fault::kNone; }
  bool is_passing() const { return failure || fault() == Fault::kThrottled || fault() == Fault::kServer; }
  bool is_unknown() const { return failure ? was_sent(*failure) : fault() == Fault::kServer; }
};

struct Service::Exchange {
  https::Response response;
  bool follows_unknown_try = false;
};

Task<void> back_off(const Context& context, int round) {
  const int doublings = std::clamp(round - 1, 0, 10);
  const Duration longest = std::min(kPauseFirst * (1 << doublings), kPauseMax);
  const std::uint64_t choices = static_cast<std::uint64_t>(longest.count()) + 1;
  return context.clock.sleep(Duration{static_cast<std::int64_t>(draw(context.random) % choices)});
}

std::string service_url(std::string_view service, std::string_view region) {
  std::string url = "https://";
  url.append(service).append(".").append(region).append(".amazonaws.com");
  return region.starts_with("cn-") ? url + ".cn" : url;
}

Service::Service(Context& context, std::string_view url, Scope scope) : context_(context), scope_(std::move(scope)) {
  https::Url parsed = https::parse_url(url);
  endpoint_ = std::move(parsed.endpoint);
  base_path_ = std::move(parsed.target);
  while (base_path_.ends_with('/')) base_path_.pop_back();
}

Task<Answer> Service::call(std::string_view target, std::string_view version, std::string_view action,
                           boost::json::object input, Repeat repeat, Duration timeout) {
  https::Request request;
  request.method = "POST";
  request.target = base_path_ + "/";
  request.headers = {{"Content-Type", "application/x-amz-json-" + std::string(version)},
                     {"X-Amz-Target", std::string(target) + '.' + std::string(action)}};
  request.body = boost::json::serialize(input);
  request.first_byte_timeout = timeout;  // some calls wait for something to happen
  request.timeout = timeout;
  return call_json(std::move(request), repeat);
}

Task<Answer> Service::call_json(https::Request request, Repeat repeat) {
  const Exchange done = co_await exchange(std::move(request), repeat);
  Answer answer = read_answer(done.response);
  answer.follows_unknown_try = done.follows_unknown_try;
  co_return answer;
}

Task<https::Response> Service::send(https::Request request, Repeat repeat) {
  Exchange done = co_await exchange(std::move(request), repeat);
  co_return std::move(done.response);
}

Task<std::string> Service::presign(https::Request request, Duration valid_for) {
  const Credentials credentials = co_await context_.credentials.get();
  request.endpoint = endpoint_;
  co_return aws::presign(std::move(request), scope_, credentials, signing_time(), valid_for, &keys_);
}

Task<Service::Exchange> Service::exchange(https::Request request, Repeat repeat) {
  request.endpoint = endpoint_;
  request.safe_to_repeat = repeat == Repeat::kSafe;
  const Time last_begin = context_.clock.now() + 2 * request.timeout;
  bool is_unknown = false;  // one of the tries so far
  bool was_mended = false;
  for (int tries = 1;;) {
    Attempt tried = co_await attempt(request);
    if (!was_mended && co_await can_be_mended(tried)) {
      was_mended = true;
      continue;
    }
    const bool may_repeat = repeat == Repeat::kSafe && tries < kTriesMax && context_.clock.now() < last_begin;
    if (!tried.is_passing() || !may_repeat) {
      if (tried.response) co_return Exchange{*std::move(tried.response), is_unknown};
      if (!is_unknown || was_sent(*tried.failure)) throw Error(*tried.failure);
      throw Error(ErrorCode::kUnavailable, "answer-lost", tried.failure->message(), tried.failure->detail());
    }
    is_unknown = is_unknown || tried.is_unknown();
    co_await back_off(context_, tries++);
  }
}

Task<Service::Attempt> Service::attempt(https::Request request) {
  Attempt attempt;
  attempt.credentials = co_await context_.credentials.get();
  attempt.signed_at = signing_time();
  sign(request, scope_, attempt.credentials, attempt.signed_at, &keys_);
  try {
    attempt.response = co_await context_.http.send(std::move(request));
  } catch (const Error& error) {
    if (error.slug() != "peer-unreachable" && error.slug() != "answer-lost") throw;
    attempt.failure = error;
  }
  co_return attempt;
}

// After a refusal: whether there are other credentials now, or another time to sign with.
Task<bool> Service::can_be_mended(const Attempt& attempt) {
  if (attempt.fault() == Fault::kClock) co_return adopt_time_of(*attempt.response, attempt.signed_at);
  if (attempt.fault() != Fault::kCredentials) co_return false;
  context_.credentials.forget(attempt.credentials);
  const Credentials renewed = co_await context_.credentials.get();
  co_return !(renewed == attempt.credentials);
}

bool Service::adopt_time_of(const https::Response& response, Time signed_at) {
  const std::optional<Time> server = parse_http_date(response.header("date").value_or(""));
  if (!server) return false;
  const Duration difference = *server - signed_at;
  if (difference <= kSkewMax && difference >= -kSkewMax) return false;
  server_ahead_ms_ = (*server - context_.clock.now()).count();
  return true;
}

Time Service::signing_time() const { return context_.clock.now() + Duration{server_ahead_ms_.load()}; }

}  // namespace orderly::aws
