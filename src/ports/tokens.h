// Tokens by which an outside issuer, such as Amazon Cognito or Keycloak, says who calls.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "ports/task.h"

namespace orderly::ports {

struct Identity {
  std::string issuer;
  std::string subject;               // unique within the issuer (RFC 7519 section 4.1.2); 1 to 255 bytes
  Time expires_at;                   // of the token
  std::optional<std::string> email;  // only one that the issuer has verified
  std::vector<std::string> roles;    // in the issuer's own words; the same one may come twice

  friend bool operator==(const Identity&, const Identity&) = default;
};

class Tokens {
 public:
  virtual ~Tokens() = default;

  // Throws Error(kUnauthenticated, "invalid-token"), whose detail holds nothing of the token, and
  // Error(kUnavailable, "issuer-unavailable") when it cannot be verified now. A retry is safe.
  virtual Task<Identity> verify(std::string token) = 0;
};

}  // namespace orderly::ports
