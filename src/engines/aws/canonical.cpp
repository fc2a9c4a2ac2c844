#include "engines/aws/canonical.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include "base/text.h"

namespace orderly::aws {
namespace {

constexpr std::string_view kUnreserved =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";  // RFC 3986 section 2.3

constexpr std::array<std::string_view, 6> kNeverSigned = {"authorization", "connection",        "expect",
                                                          "user-agent",    "transfer-encoding", "x-amzn-trace-id"};

// What is no %XX stays as it is.
std::string percent_decode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_escape = text[i] == '%' && i + 2 < text.size();
    const auto byte = is_escape ? from_hex(text.substr(i + 1, 2)) : std::nullopt;
    decoded += byte ? byte->front() : text[i];
    if (byte) i += 2;
  }
  return decoded;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

// RFC 3986 section 5.2.4, without empty segments, and with a slash at the end only if there was one, as the SDKs have
// it.
std::string normalize(std::string_view path) {
  std::vector<std::string_view> kept;
  for (const std::string_view segment : split(path, '/')) {
    if (segment.empty() || segment == ".") continue;
    if (segment != "..") {
      kept.push_back(segment);
    } else if (!kept.empty()) {
      kept.pop_back();
    }
  }
  std::string normal;
  for (const std::string_view segment : kept) normal.append("/").append(segment);
  return normal.empty() || path.ends_with('/') ? normal + '/' : normal;
}

// Without white space at the ends, and runs of it, line ends of folded headers included, as one space.
std::string trimmed(std::string_view value) {
  std::string result;
  for (const char c : value) {
    const bool is_space = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (!is_space) {
      result += c;
    } else if (!result.empty() && result.back() != ' ') {
      result += ' ';
    }
  }
  if (result.ends_with(' ')) result.pop_back();
  return result;
}

bool is_signed(std::string_view name, const Scope& scope) {
  if (name == "x-amz-security-token") return scope.signs_session_token;
  return std::ranges::find(kNeverSigned, name) == kNeverSigned.end();
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string uri_encode(std::string_view text, bool keep_slashes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    if (kUnreserved.find(c) != std::string_view::npos || (keep_slashes && c == '/')) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return encoded;
}

std::string canonical_path(std::string_view path, PathRule rule) {
  if (rule == PathRule::kEncodedTwice) return uri_encode(normalize(path), true);
  // What was sent, if that was encoded as uri_encode does.
  std::string canonical;
  for (const std::string_view segment : split(path, '/')) canonical += '/' + uri_encode(percent_decode(segment));
  return path.empty() ? "/" : canonical.substr(1);  // a path begins with '/'
}

std::string canonical_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> parameters;
  for (const std::string_view parameter : split(query, '&')) {
    if (parameter.empty()) continue;
    const std::size_t equals = std::min(parameter.find('='), parameter.size());
    const std::string_view value = parameter.substr(std::min(equals + 1, parameter.size()));
    parameters.emplace_back(uri_encode(percent_decode(parameter.substr(0, equals))), uri_encode(percent_decode(value)));
  }
  std::ranges::sort(parameters);
  std::string canonical;
  for (const auto& [name, value] : parameters) {
    if (!canonical.empty()) canonical += '&';
    canonical += name + '=' + value;
  }
  return canonical;
}

CanonicalHeaders canonical_headers(const https::Request& request, const Scope& scope) {
  std::map<std::string, std::string> headers = {{"host", request.endpoint.host_header()}};
  for (const auto& [name, value] : request.headers) {
    const std::string lower = lower_case(name);
    if (!is_signed(lower, scope)) continue;
    const auto [place, is_new] = headers.try_emplace(lower, trimmed(value));
    if (!is_new) place->second += ',' + trimmed(value);
  }
  CanonicalHeaders canonical;
  for (const auto& [name, value] : headers) {
    canonical.lines += name + ':' + value + '\n';
    canonical.names += (canonical.names.empty() ? "" : ";") + name;
  }
  return canonical;
}

}  // namespace orderly::aws
