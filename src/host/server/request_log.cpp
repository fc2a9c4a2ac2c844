#include "host/server/request_log.h"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <iterator>

namespace orderly::server {

namespace {

constexpr std::size_t kFlushBytes = 64 * 1024;
constexpr std::int64_t kSecondMs = 1000;

double milliseconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

// Never with a null pointer, which fmt hands to memcpy.
std::string_view or_else(std::string_view text, std::string_view otherwise) { return text.empty() ? otherwise : text; }

}  // namespace

RequestLog::RequestLog(LogSink& sink, LogFormat format, LogLevel least, bool on, std::size_t buffer_count)
    : sink_(sink), format_(format), least_(least), on_(on) {
  for (std::size_t i = 0; i < buffer_count; ++i) buffers_.push_back(std::make_unique<Buffer>(*this));
}

RequestLog::~RequestLog() {
  for (const auto& buffer : buffers_) buffer->flush();
}

void RequestLog::Buffer::add(const RequestLine& line) {
  const LogLevel level = line.status >= 500 ? LogLevel::kError : LogLevel::kInfo;
  if (!log_.on_ || level < log_.least_) return;
  if (log_.format_ == LogFormat::kJson) {
    append_json(line, level);
  } else {
    append_text(line, level);
  }
  if (lines_.size() >= kFlushBytes) flush();
}

void RequestLog::Buffer::flush() {
  if (lines_.empty()) return;
  log_.sink_.write(lines_);
  lines_.clear();
  if (lines_.capacity() > 2 * kFlushBytes) lines_.shrink_to_fit();
}

// The text of a second is made once and serves all lines of that second.
void RequestLog::Buffer::append_time(Time time) {
  const std::int64_t ms = ((time.ms % kSecondMs) + kSecondMs) % kSecondMs;
  const std::int64_t second = (time.ms - ms) / kSecondMs;
  if (second != second_) {
    second_ = second;
    second_text_ = format_time({second * kSecondMs}).substr(0, 20);
  }
  lines_ += second_text_;
  const char tail[] = {static_cast<char>('0' + ms / 100), static_cast<char>('0' + ms / 10 % 10),
                       static_cast<char>('0' + ms % 10), 'Z'};
  lines_.append(tail, sizeof tail);
}

// Ids, methods, routes and addresses are made of characters that need no escape: the server has seen to it.
void RequestLog::Buffer::append_json(const RequestLine& line, LogLevel level) {
  lines_ += R"({"time":")";
  append_time(line.received_at);
  const std::int64_t us = std::chrono::duration_cast<std::chrono::microseconds>(line.duration).count();
  fmt::format_to(std::back_inserter(lines_),
                 FMT_COMPILE(R"(","level":"{}","event":"request","id":"{}","method":"{}","route":"{}","status":{},)"
                             R"("bytes_in":{},"bytes_out":{},"ms":{}.{:03},"remote":"{}"}})"
                             "\n"),
                 name_of(level), line.request_id, line.method, or_else(line.route, ""), line.status, line.bytes_in,
                 line.bytes_out, us / 1000, us % 1000, or_else(line.remote_address, ""));
}

void RequestLog::Buffer::append_text(const RequestLine& line, LogLevel level) {
  append_time(line.received_at);
  fmt::format_to(std::back_inserter(lines_), " {:<7} {} {} {} in={} out={} {:.1f} ms {} {}\n", name_of(level),
                 line.method, or_else(line.route, "-"), line.status, line.bytes_in, line.bytes_out,
                 milliseconds(line.duration), or_else(line.remote_address, "local"), line.request_id);
}

}  // namespace orderly::server
