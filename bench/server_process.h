// A server measured as a process of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "tests/process/server.h"

namespace orderly::bench {

struct HttpReply {
  int status = 0;
  std::string body;
};
// One GET on a connection of its own. Throws std::runtime_error when there is no answer within five seconds.
HttpReply http_get(std::uint16_t port, std::string_view path);

struct Memory {
  double resident_mb = 0;  // VmRSS, now
  double peak_mb = 0;      // VmHWM
};

// Runs it to its end. Throws std::runtime_error with the end of its log when it fails.
void run_command(const process::Command& command);

// Ends with this object, and with this thread however that ends.
class ServerProcess {
 public:
  // Starts it and waits until GET `path` is answered with 200, which must happen within a minute. Throws
  // std::runtime_error, with the end of its log, when it does not.
  ServerProcess(process::Command command, std::uint16_t port, std::string path);
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;
  ~ServerProcess();

  std::uint16_t port() const { return server_.port(); }
  // From just before the process was made until the first 200 was there.
  std::chrono::nanoseconds start_time() const { return start_time_; }
  Memory memory() const;
  double cpu_seconds() const;  // user and system, of all its threads since it started
  // SIGTERM, and SIGKILL when it has not ended 30 s later. Throws std::runtime_error when it had to be killed or had
  // ended before.
  void stop();

 private:
  const process::Command command_;
  process::Server server_;
  std::chrono::nanoseconds start_time_{0};
  bool is_stopped_ = false;
};

}  // namespace orderly::bench
