// Ports of 127.0.0.1, and one request to a server there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace orderly::process {

// A TCP port of 127.0.0.1 that nobody listens on, below those that the system gives to outgoing connections: one of
// these could otherwise take it while a server is down that is to come back. Throws std::runtime_error.
std::uint16_t free_port();

// GET `path` on a connection of its own, which ends with the answer: all bytes that came. None when nobody listens;
// what there is when five seconds pass without more.
std::string get(std::uint16_t port, std::string_view path);

}  // namespace orderly::process
