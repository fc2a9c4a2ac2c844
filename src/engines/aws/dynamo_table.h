// Reading the one table: items by key and rows of queries, consistent where DynamoDB can be, with its errors as ours.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engines/aws/attribute_value.h"
#include "engines/aws/service.h"
#include "ports/store.h"

namespace orderly::aws {

inline constexpr std::string_view kDynamoTarget = "DynamoDB_20120810";
inline constexpr std::string_view kDynamoVersion = "1.0";

// Throws the Error that a failed read means: Error(kUnavailable) with "throttled", "store-unavailable" or
// "store-refused"; Error(kInternal, "store-refused") where the request was malformed.
void throw_unless_ok(const Answer& answer, std::string_view action);

// Thread-safe. Everything throws what Service::call and throw_unless_ok throw.
class DynamoTable {
 public:
  DynamoTable(Service& service, std::string name) : service_(service), name_(std::move(name)) {}

  const std::string& name() const { return name_; }
  Service& service() const { return service_; }

  // A call that is safe to repeat, for this table.
  Task<boost::json::object> call(std::string action, boost::json::object input) const;

  // Nothing for keys that no record can have.
  Task<std::optional<Item>> get(ports::Key key) const;
  // In the order of `keys`, of which some may be equal.
  Task<std::vector<std::optional<Item>>> get_many(std::vector<ports::Key> keys) const;

  // One answer of a Query or a Scan (`input` without the table's name).
  struct Rows {
    std::vector<Item> items;
    Item last_key;  // where the next answer starts; empty: there is no more
  };
  Task<Rows> rows(std::string action, boost::json::object input) const;

 private:
  Task<std::vector<Item>> get_batch(boost::json::array keys) const;

  Service& service_;
  std::string name_;
};

}  // namespace orderly::aws
