// The table as layout.h needs it: made where it is missing, and looked at before it is used. Source: Amazon DynamoDB
// API Reference, "CreateTable", "DescribeTable", "UpdateTimeToLive".
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "engines/aws/service.h"
#include "ports/task.h"

namespace orderly::aws {

// CreateTable's input: keys pk and sk, the indexes with keys only, a stream of new images, billed by request.
boost::json::object table_definition(std::string_view table);

// What a table lacks of it, or has otherwise, each in a few words; `description` is DescribeTable's Table. Whether rows
// expire is asked elsewhere.
std::vector<std::string> what_is_missing(const boost::json::object& description);

// Makes the table if there is none and waits until it and its indexes can be used and rows expire. A table that is
// there is not changed. Throws Error(kUnavailable).
Task<void> create_table(Service& dynamodb, std::string table);
// Throws Error(kUnavailable, "table-missing" or "table-unfit") that names what is missing.
Task<void> verify_table(Service& dynamodb, std::string table);

}  // namespace orderly::aws
