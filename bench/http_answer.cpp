#include "bench/http_answer.h"

#include <charconv>

namespace orderly::bench {

namespace {

constexpr std::string_view kVersion = "HTTP/1.1 ";
constexpr std::size_t kHeadBytesMax = 16 * 1024;
constexpr std::size_t kBodyBytesMax = 64 << 20;

using State = ParsedAnswer::State;

ParsedAnswer malformed() {
  ParsedAnswer answer;
  answer.state = State::kMalformed;
  return answer;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// `name` in lower case.
bool is_named(std::string_view line, std::string_view name) {
  if (line.size() <= name.size() || line[name.size()] != ':') return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (lower(line[i]) != name[i]) return false;
  }
  return true;
}

std::string_view value_of(std::string_view line) {
  line.remove_prefix(line.find(':') + 1);
  while (line.starts_with(' ')) line.remove_prefix(1);
  while (line.ends_with(' ')) line.remove_suffix(1);
  return line;
}

bool parse_number(std::string_view text, std::size_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

bool has_no_body(int status) { return status < 200 || status == 204 || status == 304; }

}  // namespace

ParsedAnswer parse_answer(std::string_view bytes) {
  const std::size_t head_end = bytes.find("\r\n\r\n");
  if (head_end == std::string_view::npos) {
    const bool is_plausible = kVersion.starts_with(bytes.substr(0, kVersion.size()));
    return is_plausible && bytes.size() < kHeadBytesMax ? ParsedAnswer{} : malformed();
  }
  ParsedAnswer answer;
  answer.head_bytes = head_end + 4;
  std::size_t status = 0;
  const bool has_status = bytes.starts_with(kVersion) && parse_number(bytes.substr(kVersion.size(), 3), status);
  if (!has_status || status < 100) return malformed();
  answer.status = static_cast<int>(status);

  bool has_length = has_no_body(answer.status);
  std::size_t begin = bytes.find("\r\n") + 2;
  while (begin < head_end) {
    const std::size_t end = bytes.find("\r\n", begin);
    const std::string_view line = bytes.substr(begin, end - begin);
    begin = end + 2;
    if (is_named(line, "content-length")) {
      has_length = parse_number(value_of(line), answer.body_bytes) && answer.body_bytes <= kBodyBytesMax;
      if (!has_length) return malformed();
    } else if (is_named(line, "connection")) {
      answer.closes = value_of(line) == "close";
    } else if (is_named(line, "transfer-encoding")) {
      return malformed();
    }
  }
  if (!has_length) return malformed();
  if (has_no_body(answer.status)) answer.body_bytes = 0;
  answer.state = bytes.size() >= answer.bytes() ? State::kComplete : State::kIncomplete;
  return answer;
}

}  // namespace orderly::bench
