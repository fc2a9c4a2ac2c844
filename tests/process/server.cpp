#include "tests/process/server.h"

#include <thread>

#include "tests/process/loopback.h"

namespace orderly::process {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::microseconds kPollInterval{200};

Server::Server(const Command& command, std::uint16_t port, std::string path)
    : Server(command, port, std::move(path), Clock::now()) {}

std::optional<std::chrono::nanoseconds> Server::wait_until_ready(std::chrono::nanoseconds limit) {
  while (!has_ended()) {
    const bool is_ready = get(port_, path_).starts_with("HTTP/1.1 200 ");
    const auto time = Clock::now() - started_;
    if (is_ready) return time;
    if (time >= limit) return std::nullopt;
    std::this_thread::sleep_for(kPollInterval);
  }
  return std::nullopt;
}

}  // namespace orderly::process
