#include "tests/crash/connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

namespace orderly::crash {

namespace {

struct Head {
  Answer answer;
  std::size_t bytes = 0;
  std::size_t body_bytes = 0;
  bool is_sound = false;  // it has a status and says how long its body is
};

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return lower;
}

template <class Number>
bool parse_number(std::string_view text, Number& number) {
  return std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc{};
}

std::optional<std::string_view> find_header(std::string_view head, std::string_view name) {
  const std::size_t at = head.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  const std::size_t begin = at + name.size();
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

// Nothing: more bytes are needed.
std::optional<Head> parse_head(std::string_view bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  const std::string text = in_lower_case(bytes.substr(0, end + 2));
  Head head;
  head.bytes = end + 4;
  const auto length = find_header(text, "\r\ncontent-length: ");
  head.is_sound = text.starts_with("http/1.1 ") && parse_number(std::string_view(text).substr(9), head.answer.status) &&
                  length && parse_number(*length, head.body_bytes);
  head.answer.replayed = find_header(text, "\r\nidempotent-replayed: ") == "true";
  return head;
}

}  // namespace

Connection::Connection(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const timeval wait{kAnswerSecondsMax, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) close();
}

Connection::~Connection() { close(); }

void Connection::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

std::optional<Answer> Connection::exchange(std::string_view request) {
  if (is_lost()) return std::nullopt;
  std::optional<Answer> answer;
  if (::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size())) {
    answer = receive();
  }
  if (!answer) close();
  return answer;
}

std::optional<Answer> Connection::receive() {
  received_.clear();
  for (;;) {
    if (auto head = parse_head(received_)) {
      if (!head->is_sound) return std::nullopt;
      if (received_.size() >= head->bytes + head->body_bytes) {
        head->answer.body = received_.substr(head->bytes, head->body_bytes);
        return std::move(head->answer);
      }
    }
    char buffer[16 * 1024];
    const ssize_t count = ::recv(socket_, buffer, sizeof buffer, 0);
    if (count <= 0) return std::nullopt;
    received_.append(buffer, static_cast<std::size_t>(count));
  }
}

std::string make_request(std::string_view method, std::string_view path, std::string_view headers,
                         std::string_view body) {
  std::string request;
  request.append(method).append(" ").append(path).append(" HTTP/1.1\r\nhost: localhost\r\n").append(headers);
  if (!body.empty()) {
    request.append("content-type: application/json\r\ncontent-length: ").append(std::to_string(body.size()));
    request.append("\r\n");
  }
  return request.append("\r\n").append(body);
}

}  // namespace orderly::crash
