// Secrets by name, from Secrets Manager or the Parameter Store, read once at the start of a process.
#pragma once

#include <string>
#include <string_view>

#include "engines/aws/service.h"
#include "ports/task.h"

namespace orderly::aws {

// Empty: AWS's own in the region.
struct SecretsUrls {
  std::string secretsmanager;
  std::string ssm;
};

// Where a secret is kept: "secretsmanager:<name or ARN>", one string; "secretsmanager:<name or ARN>#<member>", a member
// of a secret that is a JSON object; "ssm:/path/name", a parameter, decrypted.
struct SecretReference {
  enum class Place { kSecretsManager, kParameterStore };
  Place place = Place::kSecretsManager;
  std::string name;
  std::string member;  // empty: the whole

  friend bool operator==(const SecretReference&, const SecretReference&) = default;
};

// Whether `text` names a place at all: a setting may hold the secret itself instead.
bool is_secret_reference(std::string_view text);
// Throws Error(kInternal, "malformed-secret-reference").
SecretReference parse_secret_reference(std::string_view text);

// Throws Error(kUnavailable, "secret-unreadable") when there is no such secret or member, it may not be read, or it is
// binary; the detail has the reference and AWS's error, never the secret. Otherwise throws what Service::call throws.
Task<std::string> read_secret(Context& context, std::string region, SecretsUrls urls, std::string reference);

}  // namespace orderly::aws
