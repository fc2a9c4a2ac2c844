// For tests: what is kept of answers as examples in the API's document.
#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <string_view>

#include "api/http.h"
#include "api/problem.h"
#include "api/router.h"

namespace orderly::api {

// What is bytes, or read by browsers alone, has none.
inline bool has_example(std::string_view media_type) {
  return media_type == kJsonType || media_type == "text/plain" || media_type == "text/event-stream";
}

// What is shown of it: of a list the first row, of this very document its beginning.
inline boost::json::value shown(const Route& route, const Response& response, std::string_view content_type) {
  if (!content_type.ends_with("json")) return boost::json::value(response.body);
  boost::json::value example = boost::json::parse(response.body);
  boost::json::object& members = example.as_object();
  if (boost::json::value* rows = members.if_contains("data"); rows != nullptr && rows->as_array().size() > 1) {
    rows->as_array().resize(1);
  }
  if (route.operation.id == "get_openapi") {
    members = {{"openapi", members.at("openapi")}, {"info", members.at("info")}, {"paths", boost::json::object{}}};
  }
  return example;
}

// One line for each, so that a change shows what changed.
inline void write_examples(const boost::json::object& examples, const char* file) {
  std::ofstream out(file);
  const char* before = "{\n  ";
  for (const auto& [name, example] : examples) {
    out << before << boost::json::serialize(name) << ": " << boost::json::serialize(example);
    before = ",\n  ";
  }
  out << "\n}\n";
  ASSERT_TRUE(out.flush().good()) << file;
}

}  // namespace orderly::api
