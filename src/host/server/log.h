// The log: one event a line, JSON for machines, text for a person at a terminal. Never a body, a token or a header.
#pragma once

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "ports/clock.h"

namespace orderly::server {

enum class LogLevel { kDebug, kInfo, kWarning, kError };
std::string_view name_of(LogLevel level);
std::optional<LogLevel> parse_log_level(std::string_view name);

enum class LogFormat { kText, kJson };
// Text for a terminal, JSON for anything else.
LogFormat log_format_for(int fd);

// Where lines go. Several writers share one, so that no line ends up inside another. Thread-safe. The descriptor stays
// the caller's. Lines that cannot be written (a full disk, a closed pipe) are dropped: serving goes on without a log.
// The program must ignore SIGPIPE for that.
class LogSink {
 public:
  explicit LogSink(int fd) : fd_(fd) {}
  // Whole lines. Blocks while a pipe is full.
  void write(std::string_view lines);

 private:
  int fd_;
  std::mutex mutex_;
};

struct LogField {
  std::string_view key;
  std::variant<std::string_view, std::int64_t, double, bool> value;

  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
  LogField(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
  LogField(std::string_view k, std::int64_t v) : key(k), value(v) {}
  LogField(std::string_view k, int v) : key(k), value(std::int64_t{v}) {}
  LogField(std::string_view k, std::size_t v) : key(k), value(static_cast<std::int64_t>(v)) {}
  LogField(std::string_view k, double v) : key(k), value(v) {}
  LogField(std::string_view k, bool v) : key(k), value(v) {}
};

// Events other than requests. Thread-safe; each event is written at once.
class Log {
 public:
  Log(LogSink& sink, LogFormat format, LogLevel least, const ports::Clock& clock)
      : sink_(sink), format_(format), least_(least), clock_(clock) {}

  bool writes(LogLevel level) const { return level >= least_; }
  // `event` is a slug: "server-started".
  void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

  void debug(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::kDebug, event, fields);
  }
  void info(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::kInfo, event, fields);
  }
  void warning(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::kWarning, event, fields);
  }
  void error(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::kError, event, fields);
  }

 private:
  LogSink& sink_;
  LogFormat format_;
  LogLevel least_;
  const ports::Clock& clock_;
};

// `text` as a JSON string, quotes included; bytes that are not printable ASCII are escaped or replaced by '?', so that
// any bytes give a valid line.
void append_json_string(std::string_view text, std::string& out);

}  // namespace orderly::server
