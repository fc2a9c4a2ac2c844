#include "host/server/log.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <iterator>

#include "base/time.h"

namespace orderly::server {

namespace {

constexpr std::array<std::string_view, 4> kLevelNames = {"debug", "info", "warning", "error"};

void append_value(const LogField& field, LogFormat format, std::string& out) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    const bool bare = format == LogFormat::kText && !text->empty() &&
                      text->find_first_not_of(
                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                          "._-/:{}") == std::string_view::npos;
    bare ? void(out.append(*text)) : append_json_string(*text, out);
  } else if (const auto* integer = std::get_if<std::int64_t>(&field.value)) {
    fmt::format_to(std::back_inserter(out), "{}", *integer);
  } else if (const auto* number = std::get_if<double>(&field.value)) {
    fmt::format_to(std::back_inserter(out), "{:.6g}", *number);
  } else {
    out += std::get<bool>(field.value) ? "true" : "false";
  }
}

}  // namespace

std::string_view name_of(LogLevel level) { return kLevelNames[static_cast<std::size_t>(level)]; }

std::optional<LogLevel> parse_log_level(std::string_view name) {
  for (std::size_t i = 0; i < kLevelNames.size(); ++i) {
    if (kLevelNames[i] == name) return static_cast<LogLevel>(i);
  }
  return std::nullopt;
}

LogFormat log_format_for(int fd) { return ::isatty(fd) == 1 ? LogFormat::kText : LogFormat::kJson; }

void LogSink::write(std::string_view lines) {
  const std::lock_guard lock(mutex_);
  while (!lines.empty()) {
    const ssize_t written = ::write(fd_, lines.data(), lines.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    lines.remove_prefix(static_cast<std::size_t>(written));
  }
}

void Log::write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (!writes(level)) return;
  std::string line;
  if (format_ == LogFormat::kJson) {
    line = fmt::format(R"({{"time":"{}","level":"{}","event":)", format_time(clock_.now()), name_of(level));
    append_json_string(event, line);
    for (const LogField& field : fields) {
      line += ',';
      append_json_string(field.key, line);
      line += ':';
      append_value(field, format_, line);
    }
    line += "}\n";
  } else {
    line = fmt::format("{} {:<7} {}", format_time(clock_.now()), name_of(level), event);
    for (const LogField& field : fields) {
      fmt::format_to(std::back_inserter(line), " {}=", field.key);
      append_value(field, format_, line);
    }
    line += '\n';
  }
  sink_.write(line);
}

void append_json_string(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
    } else {
      out += byte < 0x7f ? c : '?';
    }
  }
  out += '"';
}

}  // namespace orderly::server
