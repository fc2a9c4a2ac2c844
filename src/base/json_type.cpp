#include "base/json_type.h"

#include <deque>
#include <mutex>

namespace orderly::json::detail {

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

}  // namespace orderly::json::detail
