// One line a request: when, how bad, which id, method, route pattern, status, bytes, how long, for whom. Never a body,
// a query string or a header. Lines are gathered in a buffer for each I/O thread and written many at once.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "host/server/log.h"

namespace orderly::server {

struct RequestLine {
  Time received_at;
  std::string_view request_id;
  std::string_view method;  // "-" when the request was too broken to have one
  std::string_view route;   // the pattern that matched; empty when none did
  int status = 0;
  std::size_t bytes_in = 0;   // head and body as they came
  std::size_t bytes_out = 0;  // head and body as they were sent
  std::chrono::nanoseconds duration{0};
  std::string_view remote_address;
};

class RequestLog {
 public:
  // Used by one thread at a time.
  class Buffer {
   public:
    explicit Buffer(const RequestLog& log) : log_(log) {}
    void add(const RequestLine& line);
    void flush();

   private:
    void append_time(Time time);
    void append_json(const RequestLine& line, LogLevel level);
    void append_text(const RequestLine& line, LogLevel level);

    const RequestLog& log_;
    std::string lines_;
    std::int64_t second_ = -1;  // of second_text_
    std::string second_text_;   // "2026-11-20T09:30:00."
  };

  // A request that failed with 5xx is of level error, any other of level info; below `least` it is not written.
  RequestLog(LogSink& sink, LogFormat format, LogLevel least, bool on, std::size_t buffer_count);
  // Flushes; no thread may be using a buffer any more.
  ~RequestLog();

  Buffer& buffer(std::size_t index) { return *buffers_[index]; }

 private:
  LogSink& sink_;
  LogFormat format_;
  LogLevel least_;
  bool on_;
  std::vector<std::unique_ptr<Buffer>> buffers_;
};

}  // namespace orderly::server
