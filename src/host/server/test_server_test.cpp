// The helpers of test_server.h. Named like a test, so that they become part of the test program alone.
#include "host/server/test_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <cstdlib>
#include <cstring>

namespace orderly::server::test {

namespace {

constexpr timeval kPatience{10, 0};

int connected(int family, const sockaddr* address, socklen_t size, int receive_buffer_bytes) {
  const int fd = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (receive_buffer_bytes > 0) {
    ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
  }
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  EXPECT_EQ(::connect(fd, address, size), 0) << std::strerror(errno);
  return fd;
}

}  // namespace

Client::Client(std::uint16_t port, int receive_buffer_bytes) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  fd_ = connected(AF_INET, reinterpret_cast<const sockaddr*>(&address), sizeof address, receive_buffer_bytes);
}

Client::Client(const std::string& unix_path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  unix_path.copy(address.sun_path, sizeof address.sun_path - 1);
  fd_ = connected(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof address, 0);
}

Client::Client(Client&& other) noexcept : fd_(std::exchange(other.fd_, -1)), received_(std::move(other.received_)) {}

Client::~Client() {
  if (fd_ >= 0) ::close(fd_);
}

bool Client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool Client::read_some() {
  char bytes[16 * 1024];
  const ssize_t count = ::recv(fd_, bytes, sizeof bytes, 0);
  if (count < 0 && errno == EAGAIN) ADD_FAILURE() << "the server is silent";
  if (count <= 0) return false;
  received_.append(bytes, static_cast<std::size_t>(count));
  return true;
}

Client::Answer Client::receive(bool head_only) {
  Answer answer;
  while (received_.find("\r\n\r\n") == std::string::npos) {
    if (!read_some()) return answer;
  }
  const std::size_t head_end = received_.find("\r\n\r\n") + 4;
  std::size_t line_begin = received_.find("\r\n") + 2;
  answer.status = std::atoi(received_.c_str() + std::strlen("HTTP/1.1 "));
  while (line_begin < head_end - 2) {
    const std::size_t line_end = received_.find("\r\n", line_begin);
    const std::size_t colon = received_.find(": ", line_begin);
    answer.headers[received_.substr(line_begin, colon - line_begin)] =
        received_.substr(colon + 2, line_end - colon - 2);
    line_begin = line_end + 2;
  }
  const std::size_t body_bytes = head_only ? 0 : std::strtoul(answer.header("content-length").c_str(), nullptr, 10);
  while (received_.size() < head_end + body_bytes && read_some()) {
  }
  answer.body = received_.substr(head_end, body_bytes);
  received_.erase(0, head_end + answer.body.size());
  return answer;
}

Client::Answer Client::get(const std::string& target, const std::string& fields) {
  send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n");
  return receive();
}

bool Client::ends() {
  while (received_.empty() && read_some()) {
  }
  return received_.empty();
}

void Client::say_done() { ::shutdown(fd_, SHUT_WR); }

std::string post(const std::string& target, const std::string& body, const std::string& fields) {
  return "POST " + target + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         fields + "\r\n" + body;
}

TestServer::TestServer(Handler handler, ServerLimits limits)
    : log_fd_(::memfd_create("log", MFD_CLOEXEC)), server_({io_, clock_, log_, request_log_, metrics_}, limits) {
  port = server_.listen_tcp("127.0.0.1", 0, std::move(handler));
  io_.start();
}

TestServer::~TestServer() {
  stop();
  io_.stop();
  ::close(log_fd_);
}

void TestServer::stop() {
  if (stopped_) return;
  stopped_ = true;
  boost::asio::co_spawn(io_.executor(0), server_.stop(), boost::asio::use_future).get();
}

std::string TestServer::logged() {
  struct stat status{};
  ::fstat(log_fd_, &status);
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  EXPECT_EQ(::pread(log_fd_, text.data(), text.size(), 0), status.st_size);
  return text;
}

std::string TestServer::metrics() {
  return boost::asio::co_spawn(io_.executor(0), metrics_.page(), boost::asio::use_future).get();
}

}  // namespace orderly::server::test
