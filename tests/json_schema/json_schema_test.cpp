#include "tests/json_schema/json_schema.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace orderly::json_schema {
namespace {

std::string problems(std::string_view schema, std::string_view value, Strictness strictness = Strictness::kAsWritten) {
  const boost::json::value document = boost::json::parse(R"({"defs":{"small":{"type":"integer","maximum":3}}})");
  return Checker(document).problems(boost::json::parse(schema), boost::json::parse(value), strictness);
}

TEST(JsonSchema, EveryKeywordLetsPassWhatFitsAndStopsWhatDoesNot) {
  struct Case {
    std::string_view schema;
    std::string_view good;
    std::string_view bad;
    std::string_view problem;
  };
  const Case cases[] = {
      {R"({"type":"integer"})", "2", "2.5", ": type"},
      {R"({"type":["string","null"]})", "null", "1", ": type"},
      {R"({"type":"number"})", "2.5", R"("2.5")", ": type"},
      {R"({"type":"boolean"})", "true", "0", ": type"},
      {R"({"enum":["a",null]})", R"("a")", R"("b")", ": enum"},
      {R"({"minimum":1,"maximum":3})", "1", "0", ": minimum"},
      {R"({"minimum":1,"maximum":3})", "3", "4", ": maximum"},
      {R"({"minLength":2})", R"("éé")", R"("é")", ": minLength"},
      {R"({"maxLength":2})", R"("éé")", R"("ééé")", ": maxLength"},
      {R"({"pattern":"^[^\\u0000-\\u001f\\u007f-\\u009f]*$"})", R"("aé😀")", R"("a\u0085")", ": pattern"},
      {R"({"pattern":"^[^\\u0000-\\u001f\\u007f-\\u009f]*$"})", R"("")", R"("\u0000")", ": pattern"},
      {R"({"pattern":"^a_[0-7]{2}$"})", R"("a_07")", R"("a_08")", ": pattern"},
      {R"({"format":"date-time"})", R"("2026-11-20T09:30:00Z")", R"("2026-11-20")", ": format"},
      {R"({"format":"date"})", R"("2026-11-20")", R"("2026-11-31")", ": format"},
      {R"({"minItems":1})", "[1]", "[]", ": minItems"},
      {R"({"maxItems":1})", "[1]", "[1,2]", ": maxItems"},
      {R"({"items":{"type":"integer"}})", "[1,2]", R"([1,"2"])", "/1: type"},
      {R"({"properties":{"a":{"type":"integer"}}})", R"({"b":1})", R"({"a":"b"})", "/a: type"},
      {R"({"required":["a"]})", R"({"a":null})", R"({"b":1})", "/a: required"},
      {R"({"properties":{"a":{}},"additionalProperties":false})", R"({"a":1})", R"({"b":1})", "/b: not known"},
      {R"({"anyOf":[{"type":"null"},{"type":"string"}]})", R"("a")", "1", ": anyOf"},
      {R"({"oneOf":[{"type":"integer"},{"minimum":1}]})", "0", "1", ": oneOf"},
      {R"({"allOf":[{"type":"integer"},{"minimum":1}]})", "1", "0", ": minimum"},
      {R"({"not":{"type":"null"}})", "1", "null", ": not"},
      {R"({"$ref":"#/defs/small"})", "3", "4", ": maximum"},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(problems(each.schema, each.good), "") << each.schema;
    EXPECT_EQ(problems(each.schema, each.bad), each.problem) << each.schema;
  }
}

TEST(JsonSchema, WhatItDoesNotKnowIsReported) {
  EXPECT_EQ(problems(R"({"uniqueItems":true})", "[]"), ": uniqueItems");
  EXPECT_EQ(problems(R"({"format":"email"})", R"("a@b.example")"), ": format");
  EXPECT_EQ(problems(R"({"$ref":"#/defs/none"})", "1"), ": $ref leads nowhere");
}

TEST(JsonSchema, ExactlyAnObjectHasOnlyWhatItsSchemaNames) {
  const std::string_view schema = R"({"type":"object","properties":{"a":{}}})";
  EXPECT_EQ(problems(schema, R"({"b":1})"), "");
  EXPECT_EQ(problems(schema, R"({"b":1})", Strictness::kExact), "/b: not known");
}

}  // namespace
}  // namespace orderly::json_schema
