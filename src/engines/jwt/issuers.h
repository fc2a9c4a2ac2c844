// Who calls with a token of an outside issuer, such as Amazon Cognito, Auth0 or Keycloak: a JSON Web Token signed by
// RS256 or ES256 with a key that the issuer publishes.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engines/https/client.h"
#include "engines/jwt/key_source.h"
#include "engines/jwt/verification.h"
#include "engines/jwt/verified_tokens.h"
#include "ports/clock.h"
#include "ports/monitor.h"
#include "ports/task.h"
#include "ports/tokens.h"

namespace orderly::jwt {

// Thread-safe.
class Issuers final : public ports::Tokens {
 public:
  // `http`, `clock` and `monitor` must outlive it. Throws Error(kInternal, "malformed-issuer") when issuer, audience or
  // audience claim are empty or an issuer comes twice, and Error(kInternal, "malformed-url") as KeySource does.
  Issuers(std::vector<IssuerSettings> settings, https::Http& http, ports::Clock& clock, ports::Monitor& monitor);

  // The token's `iss` chooses the issuer, whose configured URL alone is asked for keys, as KeySource says; what is good
  // says verification.h. A good token is remembered for five minutes, but not beyond its expiry, and is good for that
  // long even when its key is withdrawn.
  //
  // Throws Error(kUnauthenticated, "invalid-token"), whose detail holds nothing of the token, and
  // Error(kUnavailable, "issuer-unavailable") when there are no keys to verify it with. A retry is safe.
  Task<Identity> verify(std::string token) override;

 private:
  struct Issuer {
    Issuer(IssuerSettings its_settings, https::Http& http, ports::Clock& clock, ports::Monitor& monitor)
        : settings(std::move(its_settings)), keys(settings.jwks_url, http, clock, monitor) {}

    const IssuerSettings settings;
    KeySource keys;
  };

  Issuer& issuer_of(const SignedToken& token);

  ports::Clock& clock_;
  std::map<std::string, Issuer, std::less<>> issuers_;  // by their names
  VerifiedTokens verified_;
};

}  // namespace orderly::jwt
