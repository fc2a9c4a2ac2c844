// One keep-alive HTTP/1.1 connection to 127.0.0.1, blocking, with one request under way at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace orderly::crash {

struct Answer {
  int status = 0;
  bool replayed = false;  // Idempotent-Replayed: true
  std::string body;
};

class Connection {
 public:
  // How long an answer may take, also on a machine that is busy with other things.
  static constexpr int kAnswerSecondsMax = 60;

  explicit Connection(std::uint16_t port);  // connects; is_lost() when it could not
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  // Nothing: no whole answer came, and the connection is lost.
  std::optional<Answer> exchange(std::string_view request);
  bool is_lost() const { return socket_ < 0; }

 private:
  std::optional<Answer> receive();
  void close();

  int socket_ = -1;
  std::string received_;
};

// A whole request; `headers` are whole lines, each with its end.
std::string make_request(std::string_view method, std::string_view path, std::string_view headers,
                         std::string_view body);

}  // namespace orderly::crash
