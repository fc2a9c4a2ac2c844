// Checks JSON values against JSON Schemas (draft 2020-12), as far as GET /openapi.json uses them: what it does not know
// it reports, so that nothing passes unchecked.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace orderly::json_schema {

// kExact: an object has no properties but those that its schema names, although the schema would let it.
enum class Strictness { kAsWritten, kExact };

class Checker {
 public:
  // "$ref" points into `document`, which must outlive the checker.
  explicit Checker(const boost::json::value& document) : document_(document) {}

  // What is wrong with `value`, one problem a line: "/items/0/quantity: minimum". Empty: nothing.
  std::string problems(const boost::json::value& schema, const boost::json::value& value,
                       Strictness strictness = Strictness::kAsWritten) const;
  // "#/components/schemas/Order"; null when it leads nowhere.
  const boost::json::value* find(std::string_view reference) const;

 private:
  struct Checking;

  const boost::json::value& document_;
};

}  // namespace orderly::json_schema
