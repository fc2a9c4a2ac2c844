#include "api/router.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace orderly::api {

namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// A decoded segment, refusing what a file system, a proxy or a second decoding would read differently.
std::string decode_segment(std::string_view segment) {
  auto decoded = percent_decode(segment, false);
  if (!decoded) throw_invalid("", "The path is not properly percent-encoded UTF-8.");
  const bool is_dots = *decoded == "." || *decoded == "..";
  if (is_dots || decoded->find_first_of("/\\") != std::string::npos) {
    throw_invalid("", "The path holds an encoded slash or a dot segment.");
  }
  return *std::move(decoded);
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      decoded += ' ';
    } else if (text[i] != '%') {
      decoded += text[i];
    } else {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  if (decoded.find('\0') != std::string::npos || !is_valid_utf8(decoded)) return std::nullopt;
  return decoded;
}

Router::Router(std::vector<Route> routes) : routes_(std::move(routes)) {
  for (const Route& route : routes_) {
    std::vector<Segment>& segments = patterns_.emplace_back();
    for (const std::string_view part : split(route.pattern.substr(1), '/')) {
      if (part.starts_with('{')) {
        const std::size_t end = part.find('}');
        segments.push_back({part.substr(end + 1), part.substr(1, end - 1)});
      } else {
        segments.push_back({part, {}});
      }
    }
  }
}

Match Router::find(Method method, std::string_view path) const {
  std::vector<std::string> segments;
  for (const std::string_view part : split(path.substr(1), '/')) segments.push_back(decode_segment(part));
  const Method wanted = method == Method::kHead ? Method::kGet : method;

  Match match;
  for (std::size_t r = 0; r < routes_.size(); ++r) {
    const std::vector<Segment>& pattern = patterns_[r];
    if (pattern.size() != segments.size()) continue;
    bool fits = true;
    for (std::size_t i = 0; i < pattern.size() && fits; ++i) {
      const Segment& segment = pattern[i];
      fits = segment.name.empty()
                 ? segments[i] == segment.literal
                 : segments[i].size() > segment.literal.size() && segments[i].ends_with(segment.literal);
    }
    if (!fits) continue;
    if (std::find(match.allowed.begin(), match.allowed.end(), routes_[r].method) == match.allowed.end()) {
      match.allowed.push_back(routes_[r].method);
    }
    if (match.route != nullptr || routes_[r].method != wanted) continue;
    match.route = &routes_[r];
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      if (pattern[i].name.empty()) continue;
      match.parameters.emplace_back(pattern[i].name,
                                    segments[i].substr(0, segments[i].size() - pattern[i].literal.size()));
    }
  }
  return match;
}

}  // namespace orderly::api
