// The canonical forms that SigV4 signs: path, query, headers.
#pragma once

#include <string>
#include <string_view>

#include "engines/aws/sigv4.h"

namespace orderly::aws {

// `path` as in the request line, "" meaning "/".
std::string canonical_path(std::string_view path, PathRule rule);

// Parameters as in the request line, percent-encoded or not ('+' is a plus): each encoded once, sorted by name and
// value.
std::string canonical_query(std::string_view query);

struct CanonicalHeaders {
  std::string lines;  // "name:value\n", names in lower case, sorted
  std::string names;  // joined by ';'
};
// The request's headers and Host, without those that are not signed.
CanonicalHeaders canonical_headers(const https::Request& request, const Scope& scope);

std::string lower_case(std::string_view text);

}  // namespace orderly::aws
