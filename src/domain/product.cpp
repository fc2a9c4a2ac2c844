#include "domain/product.h"

#include <algorithm>

namespace orderly::domain {

namespace {

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

}  // namespace

std::vector<json::Rule> json_rules(const Product*) {
  return {json::field("description").brief(), json::field("category").brief(), json::field("image").brief(),
          json::field("stock_buckets").brief()};
}

bool is_product_id(std::string_view text) {
  const auto allowed = [](char c) {
    return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' || c == '-';
  };
  return !text.empty() && text.size() <= limits::kIdMax && std::all_of(text.begin(), text.end(), allowed);
}

bool is_category_name(std::string_view text) {
  const auto allowed = [](char c) { return is_lower_or_digit(c) || c == '-'; };
  return !text.empty() && text.size() <= limits::kIdMax && std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace orderly::domain
