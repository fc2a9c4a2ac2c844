#include "engines/aws/dynamo_schema.h"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/value_to.hpp>
#include <set>

namespace orderly::aws {
namespace {

using Strings = std::vector<std::string>;
namespace json = boost::json;

// As DynamoDB describes a table that was made so.
json::object described() {
  json::object description = table_definition("orderly");
  description["TableStatus"] = "ACTIVE";
  for (json::value& index : description["GlobalSecondaryIndexes"].as_array())
    index.as_object()["IndexStatus"] = "ACTIVE";
  return description;
}

TEST(DynamoSchema, EveryKeyIsDefinedOnce) {
  const json::object definition = table_definition("orderly");
  std::set<std::string> defined;
  for (const json::value& one : definition.at("AttributeDefinitions").as_array()) {
    EXPECT_TRUE(defined.insert(json::value_to<std::string>(one.at("AttributeName"))).second);
  }
  EXPECT_EQ(defined, (std::set<std::string>{"pk", "sk", "_1p", "_2p", "_3p", "_4p", "_5p", "_s", "_fp", "_fs"}));
}

TEST(DynamoSchema, ATableThatWasMadeSoLacksNothing) { EXPECT_EQ(what_is_missing(described()), Strings{}); }

TEST(DynamoSchema, WhatIsMissingIsNamed) {
  json::object description = described();
  description.erase("StreamSpecification");
  description["GlobalSecondaryIndexes"].as_array().pop_back();
  EXPECT_EQ(what_is_missing(description), (Strings{"index by-minute", "a stream of new images"}));

  description = described();
  description["StreamSpecification"].as_object()["StreamViewType"] = "KEYS_ONLY";
  description["KeySchema"].as_array().pop_back();
  EXPECT_EQ(what_is_missing(description), (Strings{"keys pk and sk", "a stream of new images"}));

  description = described();
  description["GlobalSecondaryIndexes"].as_array()[1].as_object()["IndexStatus"] = "CREATING";
  EXPECT_EQ(what_is_missing(description), Strings{"ready tables and indexes"});

  description = described();
  json::array& indexes = description["GlobalSecondaryIndexes"].as_array();
  indexes[0].as_object()["KeySchema"] = indexes[1].as_object()["KeySchema"];
  EXPECT_EQ(what_is_missing(description), Strings{"index by-client"});
}

}  // namespace
}  // namespace orderly::aws
