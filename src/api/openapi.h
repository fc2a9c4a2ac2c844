// GET /openapi.json: the API as an OpenAPI 3.1.0 document, made from the table of routes, their operations and the
// descriptions of their bodies.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/router.h"
#include "ports/crypto.h"

namespace orderly::api {

struct OpenApiDocument {
  std::string text;  // JSON
  std::string etag;  // with its quotation marks: a hash of the text
};

// Takes about a millisecond: made once, with the Api. Stops the program when an operation contradicts its route: a path
// parameter that the pattern has not, an id that two have, an example that is no JSON, two types of one name.
OpenApiDocument make_openapi(const std::vector<Route>& routes, std::string_view version, const ports::Crypto& crypto);

}  // namespace orderly::api
