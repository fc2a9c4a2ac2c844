#include "engines/jwt/issuers.h"

#include <openssl/evp.h>

#include <utility>

#include "base/error.h"
#include "engines/jwt/foreign_json.h"

namespace orderly::jwt {
namespace {

[[noreturn]] void throw_malformed(const char* what) {
  throw Error(ErrorCode::kInternal, "malformed-issuer", "An issuer of tokens is not set up properly.", what);
}

void check(const IssuerSettings& settings) {
  if (settings.issuer.empty()) throw_malformed("it has no name");
  if (settings.audience.empty() || settings.audience_claim.empty()) throw_malformed("it has no audience");
}

ports::Digest sha256(std::string_view text) {
  ports::Digest digest;
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
    throw Error(ErrorCode::kInternal, "internal", "Something went wrong.", "a token's digest");
  return digest;
}

}  // namespace

Issuers::Issuers(std::vector<IssuerSettings> settings, https::Http& http, ports::Clock& clock, ports::Monitor& monitor)
    : clock_(clock) {
  for (IssuerSettings& each : settings) {
    check(each);
    const std::string name = each.issuer;
    if (!issuers_.try_emplace(name, std::move(each), http, clock, monitor).second) throw_malformed("it comes twice");
  }
}

Issuers::Issuer& Issuers::issuer_of(const SignedToken& token) {
  const auto found = issuers_.find(text_of(token.claims.get_object(), "iss").value_or(""));
  if (found == issuers_.end()) throw_invalid_token("it is of an unknown issuer");
  return found->second;
}

Task<Identity> Issuers::verify(std::string token) {
  if (token.size() > kTokenBytesMax) throw_invalid_token("it is too long");  // before work is spent on it
  const ports::Digest digest = sha256(token);
  if (std::optional<Identity> known = verified_.find(digest, clock_.now())) co_return *std::move(known);

  const SignedToken parsed = parse_token(token);
  Issuer& issuer = issuer_of(parsed);
  const std::shared_ptr<const KeySet> keys = co_await issuer.keys.keys_for(parsed.kid);
  const Time now = clock_.now();
  Identity identity = jwt::verify(parsed, *keys, issuer.settings, now);
  verified_.keep(digest, identity, now);
  co_return identity;
}

}  // namespace orderly::jwt
