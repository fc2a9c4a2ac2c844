// Whose requests these are: from the environment, an ECS or EKS container's endpoint, or the instance's metadata
// service (IMDSv2), in this order. Sources: AWS SDKs and Tools Reference Guide, "Standardized credential providers";
// EC2 User Guide, "Retrieve security credentials from instance metadata".
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/time.h"
#include "engines/https/client.h"
#include "ports/clock.h"
#include "ports/task.h"

namespace orderly::aws {

struct Credentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;       // empty: none
  std::optional<Time> expires_at;  // nothing: never

  friend bool operator==(const Credentials&, const Credentials&) = default;
};

// What the environment says; read by host, under the names that AWS's own SDKs use.
struct CredentialsSettings {
  std::string access_key_id = {};           // AWS_ACCESS_KEY_ID
  std::string secret_access_key = {};       // AWS_SECRET_ACCESS_KEY
  std::string session_token = {};           // AWS_SESSION_TOKEN
  std::string container_relative_uri = {};  // AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, at http://169.254.170.2
  // AWS_CONTAINER_CREDENTIALS_FULL_URI: https, or http at this machine (localhost, 127/8, ::1) or at the addresses of
  // ECS and EKS (169.254.170.2, 169.254.170.23, fd00:ec2::23).
  std::string container_full_uri = {};
  std::string container_token = {};  // AWS_CONTAINER_AUTHORIZATION_TOKEN
  // AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, which goes before the token and is read at each fetch, since EKS renews it.
  std::string container_token_file = {};
  bool is_metadata_disabled = false;                         // AWS_EC2_METADATA_DISABLED
  std::string metadata_endpoint = "http://169.254.169.254";  // AWS_EC2_METADATA_SERVICE_ENDPOINT
};

// Thread-safe.
class CredentialsSource {
 public:
  virtual ~CredentialsSource() = default;

  // Kept until five minutes before they expire, then fetched anew, by one caller at a time; while that fails, those at
  // hand are given out as long as they are valid. Throws Error(kUnavailable, "no-credentials") when there are none.
  virtual Task<Credentials> get() = 0;
  // These were refused as expired: if they are still the ones at hand, the next get() fetches anew. Those of the
  // environment cannot be renewed.
  virtual void forget(const Credentials& refused) = 0;
};

// `http` and `clock` must outlive it.
std::unique_ptr<CredentialsSource> make_credentials_source(CredentialsSettings settings, https::Http& http,
                                                           ports::Clock& clock);

}  // namespace orderly::aws
