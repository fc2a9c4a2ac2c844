// Bodies that only the API knows: of requests that hold nothing, and of what those who run the program ask it.
#pragma once

#include <string>
#include <vector>

#include "base/json_type.h"

namespace orderly::api {

struct Nothing {};
BOOST_DESCRIBE_STRUCT(Nothing, (), ())

struct HomeView {
  std::string name = "orderly";
  std::string version;
  std::vector<std::string> routes;
};
BOOST_DESCRIBE_STRUCT(HomeView, (), (name, version, routes))

struct HealthView {
  std::string status;
};
BOOST_DESCRIBE_STRUCT(HealthView, (), (status))

struct VersionView {
  std::string name = "orderly";
  std::string version;
};
BOOST_DESCRIBE_STRUCT(VersionView, (), (name, version))

}  // namespace orderly::api
