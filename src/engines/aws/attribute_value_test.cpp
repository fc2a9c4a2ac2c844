#include "engines/aws/attribute_value.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/error.h"

namespace orderly::aws {
namespace {

// The attributes as JSON, or "text" for a document that is kept as such.
std::string attributes(std::string_view document) {
  const std::optional<Item> item = to_attributes(document);
  return item ? boost::json::serialize(*item) : "text";
}

TEST(AttributeValue, MembersBecomeAttributesOfTheirTypes) {
  EXPECT_EQ(
      attributes(R"({"name":"Łódź","total":19998,"paid":true,"note":null,"lines":[{"sku":"1","n":-2}],"tags":[]})"),
      R"({"name":{"S":"Łódź"},"total":{"N":"19998"},"paid":{"BOOL":true},"note":{"NULL":true},)"
      R"("lines":{"L":[{"M":{"sku":{"S":"1"},"n":{"N":"-2"}}}]},"tags":{"L":[]}})");
  EXPECT_EQ(attributes("{}"), "{}");
}

TEST(AttributeValue, DocumentsComeBackToTheByteButForTheOrderOfMembers) {
  for (const std::string_view document :
       {R"({})", R"({"a":{"b":[1,[2,[]],{}]},"c":""})", R"({"big":9223372036854775807,"more":18446744073709551615})",
        R"({"least":-9223372036854775808,"longest":-99999999999999999999})", R"({"escapes":"\"\\\n\u0000\u001f/é😀"})",
        R"({"nested":{"_v":1,"pk":2,"ttl":3}})"}) {
    const std::optional<Item> item = to_attributes(document);
    ASSERT_TRUE(item) << document;
    EXPECT_EQ(to_document(*item), document);
  }
  EXPECT_EQ(to_document(to_attributes(R"({"b":1,"a":{"d":1,"c":2}})").value()), R"({"a":{"c":2,"d":1},"b":1})");
}

TEST(AttributeValue, WhatWouldNotComeBackStaysText) {
  for (const std::string_view document : {
           R"({"price":1.50})",
           R"({"n":1e3})",
           R"({"n":-0})",
           R"({"n":123456789012345678901})",  // numbers
           R"({ "a":1})",
           R"({"a":1} )",
           R"({"a":"\/"})",
           R"({"a":"\u0041"})",  // not as we write
           R"([1])",
           R"("text")",
           R"(1)",
           R"(null)",
           R"()",
           R"({"a":1)",
           R"(nonsense)",
           "{\"a\":\"\xff\"}",  // no object
           R"({"a":1,"a":1})",
           R"({"":1})",
           R"({"a":{"":1}})",  // names
           R"({"_v":1})",
           R"({"_anything":1})",
           R"({"pk":"x"})",
           R"({"sk":"x"})",
           R"({"ttl":1})",  // our own
       }) {
    EXPECT_EQ(attributes(document), "text") << document;
  }
  EXPECT_EQ(attributes("{\"" + std::string(256, 'n') + "\":1}"), "text");
}

std::string nested(std::size_t depth) {
  std::string document;
  for (std::size_t i = 1; i < depth; ++i) document += "{\"a\":";
  return document + "{}" + std::string(depth - 1, '}');
}

TEST(AttributeValue, DocumentsAre32LevelsDeepAtMost) {
  EXPECT_EQ(to_document(to_attributes(nested(32)).value()), nested(32));
  EXPECT_EQ(attributes(nested(33)), "text");
}

TEST(AttributeValue, WhatWouldGrowStaysText) {
  EXPECT_EQ(attributes(R"({"a":[1,2,3]})"), R"({"a":{"L":[{"N":"1"},{"N":"2"},{"N":"3"}]}})");
  std::string many = "{\"a\":[1";
  for (int i = 0; i < 1000; ++i) many += ",1";
  EXPECT_EQ(attributes(many + "]}"), "text");
}

TEST(AttributeValue, OurOwnAttributesAreNoMembers) {
  const Item item =
      boost::json::parse(R"({"pk":{"S":"A"},"sk":{"S":"B"},"_v":{"N":"1"},"ttl":{"N":"1"},"a":{"N":"2"}})").as_object();
  EXPECT_EQ(to_document(item), R"({"a":2})");
}

TEST(AttributeValue, LongBase64IsBinary) {
  const std::string sealed = std::string(62, 'q') + "==";  // "qg==" is how it would be written: not canonical
  EXPECT_EQ(attributes("{\"a\":\"" + sealed + "\"}"), "{\"a\":{\"S\":\"" + sealed + "\"}}");
  const std::string canonical = std::string(61, 'q') + "g==";
  EXPECT_EQ(attributes("{\"a\":\"" + canonical + "\"}"), "{\"a\":{\"B\":\"" + canonical + "\"}}");
  EXPECT_EQ(to_document(*to_attributes("{\"a\":\"" + canonical + "\"}")), "{\"a\":\"" + canonical + "\"}");
  const std::string almost = std::string(60, 'q');  // too short to matter
  EXPECT_EQ(attributes("{\"a\":\"" + almost + "\"}"), "{\"a\":{\"S\":\"" + almost + "\"}}");
}

TEST(AttributeValue, OtherTypesAreBroken) {
  for (const std::string_view text :
       {R"({"a":{"SS":["x"]}})", R"({"a":{"BS":["eA=="]}})", R"({"a":{}})", R"({"a":1})"}) {
    EXPECT_THROW(to_document(boost::json::parse(text).as_object()), Error) << text;
  }
}

}  // namespace
}  // namespace orderly::aws
