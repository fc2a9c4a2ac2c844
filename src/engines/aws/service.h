// One AWS service behind one endpoint: requests signed, sent, tried again where that is safe, and answers taken apart.
#pragma once

#include <atomic>
#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "engines/aws/answer.h"
#include "engines/aws/sigv4.h"
#include "engines/https/client.h"
#include "ports/clock.h"
#include "ports/task.h"

namespace orderly::aws {

// What every service needs; must outlive them.
struct Context {
  https::Http& http;
  CredentialsSource& credentials;
  ports::Clock& clock;
  ports::Random& random;
};

// Whether a call is tried again.
enum class Repeat {
  // A read, or a write that carries its own idempotency: after throttling, 5xx and lost answers too, six tries in all.
  // None begins later than twice the request's timeout after the first, so that a silent peer is not waited for for
  // minutes.
  kSafe,
  // One try. Refused credentials are renewed, and a wrong clock is corrected, and then it is tried again all the same:
  // such a request was certainly not done.
  kNever,
};
// Sleeps before try `round` + 1, `round` counted from 1: full jitter, up to 25 ms · 2^(round - 1), at most 2 s.
Task<void> back_off(const Context& context, int round);

// AWS's own endpoint of a service ("dynamodb") in a region. In China the domain is another one.
std::string service_url(std::string_view service, std::string_view region);

// Thread-safe.
class Service {
 public:
  // `url`: https://dynamodb.eu-central-1.amazonaws.com, or a peer on this machine.
  Service(Context& context, std::string_view url, Scope scope);

  // The protocol of DynamoDB, SQS, Secrets Manager and SSM: POST / with X-Amz-Target: `target`.`action` and a JSON
  // object. Any answer is returned, of the last try. Throws what https::Http::send throws when the last try had none,
  // "answer-lost" if any try may have been done; and what CredentialsSource::get throws.
  // `version`: "1.0" or "1.1". `timeout` is of each try.
  Task<Answer> call(std::string_view target, std::string_view version, std::string_view action,
                    boost::json::object input, Repeat repeat, Duration timeout = Duration{10'000});

  // Any other request (S3, SES): signed and sent as it is; `request.endpoint` is set here. Errors are only looked for
  // to know whether to try again.
  Task<https::Response> send(https::Request request, Repeat repeat);

  // A signed URL for the request's method, target and headers.
  Task<std::string> presign(https::Request request, Duration valid_for);

  const https::Endpoint& endpoint() const { return endpoint_; }
  // Where the URL has a path, what every target begins with: "" or "/prefix".
  const std::string& base_path() const { return base_path_; }
  Context& context() { return context_; }

 private:
  struct Attempt;
  struct Exchange;

  Task<Answer> call_json(https::Request request, Repeat repeat);
  Task<Exchange> exchange(https::Request request, Repeat repeat);
  Task<Attempt> attempt(https::Request request);
  Task<bool> can_be_mended(const Attempt& attempt);
  bool adopt_time_of(const https::Response& response, Time signed_at);
  Time signing_time() const;

  Context& context_;
  https::Endpoint endpoint_;
  std::string base_path_;
  Scope scope_;
  SigningKeys keys_;
  std::atomic<std::int64_t> server_ahead_ms_ = 0;  // of our clock; 0 until a signature was refused for its time
};

}  // namespace orderly::aws
