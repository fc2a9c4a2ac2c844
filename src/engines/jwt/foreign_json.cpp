#include "engines/jwt/foreign_json.h"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/error.hpp>
#include <boost/json/value_stack.hpp>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"

namespace orderly::jwt {
namespace {

using boost::json::error_code;
using boost::json::string_view;

// What Boost.JSON's own parser does, which lets the last member of a name win, but for that.
class Builder {
 public:
  // Constants that basic_parser asks of its handler: callers limit the whole text.
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  Builder() { values_.reset(); }
  boost::json::value release() { return values_.release(); }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return names_.emplace_back(), true; }
  bool on_object_end(std::size_t count, error_code&) {
    names_.pop_back();
    values_.push_object(count);
    return true;
  }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(std::size_t count, error_code&) { return values_.push_array(count), true; }
  bool on_key_part(string_view part, std::size_t, error_code&) {
    name_.append(part.data(), part.size());
    values_.push_chars(part);
    return true;
  }
  bool on_key(string_view part, std::size_t, error_code& error) {
    name_.append(part.data(), part.size());
    const bool is_new = names_.back().insert(std::exchange(name_, {})).second;
    if (!is_new) error = boost::json::error::syntax;
    values_.push_key(part);
    return is_new;
  }
  bool on_string_part(string_view part, std::size_t, error_code&) { return values_.push_chars(part), true; }
  bool on_string(string_view part, std::size_t, error_code&) { return values_.push_string(part), true; }
  bool on_number_part(string_view, error_code&) { return true; }
  bool on_int64(std::int64_t value, string_view, error_code&) { return values_.push_int64(value), true; }
  bool on_uint64(std::uint64_t value, string_view, error_code&) { return values_.push_uint64(value), true; }
  bool on_double(double value, string_view, error_code&) { return values_.push_double(value), true; }
  bool on_bool(bool value, error_code&) { return values_.push_bool(value), true; }
  bool on_null(error_code&) { return values_.push_null(), true; }
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }

 private:
  boost::json::value_stack values_;
  std::vector<std::set<std::string>> names_;  // of each object that is open
  std::string name_;                          // the parts of the current one so far
};

}  // namespace

std::optional<boost::json::object> parse_object(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = limits::kJsonDepthMax;
  boost::json::basic_parser<Builder> parser(options);
  error_code error;
  const std::size_t consumed = parser.write_some(false, text.data(), text.size(), error);
  if (error || consumed != text.size()) return std::nullopt;
  boost::json::value document = parser.handler().release();
  if (!document.is_object()) return std::nullopt;
  return std::move(document.as_object());
}

std::optional<std::string_view> text_of(const boost::json::value& value) {
  const boost::json::string* text = value.if_string();
  if (text == nullptr) return std::nullopt;
  return std::string_view(text->data(), text->size());
}

std::optional<std::string_view> text_of(const boost::json::object& object, std::string_view name) {
  const boost::json::value* value = object.if_contains(name);
  return value == nullptr ? std::nullopt : text_of(*value);
}

}  // namespace orderly::jwt
