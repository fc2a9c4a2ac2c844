#include "tests/process/loopback.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <random>
#include <stdexcept>

namespace orderly::process {

namespace {

constexpr int kAnswerSecondsMax = 5;
constexpr int kPortTries = 1000;

class Socket {
 public:
  Socket() : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval wait{kAnswerSecondsMax, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { ::close(descriptor_); }

  bool bind(std::uint16_t port) const {
    const sockaddr_in address = loopback(port);
    return ::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  bool connect(std::uint16_t port) const {
    const sockaddr_in address = loopback(port);
    return ::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  bool send(std::string_view bytes) const {
    return ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
  }
  std::string receive_all() const {
    std::string bytes;
    char buffer[16 * 1024];
    for (ssize_t count = 0; (count = ::recv(descriptor_, buffer, sizeof buffer, 0)) > 0;) {
      bytes.append(buffer, static_cast<std::size_t>(count));
    }
    return bytes;
  }

 private:
  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }

  int descriptor_;
};

}  // namespace

std::uint16_t free_port() {
  std::random_device chance;
  for (int tries = 0; tries < kPortTries; ++tries) {
    const auto port = static_cast<std::uint16_t>(20'000 + chance() % 10'000);
    if (Socket().bind(port)) return port;
  }
  throw std::runtime_error("no free port on 127.0.0.1");
}

std::string get(std::uint16_t port, std::string_view path) {
  const std::string request = "GET " + std::string(path) + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
  const Socket socket;
  return socket.connect(port) && socket.send(request) ? socket.receive_all() : std::string();
}

}  // namespace orderly::process
