// For tests: a running server on a free port of the loopback interface, and a client that sends any bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "host/server/http_server.h"
#include "host/server/system_clock.h"

namespace orderly::server::test {

// A blocking client. Gives up, with a failed test, when the server is silent for 10 s.
class Client {
 public:
  struct Answer {
    int status = 0;  // 0: the connection was closed before an answer
    std::map<std::string, std::string> headers;
    std::string body;

    std::string header(const std::string& name) const {
      const auto found = headers.find(name);
      return found == headers.end() ? "" : found->second;
    }
  };

  // `receive_buffer_bytes`: 0 leaves the system's choice.
  explicit Client(std::uint16_t port, int receive_buffer_bytes = 0);
  explicit Client(const std::string& unix_path);
  Client(Client&& other) noexcept;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client();

  // False when the server has closed the connection.
  bool send(std::string_view bytes);
  // With a body as its Content-Length says; `head_only` for answers to HEAD.
  Answer receive(bool head_only = false);
  Answer get(const std::string& target, const std::string& fields = "");
  // Waits for the end of the connection; true when nothing but the end came.
  bool ends();
  void say_done();  // shuts down the sending side
  int fd() const { return fd_; }

 private:
  bool read_some();

  int fd_ = -1;
  std::string received_;
};

std::string post(const std::string& target, const std::string& body, const std::string& fields = "");

class TestServer {
 public:
  explicit TestServer(Handler handler, ServerLimits limits = {});
  ~TestServer();

  Client client() const { return Client(port); }
  HttpServer& http() { return server_; }
  // Runs stop() and waits for its end.
  void stop();
  // All that the server has logged; after stop(), of every request.
  std::string logged();
  // The page of figures.
  std::string metrics();
  IoThreads& io() { return io_; }

 private:
  IoThreads io_{2};
  SystemClock clock_;
  int log_fd_;
  LogSink sink_{log_fd_};
  Log log_{sink_, LogFormat::kJson, LogLevel::kDebug, clock_};
  RequestLog request_log_{sink_, LogFormat::kJson, LogLevel::kDebug, true, 2};
  Metrics metrics_{2};
  HttpServer server_;
  bool stopped_ = false;

 public:
  std::uint16_t port = 0;
};

}  // namespace orderly::server::test
