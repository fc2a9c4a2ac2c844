// JSON Schemas (draft 2020-12, which is OpenAPI 3.1's) of the bodies that base/json_type.h describes: the same data
// that the reader goes by, so that the schema of a request accepts what the reader accepts. What a schema cannot say:
// integers are written as such (2.0 is none), keys come once, and free text holds no card number.
#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <string>
#include <string_view>

#include "base/json_type.h"

namespace orderly::api {

// What a schema is for. A request's is closed: unknown fields are refused, every spelling of a field is known, null is
// taken for what is absent. An answer's is open, so that a client made from an older document goes on working when a
// field is added; what is always written is required. A type that is in both is described once, as a request's, which
// what we write fits too.
enum class Use { kRequest, kAnswer };

// "orderly::app::List<orderly::app::OrderView>" → "OrderList".
std::string schema_name(std::string_view type_name);

// Objects and enums are described once, by name, and referred to. Describe what requests hold first.
class Schemas {
 public:
  boost::json::object of(const json::Type& type, Use use);
  boost::json::object of(const json::Type& type, const json::Rule& rule, Use use);
  // components/schemas, by name.
  boost::json::object take_named() &&;

 private:
  boost::json::object reference(const json::Type& type, Use use);
  boost::json::object describe_object(const json::Type& type, Use use);

  struct Named {
    const json::Type* type = nullptr;
    boost::json::object schema;
  };
  std::map<std::string, Named, std::less<>> named_;
};

// The same for a value that may be null.
boost::json::object or_null(boost::json::object schema);

}  // namespace orderly::api
