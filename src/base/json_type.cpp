#include "base/json_type.h"

#include <deque>
#include <mutex>

namespace orderly::json {

Rule::Rule() = default;
Rule::Rule(std::string_view named) : name(named) {}
Rule::Rule(const Rule&) = default;
Rule::Rule(Rule&&) noexcept = default;
Rule& Rule::operator=(const Rule&) = default;
Rule& Rule::operator=(Rule&&) noexcept = default;
Rule::~Rule() = default;

Rule&& Rule::alias(std::string_view other) && {
  aliases.push_back(other);
  return std::move(*this);
}
Rule&& Rule::range(std::int64_t low, std::int64_t high) && {
  minimum = low;
  maximum = high;
  return std::move(*this);
}
Rule&& Rule::text(std::size_t low, std::size_t high) && {
  length_min = low;
  length_max = high;
  return std::move(*this);
}
Rule&& Rule::items(std::size_t low, std::size_t high) && { return std::move(*this).text(low, high); }
Rule&& Rule::free_text() && {
  is_free_text = true;
  return std::move(*this);
}
Rule&& Rule::capitals() && {
  is_capitals = true;
  return std::move(*this);
}
Rule&& Rule::optional() && {
  required = false;
  return std::move(*this);
}
Rule&& Rule::brief() && {
  omit_empty = true;
  required = false;
  return std::move(*this);
}
Rule&& Rule::says(std::string_view text) && {
  description = text;
  return std::move(*this);
}

Type::Type() = default;
Type::Type(Type&&) noexcept = default;
Type::~Type() = default;

namespace detail {

void add_field(Type& type, std::string_view name, const Type& field_type, void* (*at)(void*), bool required) {
  type.fields.push_back({Rule(name), &field_type, at, required});
}

Type make_scalar(Kind kind) {
  Type type;
  type.kind = kind;
  return type;
}

Type make_array_of(const Type& element, void* (*append)(void*), std::size_t (*size)(const void*),
                   const void* (*item)(const void*, std::size_t)) {
  Type type = make_scalar(Kind::kArray);
  type.element = &element;
  type.append = append;
  type.size = size;
  type.item = item;
  return type;
}

Type make_nullable_of(const Type& element, void* (*engage)(void*), const void* (*value)(const void*)) {
  Type type = make_scalar(Kind::kNullable);
  type.element = &element;
  type.engage = engage;
  type.value = value;
  return type;
}

void apply_rules(std::vector<Field>& fields, std::vector<Rule> rules) {
  ORDERLY_ASSERT(fields.size() <= 64);  // the reader keeps what it has seen in one word
  for (Rule& rule : rules) {
    bool found = false;
    for (Field& field : fields) {
      if (field.rule.name != rule.name) continue;
      if (rule.required) field.required = *rule.required;
      const std::string_view name = field.rule.name;
      field.rule = std::move(rule);
      field.rule.name = name;
      found = true;
      break;
    }
    ORDERLY_ASSERT(found);
  }
}

std::string_view list_of_values(const std::vector<std::string_view>& values) {
  static std::mutex mutex;
  static std::deque<std::string> kept;
  std::string text = "one of ";
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) text += ", ";
    text += values[i];
  }
  const std::lock_guard lock(mutex);
  return kept.emplace_back(std::move(text));
}

}  // namespace detail

}  // namespace orderly::json
