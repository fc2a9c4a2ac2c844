#include "api/answer_examples.h"

#include <boost/json.hpp>

namespace orderly::embedded {
std::string_view answer_examples();
}  // namespace orderly::embedded

namespace orderly::api {

std::string example_name(std::string_view operation, int status, std::string_view media_type) {
  return std::string(operation) + " " + std::to_string(status) + " " + std::string(media_type);
}

const boost::json::object& answer_examples() {
  static const boost::json::value examples = boost::json::parse(embedded::answer_examples());
  return examples.as_object();
}

}  // namespace orderly::api
