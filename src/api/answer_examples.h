// Examples of answers for GET /openapi.json: what operations answered to openapi_test, which records them.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

namespace orderly::api {

// "get_order 200 application/json".
std::string example_name(std::string_view operation, int status, std::string_view media_type);

// By that name: what is JSON as it is, other text as a string.
const boost::json::object& answer_examples();

}  // namespace orderly::api
