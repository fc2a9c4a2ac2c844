#include "api/condition.h"

#include <boost/json.hpp>

#include "base/error.h"

namespace orderly::api {

namespace {

using boost::json::array;
using boost::json::object;
using json::Field;
using json::Kind;
using json::Type;

const Field& field_of(const Type& type, std::string_view name) {
  const auto found = std::ranges::find(type.fields, name, [](const Field& field) { return field.rule.name; });
  ORDERLY_ASSERT(found != type.fields.end());
  return *found;
}

const Type& without_null(const Type& type) { return type.kind == Kind::kNullable ? *type.element : type; }

std::vector<std::string_view> spellings(const Field& field) {
  std::vector<std::string_view> names{field.rule.name};
  names.insert(names.end(), field.rule.aliases.begin(), field.rule.aliases.end());
  return names;
}

object is_given(const Type& type, std::string_view name) {
  const Field& field = field_of(type, name);
  const bool is_flag = without_null(*field.type).kind == Kind::kBoolean;
  array cases;
  for (const std::string_view spelling : spellings(field)) {
    const object value = is_flag ? object{{"enum", array{true}}} : object{{"not", object{{"type", "null"}}}};
    cases.push_back(object{{"required", array{spelling}}, {"properties", object{{spelling, value}}}});
  }
  if (cases.size() == 1) return cases.front().as_object();
  return {{"anyOf", std::move(cases)}};
}

object one_of_these(std::string_view keyword, const Type& type, const std::vector<std::string_view>& fields) {
  array cases;
  for (const std::string_view field : fields) cases.push_back(is_given(type, field));
  return {{keyword, std::move(cases)}};
}

object no(object schema) { return {{"not", std::move(schema)}}; }
object both(object first, object second) { return {{"allOf", array{std::move(first), std::move(second)}}}; }

object with_property(const Type& type, std::string_view name, const object& schema) {
  object properties;
  for (const std::string_view spelling : spellings(field_of(type, name))) properties[spelling] = schema;
  return {{"properties", std::move(properties)}};
}

}  // namespace

Condition exactly_one_of(std::vector<std::string_view> fields) {
  return {[fields = std::move(fields)](const Type& body) { return one_of_these("oneOf", body, fields); }, true};
}

Condition at_least_one_of(std::vector<std::string_view> fields) {
  return {[fields = std::move(fields)](const Type& body) { return one_of_these("anyOf", body, fields); }, true};
}

Condition not_together(std::string_view field, std::string_view other) {
  return {[=](const Type& body) { return no(both(is_given(body, field), is_given(body, other))); }};
}

Condition given_just_when(std::string_view field, std::string_view other, std::string_view value) {
  return {[=](const Type& body) {
    const object is_value =
        both(is_given(body, other), with_property(body, other, {{"enum", array{boost::json::string(value)}}}));
    const object is_there = is_given(body, field);
    return object{{"oneOf", array{both(is_value, is_there), both(no(is_value), no(is_there))}}};
  }};
}

Condition matches(std::string_view field, std::string_view pattern) {
  return {[=](const Type& body) { return with_property(body, field, {{"pattern", pattern}}); }};
}

Condition items_are_of(std::string_view field, std::vector<std::string> values) {
  return {[field, values = std::move(values)](const Type& body) {
    array all;
    for (const std::string& value : values) all.emplace_back(value);
    // The types are in the body's own schema, but makers of clients look no further than this one.
    const bool is_nullable = field_of(body, field).type->kind == Kind::kNullable;
    const boost::json::value type = is_nullable ? boost::json::value(array{"array", "null"}) : "array";
    return with_property(body, field,
                         {{"type", type}, {"items", object{{"type", "string"}, {"enum", std::move(all)}}}});
  }};
}

}  // namespace orderly::api
