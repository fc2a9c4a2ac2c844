#include "engines/jwt/key_set.h"

#include <gtest/gtest.h>

#include <iostream>

#include "engines/jwt/test_http.h"

namespace orderly::jwt {
namespace {

using namespace orderly::jwt::testing;  // NOLINT(google-build-using-namespace)

void expect_keys(const KeySet& set, const boost::json::object& usable) {
  EXPECT_EQ(set.size(), usable.size());
  for (const auto& [kid, algorithm] : usable) {
    const PublicKey* key = set.find(kid);
    ASSERT_NE(key, nullptr) << kid;
    EXPECT_EQ(key->algorithm(), parse_algorithm(string_of(algorithm))) << kid;
  }
}

std::string slug_of_set(const std::string& text) {
  const std::optional<Error> failure = failure_of([&] { KeySet::parse(text); });
  return failure ? failure->slug() : "";
}

TEST(KeySet, EachOfTheFileGetsItsVerdict) {
  const boost::json::object file = read_cases("key_sets.json");
  std::size_t count = 0;
  for (const boost::json::value& each : file.at("cases").as_array()) {
    SCOPED_TRACE(string_of(each.at("name")));
    const std::string text = string_of(each.at("text"));
    if (each.at("usable").is_null()) {
      EXPECT_EQ(slug_of_set(text), "issuer-unavailable");
    } else {
      const std::optional<Error> failure =
          failure_of([&] { expect_keys(KeySet::parse(text), each.at("usable").as_object()); });
      EXPECT_FALSE(failure) << failure->what();
    }
    ++count;
  }
  std::cout << count << " key sets\n";
  EXPECT_EQ(count, static_cast<std::size_t>(file.at("count").as_int64()));
  EXPECT_GE(count, 120u);
}

std::string set_of_keys(std::size_t count) {
  const boost::json::value one = boost::json::parse(Tokens().key_set({"ec-1"}));
  boost::json::object key = one.at("keys").at(0).as_object();
  boost::json::array keys;
  for (std::size_t i = 0; i < count; ++i) {
    key["kid"] = "key-" + std::to_string(i);
    keys.push_back(key);
  }
  return boost::json::serialize(boost::json::object{{"keys", keys}});
}

TEST(KeySet, HasAtMostAHundredKeys) {
  EXPECT_EQ(KeySet::parse(set_of_keys(100)).size(), 100u);
  EXPECT_EQ(slug_of_set(set_of_keys(101)), "issuer-unavailable");
}

TEST(KeySet, HasAtMost128Kilobytes) {
  std::string text = set_of_keys(1);
  text.resize(kKeySetBytesMax, ' ');
  EXPECT_EQ(KeySet::parse(text).size(), 1u);
  EXPECT_EQ(slug_of_set(text + ' '), "issuer-unavailable");
}

TEST(KeySet, UnknownNameIsNone) {
  const KeySet set = KeySet::parse(set_of_keys(2));
  EXPECT_NE(set.find("key-1"), nullptr);
  EXPECT_EQ(set.find("key-2"), nullptr);
  EXPECT_EQ(set.find(""), nullptr);
}

}  // namespace
}  // namespace orderly::jwt
