// A request's first bytes: request line and headers.
#pragma once

#include <string>

#include "engines/https/client.h"

namespace orderly::https {

// Throws Error(kInternal, "malformed-request") for what would change the request's meaning on its way (an end of line,
// a NUL, a space in the target) and for headers that are made here.
std::string make_request_head(const Request& request);

}  // namespace orderly::https
