// A server as a child process: started, asked until it answers, stopped or killed.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "tests/process/child.h"

namespace orderly::process {

class Server : public Child {
 public:
  // Starts it. `port` of 127.0.0.1 is what its arguments say; GET `path` is answered with 200 as soon as it is ready.
  Server(const Command& command, std::uint16_t port, std::string path);

  std::uint16_t port() const { return port_; }
  // Waits until it is ready; the time since just before the process was made. Nothing: it has ended, or `limit` since
  // then is over.
  std::optional<std::chrono::nanoseconds> wait_until_ready(std::chrono::nanoseconds limit);

 private:
  Server(const Command& command, std::uint16_t port, std::string path, std::chrono::steady_clock::time_point started)
      : Child(command), port_(port), path_(std::move(path)), started_(started) {}

  const std::uint16_t port_;
  const std::string path_;
  const std::chrono::steady_clock::time_point started_;
};

}  // namespace orderly::process
