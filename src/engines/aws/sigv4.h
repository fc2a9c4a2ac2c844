// AWS Signature Version 4 (IAM User Guide, "AWS Signature Version 4 for API requests"): HMAC-SHA256 over a canonical
// form of the request. Functions of their arguments alone; checked against AWS's own test vectors.
#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "base/time.h"
#include "engines/aws/credentials.h"
#include "engines/https/client.h"

namespace orderly::aws {

// What the path looks like under the signature. S3 has it as sent, which must be percent-encoded once; every other
// service takes out "//", "." and ".." and percent-encodes what was sent once more.
enum class PathRule { kEncodedTwice, kAsItIs };

struct Scope {
  std::string region;   // eu-central-1
  std::string service;  // dynamodb, sqs, s3, …
  PathRule path_rule = PathRule::kEncodedTwice;
  // The body's digest travels in x-amz-content-sha256. S3 demands it and gets it in any case.
  bool sends_body_digest = false;
  // A few services want the session token beside what is signed.
  bool signs_session_token = true;
};

// The key of a day, region and service takes four HMACs to derive; the last one is kept. Thread-safe.
class SigningKeys {
 public:
  // `day`: 20261121. 32 bytes.
  std::string get(const Scope& scope, const Credentials& credentials, std::string_view day);

 private:
  std::mutex mutex_;
  std::string place_;  // day/region/service
  std::string secret_;
  std::string key_;
};

// Adds X-Amz-Date, X-Amz-Security-Token (with a session), x-amz-content-sha256 (as the scope has it) and Authorization
// to a request that has none of them. Host is signed as https::Client will send it. Every header that the request has
// is signed, but those that proxies change (User-Agent, X-Amzn-Trace-Id, Expect, Connection, Transfer-Encoding).
// A request that brings its own x-amz-content-sha256 (a digest, or UNSIGNED-PAYLOAD) is signed with that.
void sign(https::Request& request, const Scope& scope, const Credentials& credentials, Time now,
          SigningKeys* keys = nullptr);

// A URL that does the same for whoever has it until `valid_for` is over (1 s to 7 days, whole seconds). Headers in
// `request` are signed and have to be sent as they are. The body is not signed for S3; for other services it is.
std::string presign(https::Request request, const Scope& scope, const Credentials& credentials, Time now,
                    Duration valid_for, SigningKeys* keys = nullptr);

// The texts of the algorithm, each made of the one before: what `sign` and `presign` come upon, for comparing with the
// vectors or with what a service says that it expected.
struct SigningSteps {
  std::string signed_headers;  // host;x-amz-date
  std::string canonical_request;
  std::string string_to_sign;
  std::string signature;  // hex
};
SigningSteps signing_steps(https::Request request, const Scope& scope, const Credentials& credentials, Time now);
SigningSteps presigning_steps(https::Request request, const Scope& scope, const Credentials& credentials, Time now,
                              Duration valid_for);

// RFC 3986: everything but A-Z a-z 0-9 - . _ ~ as %XX; '/' too, unless it is kept.
std::string uri_encode(std::string_view text, bool keep_slashes = false);

}  // namespace orderly::aws
