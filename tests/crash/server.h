// The program under test as a process of its own: started, killed, started again; and its command-line tools.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace orderly::crash {

// A TCP port of 127.0.0.1 that nobody listens on, below those that the system gives to outgoing connections: one of
// these could otherwise take it while the server is down.
std::uint16_t free_port();

struct ToolResult {
  int exit_code = -1;  // -1: a signal ended it
  std::string output;
};
// Runs `program` to its end in `folder`; standard output is returned, standard error goes to `log`.
ToolResult run_tool(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                    const std::filesystem::path& folder, const std::filesystem::path& log);

// Used by the thread that made it, which must outlive the process: that is killed when the thread ends. ORDERLY_*
// variables are not passed on. Throws std::runtime_error when a process cannot be made.
class Server {
 public:
  struct Place {
    std::filesystem::path program;
    std::filesystem::path folder;  // it runs there and keeps its data in folder/data, its log in folder/server.log
    std::uint16_t port = 0;
  };

  explicit Server(Place place) : place_(std::move(place)) {}
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() { kill(); }

  // `settings`: "name=value".
  void start(const std::vector<std::string>& settings);
  // Waits until GET /readyz is answered with 200; the time since start(). Nothing: not within `limit`, or it has ended.
  std::optional<std::chrono::nanoseconds> wait_until_ready(std::chrono::nanoseconds limit);
  // kill -9, and waits until the process is gone.
  void kill();
  // SIGTERM; the exit code, or nothing when it did not end within 30 seconds (it is killed then) or by a signal.
  std::optional<int> stop();
  bool has_ended();

 private:
  const Place place_;
  pid_t pid_ = -1;
  int wait_status_ = 0;
  std::chrono::steady_clock::time_point started_;
};

}  // namespace orderly::crash
