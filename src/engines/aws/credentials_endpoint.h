// Where temporary credentials are fetched: one question to the endpoint of a container or of the instance.
#pragma once

#include <memory>

#include "engines/aws/credentials.h"

namespace orderly::aws {

class CredentialsEndpoint {
 public:
  virtual ~CredentialsEndpoint() = default;

  // Throws Error(kUnavailable, "no-credentials"); the detail says why and holds nothing secret. May give credentials
  // that have expired.
  virtual Task<Credentials> fetch() = 0;
};

// The one that the settings name; one that always refuses when they name none.
std::unique_ptr<CredentialsEndpoint> make_credentials_endpoint(CredentialsSettings settings, https::Http& http,
                                                               ports::Clock& clock);

[[noreturn]] void throw_no_credentials(std::string detail);

}  // namespace orderly::aws
