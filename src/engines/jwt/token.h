// A JSON Web Token in its compact signed form (RFC 7515 section 7.1), read but not trusted yet. Pure functions.
#pragma once

#include <boost/json/value.hpp>
#include <cstddef>
#include <string>
#include <string_view>

#include "engines/jwt/public_key.h"

namespace orderly::jwt {

inline constexpr std::size_t kTokenBytesMax = 8 * 1024;

struct SignedToken {
  Algorithm algorithm;
  std::string kid;
  std::string signed_text;    // header and payload as they were sent
  std::string signature;      // decoded
  boost::json::value claims;  // an object
};

// Nothing in it is true before its signature has been checked. The form is strict:
//   - three parts of base64url without padding, foreign characters or stray bits, at most kTokenBytesMax together;
//   - header and payload are JSON objects as parse_object() wants them;
//   - `alg` is RS256 or ES256; `kid` is there, with 1 to 255 bytes; `typ` is absent, "JWT" (RFC 7519 section 5.1) or
//     "at+jwt" (RFC 9068 section 2.1), in either case of letters;
//   - no `crit`, `b64` or `zip`, which change what the rest means (RFC 7515 section 4.1.11, RFC 7797, RFC 7516); no
//     `jwk`, `jku`, `x5u` or `x5c`, with which a token brings its own key along.
// Other members of the header are ignored (RFC 7515 section 4). Throws Error(kUnauthenticated, "invalid-token").
SignedToken parse_token(std::string_view text);

// One sentence for all reasons, so that a caller cannot try its way to a good token. `reason` is for the log and must
// hold nothing of the token.
[[noreturn]] void throw_invalid_token(std::string reason);

}  // namespace orderly::jwt
