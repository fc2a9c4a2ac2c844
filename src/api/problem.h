// Failures as callers see them: RFC 9457 problem details, made from Error in this one place.
#pragma once

#include <exception>
#include <string_view>

#include "api/http.h"
#include "base/error.h"
#include "base/json_type.h"

namespace orderly::api {

// The one table from codes to statuses; exhaustive.
int status_of(ErrorCode code);

// {"type", "title", "status", "code", "detail", "errors": [{"pointer", "detail"}]} with the headers that go with it.
// Nothing of Error::detail is shown.
Response problem(const Error& error);

// What those bodies look like.
const json::Type& problem_type();

inline constexpr std::string_view kProblemType = "application/problem+json";
inline constexpr std::string_view kJsonType = "application/json";

// The standard phrase of an HTTP status (RFC 9110 section 15).
std::string_view phrase_of(int status);

}  // namespace orderly::api
