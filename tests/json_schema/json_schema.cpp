#include "tests/json_schema/json_schema.h"

#include <algorithm>
#include <boost/json.hpp>
#include <functional>
#include <map>
#include <regex>

#include "base/text.h"
#include "base/time.h"

namespace orderly::json_schema {

namespace {

using boost::json::value;

std::string_view text_of(const value& text) { return {text.as_string().data(), text.as_string().size()}; }

bool has_type(const value& instance, std::string_view type) {
  if (type == "null") return instance.is_null();
  if (type == "boolean") return instance.is_bool();
  if (type == "integer") return instance.is_int64() || instance.is_uint64();
  if (type == "number") return instance.is_number();
  if (type == "string") return instance.is_string();
  if (type == "array") return instance.is_array();
  return type == "object" && instance.is_object();
}

// Patterns are of code points, not bytes.
std::wstring code_points(std::string_view utf8) {
  std::wstring points;
  for (std::size_t i = 0; i < utf8.size();) {
    const auto lead = static_cast<unsigned char>(utf8[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    std::uint32_t point = length == 1 ? lead : lead & (0xffU >> (length + 1));
    for (std::size_t j = 1; j < length; ++j) point = point << 6 | (static_cast<unsigned char>(utf8[i + j]) & 0x3fU);
    points += static_cast<wchar_t>(point);
    i += length;
  }
  return points;
}

bool matches(std::string_view pattern, std::string_view text) {
  static std::map<std::string, std::wregex, std::less<>> known;
  auto found = known.find(pattern);
  if (found == known.end()) found = known.emplace(pattern, std::wregex(code_points(pattern))).first;
  return std::regex_search(code_points(text), found->second);
}

bool has_format(std::string_view format, std::string_view text) {
  const bool is_day = text.size() == std::string_view("2026-11-20").size();
  if (format == "date-time") return parse_time(text) && !is_day;
  if (format == "date") return parse_time(text) && is_day;
  return false;
}

}  // namespace

struct Checker::Checking {
  const Checker& checker;
  Strictness strictness;
  std::string found{};

  void report(const std::string& where, std::string_view keyword) {
    found += (found.empty() ? "" : "\n") + where + ": " + std::string(keyword);
  }
  bool fits(const value& schema, const value& instance) const {
    return checker.problems(schema, instance, strictness).empty();
  }
  std::size_t count_fits(const value& schemas, const value& instance) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(schemas.as_array(), [&](const value& each) { return fits(each, instance); }));
  }

  void check(const value& schema, const value& instance, const std::string& where) {
    for (const auto& [keyword, rule] : schema.as_object()) {
      const std::string_view name(keyword.data(), keyword.size());
      if (!check_whole(name, rule, instance)) report(where, name);
      check_parts(name, rule, instance, where);
    }
    if (const auto* type = schema.as_object().if_contains("type")) {
      const bool is_closed = strictness == Strictness::kExact && *type == "object";
      if (is_closed && schema.as_object().contains("properties")) check_no_others(schema, instance, where);
    }
    if (const auto* others = schema.as_object().if_contains("additionalProperties")) {
      if (!others->is_bool() || others->as_bool()) report(where, "additionalProperties is not false");
      check_no_others(schema, instance, where);
    }
  }

  void check_no_others(const value& schema, const value& instance, const std::string& where) {
    if (!instance.is_object()) return;
    for (const auto& [key, member] : instance.as_object()) {
      if (!schema.at("properties").as_object().contains(key)) report(where + "/" + std::string(key), "not known");
    }
  }

  // Whether it keeps to a keyword that is about the value as a whole.
  bool check_whole(std::string_view keyword, const value& rule, const value& instance) {
    if (keyword == "type") {
      if (rule.is_string()) return has_type(instance, text_of(rule));
      return std::ranges::any_of(rule.as_array(), [&](const value& each) { return has_type(instance, text_of(each)); });
    }
    if (keyword == "enum") return std::ranges::find(rule.as_array(), instance) != rule.as_array().end();
    if (keyword == "anyOf") return count_fits(rule, instance) > 0;
    if (keyword == "oneOf") return count_fits(rule, instance) == 1;
    if (keyword == "not") return !fits(rule, instance);
    if (instance.is_int64()) return check_number(keyword, rule, instance.as_int64());
    if (instance.is_string()) return check_text(keyword, rule, text_of(instance));
    if (instance.is_array()) {
      if (keyword == "minItems") return instance.as_array().size() >= rule.to_number<std::size_t>();
      if (keyword == "maxItems") return instance.as_array().size() <= rule.to_number<std::size_t>();
    }
    static constexpr std::string_view kOthers[] = {
        "$ref",        "allOf",     "properties", "required", "items",   "additionalProperties",
        "description", "format",    "pattern",    "minimum",  "maximum", "minItems",
        "minLength",   "maxLength", "maxItems"};
    return std::ranges::find(kOthers, keyword) != std::end(kOthers);
  }

  static bool check_number(std::string_view keyword, const value& rule, std::int64_t number) {
    if (keyword == "minimum") return number >= rule.to_number<std::int64_t>();
    if (keyword == "maximum") return number <= rule.to_number<std::int64_t>();
    return true;
  }
  static bool check_text(std::string_view keyword, const value& rule, std::string_view text) {
    if (keyword == "minLength") return utf8_length(text) >= rule.to_number<std::size_t>();
    if (keyword == "maxLength") return utf8_length(text) <= rule.to_number<std::size_t>();
    if (keyword == "pattern") return matches(text_of(rule), text);
    if (keyword == "format") return has_format(text_of(rule), text);
    return true;
  }

  // Keywords that lead to further schemas.
  void check_parts(std::string_view keyword, const value& rule, const value& instance, const std::string& where) {
    if (keyword == "$ref") {
      const value* target = checker.find(text_of(rule));
      target == nullptr ? report(where, "$ref leads nowhere") : check(*target, instance, where);
    } else if (keyword == "allOf") {
      for (const value& each : rule.as_array()) check(each, instance, where);
    } else if (keyword == "items" && instance.is_array()) {
      for (std::size_t i = 0; i < instance.as_array().size(); ++i) {
        check(rule, instance.as_array()[i], where + "/" + std::to_string(i));
      }
    } else if (keyword == "properties" && instance.is_object()) {
      for (const auto& [key, schema] : rule.as_object()) {
        const value* member = instance.as_object().if_contains(key);
        if (member != nullptr) check(schema, *member, where + "/" + std::string(key));
      }
    } else if (keyword == "required" && instance.is_object()) {
      for (const value& each : rule.as_array()) {
        if (!instance.as_object().contains(each.as_string())) {
          report(where + "/" + std::string(text_of(each)), "required");
        }
      }
    }
  }
};

std::string Checker::problems(const value& schema, const value& instance, Strictness strictness) const {
  Checking checking{*this, strictness};
  checking.check(schema, instance, "");
  return std::move(checking.found);
}

const value* Checker::find(std::string_view reference) const {
  if (!reference.starts_with("#/")) return nullptr;
  boost::json::error_code error;
  return document_.find_pointer(reference.substr(1), error);
}

}  // namespace orderly::json_schema
