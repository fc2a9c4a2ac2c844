// A server started as a process of its own, on a port of 127.0.0.1 that was free a moment before.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace orderly::bench {

// A TCP port of 127.0.0.1 that nobody listens on now.
std::uint16_t free_port();

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

struct Command {
  std::filesystem::path program;
  std::vector<std::string> arguments;
  std::filesystem::path folder;  // runs there, so that no settings file of the caller's is found
  std::filesystem::path log;     // takes its standard output and error
};

// Runs it to its end. Throws std::runtime_error with the end of its log when it fails.
void run_command(const Command& command);

// Ends with this object, and with this process however that ends. ORDERLY_* variables are not passed on: what is
// measured is what the command line says.
class ServerProcess {
 public:
  // Starts it and waits until GET `path` is answered with 200, which must happen within a minute. Throws
  // std::runtime_error, with the end of its log, when it does not.
  ServerProcess(const Command& command, std::uint16_t port, std::string_view path);
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;
  ~ServerProcess();

  std::uint16_t port() const { return port_; }
  // From just before the process was made until the first 200 was there.
  std::chrono::nanoseconds start_time() const { return start_time_; }
  Memory memory() const;
  // SIGTERM, and SIGKILL when it has not ended 30 s later. Throws std::runtime_error when it had to be killed or had
  // ended before.
  void stop();

 private:
  void wait_until_answered(std::chrono::steady_clock::time_point begin, std::string_view path);
  bool has_ended();

  const Command command_;
  const std::uint16_t port_;
  pid_t pid_ = -1;
  std::chrono::nanoseconds start_time_{0};
};

}  // namespace orderly::bench
