#include "host/server/log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

#include "host/server/request_log.h"

namespace orderly::server {
namespace {

class FixedClock final : public ports::Clock {
 public:
  Time now() const override { return {1'795'167'000'042}; }  // 2026-11-20T09:30:00.042Z
  Task<void> sleep(Duration) override { co_return; }
};

// What is written into a pipe.
class Pipe {
 public:
  Pipe() { EXPECT_EQ(::pipe2(ends_.data(), O_NONBLOCK | O_CLOEXEC), 0); }
  ~Pipe() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  int fd() const { return ends_[1]; }
  std::string read() const {
    std::string text(100'000, '\0');
    const ssize_t count = ::read(ends_[0], text.data(), text.size());
    text.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
    return text;
  }

 private:
  std::array<int, 2> ends_{};
};

RequestLine line_of(int status) {
  return {{1'795'167'000'042}, "id1", "GET", "/orders/{id}", status, 10, 20, std::chrono::microseconds(1500), "::1"};
}

TEST(Log, WritesAnEventAsJson) {
  Pipe pipe;
  FixedClock clock;
  LogSink sink(pipe.fd());
  Log log(sink, LogFormat::kJson, LogLevel::kInfo, clock);
  log.debug("unseen");
  log.warning("disk-full", {{"path", "a \"b\"\n\x80"}, {"free", std::int64_t{-1}}, {"ratio", 0.5}, {"fatal", false}});
  EXPECT_EQ(pipe.read(), R"({"time":"2026-11-20T09:30:00.042Z","level":"warning","event":"disk-full",)"
                         R"("path":"a \"b\"\u000a?","free":-1,"ratio":0.5,"fatal":false})"
                         "\n");
}

TEST(Log, WritesAnEventAsTextThatCannotBeForged) {
  Pipe pipe;
  FixedClock clock;
  LogSink sink(pipe.fd());
  Log log(sink, LogFormat::kText, LogLevel::kInfo, clock);
  log.error("failed", {{"id", "ord_01"}, {"what", "a\nb c"}});
  EXPECT_EQ(pipe.read(), "2026-11-20T09:30:00.042Z error   failed id=ord_01 what=\"a\\u000ab c\"\n");
}

TEST(Log, LosesLinesRatherThanTheServer) {
  LogSink nowhere(-1);
  nowhere.write("lost\n");
  FixedClock clock;
  Log log(nowhere, LogFormat::kText, LogLevel::kDebug, clock);
  EXPECT_NO_THROW(log.info("lost"));
}

TEST(LogLevel, HasNames) {
  for (const LogLevel level : {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning, LogLevel::kError}) {
    EXPECT_EQ(parse_log_level(name_of(level)), level);
  }
  EXPECT_FALSE(parse_log_level("loud"));
}

TEST(RequestLog, WritesManyLinesAtOnce) {
  Pipe pipe;
  LogSink sink(pipe.fd());
  RequestLog log(sink, LogFormat::kJson, LogLevel::kInfo, true, 1);
  log.buffer(0).add(line_of(200));
  log.buffer(0).add(line_of(503));
  EXPECT_EQ(pipe.read(), "");
  log.buffer(0).flush();
  const std::string first =
      R"({"time":"2026-11-20T09:30:00.042Z","level":"info","event":"request","id":"id1","method":"GET",)"
      R"("route":"/orders/{id}","status":200,"bytes_in":10,"bytes_out":20,"ms":1.500,"remote":"::1"})"
      "\n";
  const std::string both = pipe.read();
  EXPECT_TRUE(both.starts_with(first)) << both;
  EXPECT_NE(both.find(R"("level":"error")", first.size()), std::string::npos);
}

TEST(RequestLog, WritesByItselfWhenMuchHasGathered) {
  Pipe pipe;
  LogSink sink(pipe.fd());
  RequestLog log(sink, LogFormat::kText, LogLevel::kInfo, true, 1);
  for (int i = 0; i < 1000; ++i) log.buffer(0).add(line_of(200));
  const std::string text = pipe.read();
  EXPECT_GE(text.size(), 60'000u);
  EXPECT_TRUE(text.starts_with("2026-11-20T09:30:00.042Z info    GET /orders/{id} 200 in=10 out=20 1.5 ms ::1 id1\n"));
}

TEST(RequestLog, IsSilentWhenOffAndKeepsFailuresWhenOnlyThoseCount) {
  Pipe pipe;
  LogSink sink(pipe.fd());
  {
    RequestLog off(sink, LogFormat::kText, LogLevel::kInfo, false, 1);
    off.buffer(0).add(line_of(500));
  }
  EXPECT_EQ(pipe.read(), "");
  {
    RequestLog errors(sink, LogFormat::kText, LogLevel::kError, true, 1);
    errors.buffer(0).add(line_of(200));
    errors.buffer(0).add(line_of(500));
  }
  const std::string text = pipe.read();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
}

}  // namespace
}  // namespace orderly::server
