#include "engines/aws/sigv4.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <chrono>

#include "base/error.h"
#include "base/text.h"
#include "engines/aws/canonical.h"

namespace orderly::aws {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kDigestHeader = "x-amz-content-sha256";
constexpr std::string_view kUnsignedBody = "UNSIGNED-PAYLOAD";
constexpr std::chrono::hours kPresignedMax{24 * 7};

[[noreturn]] void throw_crypto(const char* what) {
  throw Error(ErrorCode::kInternal, "internal", "Something went wrong.", std::string("SigV4: ") + what);
}

const EVP_MD* sha256_algorithm() {
  static const EVP_MD* algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);  // for the life of the process
  if (algorithm == nullptr) throw_crypto("there is no SHA-256");
  return algorithm;
}

std::string sha256_hex(std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest, &size, sha256_algorithm(), nullptr) != 1) throw_crypto("digest");
  return to_hex({digest, size});
}

std::string hmac(std::string_view key, std::string_view bytes) {
  unsigned char code[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  if (HMAC(sha256_algorithm(), key.data(), static_cast<int>(key.size()), data, bytes.size(), code, &size) == nullptr)
    throw_crypto("HMAC");
  return {reinterpret_cast<const char*>(code), size};
}

std::string derive_key(const Scope& scope, const Credentials& credentials, std::string_view day) {
  const std::string of_day = hmac("AWS4" + credentials.secret_access_key, day);
  return hmac(hmac(hmac(of_day, scope.region), scope.service), "aws4_request");
}

// 2026-11-21T10:30:00.000Z → 20261121T103000Z
std::string basic_time(Time now) {
  std::string text = format_time(now).substr(0, 19);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text + 'Z';
}
std::string_view day_of(std::string_view basic) { return basic.substr(0, 8); }

std::string credential_scope(const Scope& scope, std::string_view day) {
  return std::string(day) + '/' + scope.region + '/' + scope.service + "/aws4_request";
}

std::string joined(std::initializer_list<std::string_view> lines) {
  std::string text;
  for (const std::string_view line : lines) text.append(text.empty() ? "" : "\n").append(line);
  return text;
}

bool sends_body_digest(const Scope& scope) { return scope.sends_body_digest || scope.service == "s3"; }

const std::string* find_header(const https::Request& request, std::string_view lower_name) {
  const auto found = std::ranges::find(request.headers, lower_name, [](const auto& h) { return lower_case(h.first); });
  return found == request.headers.end() ? nullptr : &found->second;
}

void add_parameter(https::Request& request, std::string_view name, std::string_view value) {
  request.target += request.target.find('?') == std::string::npos ? '?' : '&';
  request.target.append(name).append("=").append(uri_encode(value));
}

// Who signs, when and for what.
class Signer {
 public:
  Signer(const Scope& scope, const Credentials& credentials, Time now, SigningKeys* keys)
      : scope_(scope), credentials_(credentials), time_(basic_time(now)), keys_(keys) {}

  // Adds all headers but Authorization, which is made of the steps.
  SigningSteps sign_headers(https::Request& request) const {
    if (!credentials_.session_token.empty())
      request.headers.emplace_back("X-Amz-Security-Token", credentials_.session_token);
    request.headers.emplace_back("X-Amz-Date", time_);

    const std::string* own_digest = find_header(request, kDigestHeader);
    const std::string digest = own_digest != nullptr ? *own_digest : sha256_hex(request.body);
    if (own_digest == nullptr && sends_body_digest(scope_)) request.headers.emplace_back(kDigestHeader, digest);
    return take_steps(request, request.target, digest);
  }

  // Adds all parameters but X-Amz-Signature, which is made of the steps.
  SigningSteps sign_target(https::Request& request, Duration valid_for) const {
    if (valid_for < std::chrono::seconds(1) || valid_for > kPresignedMax)
      throw Error(ErrorCode::kInternal, "internal", "Something went wrong.", "a signed URL lives 1 s to 7 days");
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(valid_for).count();
    add_parameter(request, "X-Amz-Algorithm", kAlgorithm);
    add_parameter(request, "X-Amz-Credential", credential());
    add_parameter(request, "X-Amz-Date", time_);
    add_parameter(request, "X-Amz-SignedHeaders", canonical_headers(request, scope_).names);
    add_parameter(request, "X-Amz-Expires", std::to_string(seconds));
    const std::string without_token = request.target;
    if (!credentials_.session_token.empty()) add_parameter(request, "X-Amz-Security-Token", credentials_.session_token);
    return take_steps(request, scope_.signs_session_token ? request.target : without_token, body_digest(request));
  }

  std::string authorization(const SigningSteps& steps) const {
    return std::string(kAlgorithm) + " Credential=" + credential() + ", SignedHeaders=" + steps.signed_headers +
           ", Signature=" + steps.signature;
  }

 private:
  SigningSteps take_steps(const https::Request& request, std::string_view target, std::string_view digest) const {
    const std::size_t question = std::min(target.find('?'), target.size());
    const std::string_view query = target.substr(std::min(question + 1, target.size()));
    const CanonicalHeaders headers = canonical_headers(request, scope_);

    SigningSteps steps;
    steps.signed_headers = headers.names;
    steps.canonical_request = joined({request.method, canonical_path(target.substr(0, question), scope_.path_rule),
                                      canonical_query(query), headers.lines, headers.names, digest});
    steps.string_to_sign = joined({kAlgorithm, time_, place(), sha256_hex(steps.canonical_request)});
    const std::string key = keys_ != nullptr ? keys_->get(scope_, credentials_, day_of(time_))
                                             : derive_key(scope_, credentials_, day_of(time_));
    steps.signature = to_hex(hmac(key, steps.string_to_sign));
    return steps;
  }

  // Of a request that is signed in its target: whoever uses an S3 URL need not know the body beforehand.
  std::string body_digest(const https::Request& request) const {
    if (const std::string* own = find_header(request, kDigestHeader)) return *own;
    return scope_.service == "s3" ? std::string(kUnsignedBody) : sha256_hex(request.body);
  }

  std::string place() const { return credential_scope(scope_, day_of(time_)); }
  std::string credential() const { return credentials_.access_key_id + '/' + place(); }

  const Scope& scope_;
  const Credentials& credentials_;
  const std::string time_;
  SigningKeys* const keys_;
};

}  // namespace

std::string SigningKeys::get(const Scope& scope, const Credentials& credentials, std::string_view day) {
  const std::string place = credential_scope(scope, day);
  const std::scoped_lock lock(mutex_);
  if (place != place_ || credentials.secret_access_key != secret_) {
    key_ = derive_key(scope, credentials, day);
    place_ = place;
    secret_ = credentials.secret_access_key;
  }
  return key_;
}

void sign(https::Request& request, const Scope& scope, const Credentials& credentials, Time now, SigningKeys* keys) {
  const Signer signer(scope, credentials, now, keys);
  const SigningSteps steps = signer.sign_headers(request);
  request.headers.emplace_back("Authorization", signer.authorization(steps));
}

std::string presign(https::Request request, const Scope& scope, const Credentials& credentials, Time now,
                    Duration valid_for, SigningKeys* keys) {
  const SigningSteps steps = Signer(scope, credentials, now, keys).sign_target(request, valid_for);
  add_parameter(request, "X-Amz-Signature", steps.signature);
  return (request.endpoint.tls ? "https://" : "http://") + request.endpoint.host_header() + request.target;
}

SigningSteps signing_steps(https::Request request, const Scope& scope, const Credentials& credentials, Time now) {
  return Signer(scope, credentials, now, nullptr).sign_headers(request);
}

SigningSteps presigning_steps(https::Request request, const Scope& scope, const Credentials& credentials, Time now,
                              Duration valid_for) {
  return Signer(scope, credentials, now, nullptr).sign_target(request, valid_for);
}

}  // namespace orderly::aws
