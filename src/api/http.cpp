#include "api/http.h"

#include <algorithm>

namespace orderly::api {

std::optional<std::string_view> Request::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::string_view method_name(Method method) {
  switch (method) {
    case Method::kGet: return "GET";
    case Method::kHead: return "HEAD";
    case Method::kPost: return "POST";
    case Method::kPut: return "PUT";
    case Method::kDelete: return "DELETE";
    case Method::kPatch: return "PATCH";
    case Method::kOptions: return "OPTIONS";
    case Method::kTrace: return "TRACE";
  }
  return "GET";
}

bool matches_tag(const Request& request, std::string_view tag) {
  const std::string_view tags = request.header("if-none-match").value_or("");
  return tags == "*" || tags.find(tag) != std::string_view::npos;
}

bool accepts_gzip(const Request& request) {
  std::string_view rest = request.header("accept-encoding").value_or("");
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    std::string coding;  // without spaces, in lower case
    for (const char c : rest.substr(0, end)) {
      if (c != ' ' && c != '\t') coding += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::size_t semicolon = std::min(coding.find(';'), coding.size());
    if (coding.substr(0, semicolon) != "gzip") continue;
    const std::string weight = coding.substr(semicolon);  // ";q=0", ";q=0.000": not acceptable
    return !weight.starts_with(";q=0") || weight.find_first_not_of("0.", 3) != std::string::npos;
  }
  return false;
}

}  // namespace orderly::api
