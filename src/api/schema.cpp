#include "api/schema.h"

#include <boost/json.hpp>
#include <limits>

#include "base/error.h"

namespace orderly::api {

namespace {

using boost::json::array;
using boost::json::object;
using json::Field;
using json::Kind;
using json::Rule;
using json::Type;

constexpr std::string_view kReference = "#/components/schemas/";
// What text.h calls control characters, as the reader refuses them.
constexpr std::string_view kNoControlCharacters = R"(^[^\u0000-\u001f\u007f-\u009f]*$)";
constexpr std::string_view kCapitals = "^[A-Z]*$";

std::string_view unqualified(std::string_view name) {
  const std::size_t colons = name.rfind("::");
  return colons == std::string_view::npos ? name : name.substr(colons + 2);
}

array array_of(const std::vector<std::string_view>& texts) {
  array items;
  for (const std::string_view text : texts) items.emplace_back(text);
  return items;
}

object integer(const Rule& rule) {
  object schema{{"type", "integer"}, {"format", "int64"}};
  if (rule.minimum != std::numeric_limits<std::int64_t>::min()) schema["minimum"] = rule.minimum;
  if (rule.maximum != std::numeric_limits<std::int64_t>::max()) schema["maximum"] = rule.maximum;
  return schema;
}

void add_lengths(object& schema, const Rule& rule, std::string_view minimum, std::string_view maximum) {
  if (rule.length_min > 0) schema[minimum] = rule.length_min;
  if (rule.length_max != std::numeric_limits<std::size_t>::max()) schema[maximum] = rule.length_max;
}

object string(const Rule& rule, Use use) {
  object schema{{"type", "string"}};
  add_lengths(schema, rule, "minLength", "maxLength");
  if (use == Use::kRequest) schema["pattern"] = rule.is_capitals ? kCapitals : kNoControlCharacters;
  return schema;
}

object text(const Type& type, Use use) {
  object schema{{"type", "string"}};
  if (!type.pattern.empty()) schema["pattern"] = type.pattern;
  if (!type.values.empty()) schema["enum"] = array_of(type.values);
  if (type.formats.size() == 1 || (use == Use::kAnswer && !type.formats.empty())) {
    schema["format"] = type.formats.front();
  } else if (!type.formats.empty()) {
    array forms;
    for (const std::string_view format : type.formats) forms.push_back(object{{"format", format}});
    schema["anyOf"] = std::move(forms);
  }
  return schema;
}

// All spellings of a field, its own first.
std::vector<std::string_view> spellings(const Rule& rule) {
  std::vector<std::string_view> names{rule.name};
  names.insert(names.end(), rule.aliases.begin(), rule.aliases.end());
  return names;
}

object requires_all(const std::vector<std::string_view>& names) { return {{"required", array_of(names)}}; }

// Exactly one of the spellings of a field that is required, at most one of another's.
object one_spelling(const Field& field) {
  const std::vector<std::string_view> names = spellings(field.rule);
  array cases;
  if (field.required) {
    for (const std::string_view name : names) cases.push_back(requires_all({name}));
    return {{"oneOf", std::move(cases)}};
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    for (std::size_t j = i + 1; j < names.size(); ++j) cases.push_back(requires_all({names[i], names[j]}));
  }
  return {{"not", object{{"anyOf", std::move(cases)}}}};
}

void describe(object& schema, const Rule& rule) {
  std::string text(rule.description);
  if (rule.is_free_text) text += (text.empty() ? "" : " ") + std::string("Must not hold a card number.");
  if (!text.empty()) schema["description"] = text;
}

}  // namespace

std::string schema_name(std::string_view type_name) {
  const std::size_t bracket = type_name.find('<');
  if (bracket != std::string_view::npos) {
    const std::string_view inner = type_name.substr(bracket + 1, type_name.rfind('>') - bracket - 1);
    return schema_name(inner) + std::string(unqualified(type_name.substr(0, bracket)));
  }
  constexpr std::string_view kView = "View";
  std::string_view name = unqualified(type_name);
  if (name.ends_with(kView) && name != kView) name.remove_suffix(kView.size());
  return std::string(name);
}

object or_null(object schema) {
  if (!schema.contains("type")) return {{"anyOf", array{std::move(schema), object{{"type", "null"}}}}};
  schema["type"] = array{schema["type"], "null"};
  if (auto* values = schema.if_contains("enum")) values->as_array().emplace_back(nullptr);
  if (auto* forms = schema.if_contains("anyOf")) forms->as_array().push_back(object{{"type", "null"}});
  return schema;
}

object Schemas::of(const Type& type, Use use) { return of(type, Rule{}, use); }

object Schemas::of(const Type& type, const Rule& rule, Use use) {
  switch (type.kind) {
    case Kind::kBoolean: return {{"type", "boolean"}};
    case Kind::kInteger: return integer(rule);
    case Kind::kString: return string(rule, use);
    case Kind::kDecimal: return {{"type", "number"}};
    case Kind::kText: return type.name.empty() ? text(type, use) : reference(type, use);
    case Kind::kObject: return reference(type, use);
    case Kind::kArray: {
      object schema{{"type", "array"}, {"items", of(*type.element, use)}};
      add_lengths(schema, rule, "minItems", "maxItems");
      return schema;
    }
    case Kind::kNullable: {
      object schema = of(*type.element, rule, use);
      const bool is_never_null = use == Use::kAnswer && rule.omit_empty;  // it is left out instead
      return is_never_null ? schema : or_null(std::move(schema));
    }
  }
  return {};
}

object Schemas::reference(const Type& type, Use use) {
  std::string name = schema_name(type.name);
  const auto [entry, is_new] = named_.try_emplace(name, Named{&type, {}});
  ORDERLY_ASSERT(entry->second.type == &type);  // two types of one name: give one of them another
  if (is_new) {
    object schema = type.kind == Kind::kObject ? describe_object(type, use) : text(type, use);
    named_.at(name).schema = std::move(schema);
  }
  return {{"$ref", std::string(kReference) + name}};
}

object Schemas::describe_object(const Type& type, Use use) {
  object properties;
  array required;
  array spelled;
  for (const Field& field : type.fields) {
    const Rule& rule = field.rule;
    object value = of(*field.type, rule, use);
    describe(value, rule);
    const bool has_aliases = use == Use::kRequest && !rule.aliases.empty();
    const bool is_required = use == Use::kRequest ? field.required && !has_aliases : !rule.omit_empty;
    if (is_required) required.emplace_back(rule.name);
    properties[rule.name] = value;
    if (!has_aliases) continue;
    spelled.push_back(one_spelling(field));
    value["description"] = "Another spelling of " + std::string(rule.name) + ".";
    for (const std::string_view alias : rule.aliases) properties[alias] = value;
  }
  object schema{{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) schema["required"] = std::move(required);
  if (!spelled.empty()) schema["allOf"] = std::move(spelled);
  if (use == Use::kRequest) schema["additionalProperties"] = false;
  return schema;
}

object Schemas::take_named() && {
  object schemas;
  for (auto& [name, named] : named_) schemas[name] = std::move(named.schema);
  return schemas;
}

}  // namespace orderly::api
