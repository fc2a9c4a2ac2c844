// Whether a token of an outside issuer is good, and who it says is calling (RFC 7519). Pure functions.
#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "engines/jwt/key_set.h"
#include "engines/jwt/token.h"
#include "ports/tokens.h"

namespace orderly::jwt {

struct IssuerSettings {
  std::string issuer;    // as its tokens spell it in `iss`, to the letter
  std::string audience;  // whom a token must be for
  // Where a token says so: a string, or an array of strings, one of which must be the audience. Access tokens of Amazon
  // Cognito have no `aud`, but their app client's id in "client_id".
  std::string audience_claim = "aud";
  std::string jwks_url;  // where its keys are: https, or http on this machine
  // Where a token names the caller's roles: an array of strings, or one string with spaces between them ("scope"). The
  // name of a claim or, when it begins with '/', a JSON pointer (RFC 6901) such as Keycloak's "/realm_access/roles".
  // Empty: nowhere.
  std::string roles_claim = {};
};

using ports::Identity;

// Good is a token
//   - whose `kid` is a key of `keys`, whose `alg` is that key's, and whose signature is by it;
//   - whose `iss` is the issuer and whose audience claim holds the audience;
//   - with an `exp` that is not over, and no `nbf` or `iat` in the future, each with 30 seconds' leeway for clocks that
//     differ; they are numbers of seconds (section 2, "NumericDate"), fractions too, until the end of the year 9999;
//   - with a `sub`, which has no control characters, and at most 100 roles, of the shape described above.
// Claims of other names are ignored (section 4). Throws Error(kUnauthenticated, "invalid-token").
Identity verify(const SignedToken& token, const KeySet& keys, const IssuerSettings& settings, Time now);

}  // namespace orderly::jwt
