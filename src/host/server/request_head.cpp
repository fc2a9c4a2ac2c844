#include "host/server/request_head.h"

#include <array>
#include <charconv>

#include "base/limits.h"
#include "host/server/byte_class.h"

namespace orderly::server {

namespace {

using Fault = std::optional<HttpFault>;

constexpr std::string_view kCrlf = "\r\n";
constexpr std::size_t kContentLengthDigitsMax = 18;  // fits 64 bits; what is too large for us is refused later, by 413

HttpFault malformed(std::string_view detail) { return {400, "malformed-request", detail}; }
constexpr HttpFault kTargetTooLong{414, "target-too-long", "The request line is longer than 8 KiB."};
constexpr HttpFault kHeadTooLarge{431, "headers-too-large", "The headers are larger than 16 KiB."};
constexpr HttpFault kTooManyFields{431, "headers-too-large", "There are more than 100 header fields."};

// Those of RFC 9110 and RFC 5789 but CONNECT, whose target is no path. Which of them a path answers is the API's to
// say.
constexpr std::array<std::pair<std::string_view, api::Method>, 8> kMethods = {{{"GET", api::Method::kGet},
                                                                               {"HEAD", api::Method::kHead},
                                                                               {"POST", api::Method::kPost},
                                                                               {"PUT", api::Method::kPut},
                                                                               {"DELETE", api::Method::kDelete},
                                                                               {"PATCH", api::Method::kPatch},
                                                                               {"OPTIONS", api::Method::kOptions},
                                                                               {"TRACE", api::Method::kTrace}}};

// What has been seen of the fields that may come once.
struct Seen {
  bool host = false;
  bool content_length = false;
  bool transfer_encoding = false;
  bool expect = false;
  bool connection_close = false;
  bool connection_keep_alive = false;
};

// --- The request line
// -------------------------------------------------------------------------------------------------

Fault check_target(std::string_view target) {
  if (target.empty() || target.front() != '/') return malformed("The target must be a path that begins with '/'.");
  for (std::size_t i = 0; i < target.size(); ++i) {
    if (!is(kTargetByte, target[i])) return malformed("The target holds a character that must be percent-encoded.");
    if (target[i] != '%') continue;
    if (target.size() - i < 3 || !is(kHexByte, target[i + 1]) || !is(kHexByte, target[i + 2])) {
      return malformed("The target holds a '%' without two hexadecimal digits.");
    }
  }
  return std::nullopt;
}

// "HTTP/" DIGIT "." DIGIT
bool is_version(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return text.size() == 8 && text.starts_with("HTTP/") && is_digit(text[5]) && text[6] == '.' && is_digit(text[7]);
}

Fault parse_request_line(std::string_view line, RequestHead& head) {
  const std::size_t method_end = line.find(' ');
  const std::size_t target_end = line.rfind(' ');
  if (method_end == 0 || target_end == std::string_view::npos || target_end <= method_end + 1) {
    return malformed("The request line is not a method, a target and a version with one space between them.");
  }
  const std::string_view method = line.substr(0, method_end);
  const std::string_view version = line.substr(target_end + 1);
  if (!all_are(kTokenByte, method) || !is_version(version)) {
    return malformed("The request line is not a method, a target and a version with one space between them.");
  }
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return HttpFault{505, "http-version-not-supported", "Only HTTP/1.1 and HTTP/1.0 are spoken here."};
  }
  head.is_http_1_0 = version.back() == '0';

  const auto known = std::find_if(kMethods.begin(), kMethods.end(), [&](const auto& m) { return m.first == method; });
  if (known == kMethods.end()) return HttpFault{501, "method-not-implemented", "No such method is known here."};
  head.method = known->second;
  head.target = line.substr(method_end + 1, target_end - method_end - 1);
  return check_target(head.target);
}

// --- The fields that decide how the request is read ------------------------------------------------------------------

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && text.size() <= 5 && port <= 65535;
}

// A name, an IPv4 address or an IPv6 address in brackets, and perhaps a port. Stricter than RFC 3986: no
// percent-encoding, no sub-delims.
bool is_host(std::string_view text) {
  std::size_t host_end = 0;
  if (text.starts_with('[')) {
    host_end = text.find(']');
    if (host_end == std::string_view::npos || host_end < 3) return false;
    const std::string_view address = text.substr(1, host_end - 1);
    if (address.find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos) return false;
    ++host_end;
  } else {
    host_end = std::min(text.find(':'), text.size());
    if (host_end == 0 || !all_are(kHostByte, text.substr(0, host_end))) return false;
  }
  const std::string_view rest = text.substr(host_end);
  return rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
}

Fault take_host(std::string_view value, Seen& seen) {
  if (seen.host) return malformed("There is more than one Host field.");
  seen.host = true;
  if (!is_host(value)) return malformed("The Host field is not a host.");
  return std::nullopt;
}

Fault take_content_length(std::string_view value, RequestHead& head, Seen& seen) {
  if (seen.content_length) return malformed("There is more than one Content-Length field.");
  seen.content_length = true;
  const bool digits = !value.empty() && value.find_first_not_of("0123456789") == std::string_view::npos;
  if (!digits) return malformed("The Content-Length is not a number.");
  if (value.size() > kContentLengthDigitsMax) return malformed("The Content-Length is too large a number.");
  std::from_chars(value.data(), value.data() + value.size(), head.content_length);
  return std::nullopt;
}

Fault take_transfer_encoding(std::string_view value, RequestHead& head, Seen& seen) {
  if (seen.transfer_encoding) return malformed("There is more than one Transfer-Encoding field.");
  seen.transfer_encoding = true;
  if (!equals_ignoring_case(value, "chunked")) return malformed("The only Transfer-Encoding known here is 'chunked'.");
  head.is_chunked = true;
  return std::nullopt;
}

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

Fault take_connection(std::string_view value, Seen& seen) {
  while (!value.empty()) {
    const std::size_t comma = std::min(value.find(','), value.size());
    const std::string_view option = trim(value.substr(0, comma));
    if (!all_are(kTokenByte, option)) return malformed("The Connection field is not a list of options.");
    seen.connection_close |= equals_ignoring_case(option, "close");
    seen.connection_keep_alive |= equals_ignoring_case(option, "keep-alive");
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
  return std::nullopt;
}

Fault take_expect(std::string_view value, RequestHead& head, Seen& seen) {
  if (seen.expect || !equals_ignoring_case(value, "100-continue")) {
    return HttpFault{417, "expectation-failed", "The only expectation known here is '100-continue'."};
  }
  seen.expect = true;
  head.expects_continue = true;
  return std::nullopt;
}

Fault take_field(const RequestHead::Field& field, RequestHead& head, Seen& seen) {
  switch (field.name.size()) {
    case 4:
      if (equals_ignoring_case(field.name, "host")) return take_host(field.value, seen);
      break;
    case 6:
      if (equals_ignoring_case(field.name, "expect")) return take_expect(field.value, head, seen);
      break;
    case 10:
      if (equals_ignoring_case(field.name, "connection")) return take_connection(field.value, seen);
      break;
    case 14:
      if (equals_ignoring_case(field.name, "content-length")) return take_content_length(field.value, head, seen);
      break;
    case 17:
      if (equals_ignoring_case(field.name, "transfer-encoding")) return take_transfer_encoding(field.value, head, seen);
      break;
    default: break;
  }
  return std::nullopt;
}

// --- Fields
// -----------------------------------------------------------------------------------------------------------

Fault parse_field(std::string_view line, RequestHead& head, Seen& seen) {
  if (line.front() == ' ' || line.front() == '\t') return malformed("A header field is folded over several lines.");
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return malformed("A header field has no colon.");
  const RequestHead::Field field{line.substr(0, colon), trim(line.substr(colon + 1))};
  if (field.name.empty()) return malformed("A header field has no name.");
  if (!all_are(kTokenByte, field.name))
    return malformed("A header field's name holds a space or another bad character.");
  if (!all_are(kValueByte, field.value)) return malformed("A header field holds a control character.");
  head.fields.push_back(field);
  return take_field(field, head, seen);
}

Fault check_together(RequestHead& head, const Seen& seen) {
  if (!seen.host && !head.is_http_1_0) return malformed("There is no Host field.");
  if (seen.transfer_encoding && seen.content_length) {
    return malformed("There are both a Content-Length and a Transfer-Encoding field.");
  }
  if (seen.transfer_encoding && head.is_http_1_0) return malformed("HTTP/1.0 has no Transfer-Encoding.");
  // RFC 9110 section 10.1.1: an HTTP/1.0 client cannot mean it.
  if (head.is_http_1_0) head.expects_continue = false;
  head.keeps_alive = !seen.connection_close && (!head.is_http_1_0 || seen.connection_keep_alive);
  return std::nullopt;
}

void clear(RequestHead& head) {
  std::vector<RequestHead::Field> fields = std::move(head.fields);
  fields.clear();
  head = RequestHead{};
  head.fields = std::move(fields);
}

}  // namespace

Fault HeadScanner::scan(std::string_view bytes) {
  while (head_bytes_ == 0) {
    const std::size_t line_end = bytes.find('\n', looked_at_);
    const std::size_t seen = std::min(line_end, bytes.size());
    if (line_count_ == 0 && seen - line_begin_ > limits::kRequestLineBytesMax + 1) return kTargetTooLong;
    if (seen >= limits::kHeaderBytesMax) return kHeadTooLarge;
    if (line_end == std::string_view::npos) {
      looked_at_ = bytes.size();
      return std::nullopt;
    }
    if (line_end == line_begin_ || bytes[line_end - 1] != '\r') return malformed("A line ends without CR LF.");
    const bool is_empty = line_end - line_begin_ == 1;
    if (is_empty && line_count_ == 0) return malformed("There is an empty line before the request.");
    if (is_empty) head_bytes_ = line_end + 1;
    if (++line_count_ > limits::kHeaderCountMax + 2) return kTooManyFields;  // the request line, the fields, the end
    looked_at_ = line_begin_ = line_end + 1;
  }
  return std::nullopt;
}

Fault parse_request_head(std::string_view bytes, RequestHead& head) {
  clear(head);
  const std::size_t request_line_end = bytes.find(kCrlf);
  if (Fault fault = parse_request_line(bytes.substr(0, request_line_end), head)) return fault;
  bytes.remove_prefix(request_line_end + kCrlf.size());
  Seen seen;
  while (bytes.size() > kCrlf.size()) {
    const std::size_t line_end = bytes.find(kCrlf);
    if (Fault fault = parse_field(bytes.substr(0, line_end), head, seen)) return fault;
    bytes.remove_prefix(line_end + kCrlf.size());
  }
  return check_together(head, seen);
}

std::string_view name_of(api::Method method) { return kMethods[static_cast<std::size_t>(method)].first; }

}  // namespace orderly::server
