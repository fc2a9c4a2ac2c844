// What a use case asks of a body beside what its reader does: of fields together, and of texts whose form only the use
// case knows. It checks them itself; here they are said for the document, and Schemathesis compares the two.
#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_type.h"

namespace orderly::api {

// Whatever the spelling of a field, it is found by its own name. A field is given when it is there and not null; a
// boolean when it is true.
struct Condition {
  std::function<boost::json::object(const json::Type& body)> schema;  // JSON Schema, for bodies of that type
  bool needs_a_field = false;                                         // {} does not meet it
};

Condition exactly_one_of(std::vector<std::string_view> fields);
Condition at_least_one_of(std::vector<std::string_view> fields);
Condition not_together(std::string_view field, std::string_view other);
// Given where `other` is `value`, and nowhere else.
Condition given_just_when(std::string_view field, std::string_view other, std::string_view value);
// The text matches `pattern`, which is ECMA-262's.
Condition matches(std::string_view field, std::string_view pattern);
Condition items_are_of(std::string_view field, std::vector<std::string> values);

}  // namespace orderly::api
