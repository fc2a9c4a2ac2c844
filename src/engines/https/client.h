// The one HTTP client of the product: for AWS, payment providers and outgoing webhooks. HTTP/1.1 over TLS (or plain,
// for peers on this machine), with a pool of kept connections.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "ports/clock.h"
#include "ports/task.h"

namespace orderly::https {

struct Endpoint {
  bool tls = true;
  std::string host;  // a name or an address; IPv6 without brackets
  std::uint16_t port = 443;

  // The Host header's value: the port is named unless it is the scheme's own.
  std::string host_header() const;

  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

// "https://host:port/path?query" → where and what to ask for there; the target is "/" when the URL has no path. Throws
// Error(kInternal, "malformed-url") for another scheme, user info, a fragment, or a port that is none.
struct Url {
  Endpoint endpoint;
  std::string target;
};
Url parse_url(std::string_view url);

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method = "GET";
  Endpoint endpoint;
  std::string target = "/";  // path and query exactly as sent
  Headers headers;           // without Host (made of the endpoint), Content-Length and Connection
  std::string body;

  Duration connect_timeout{2'000};     // name resolution and TLS handshake included
  Duration first_byte_timeout{5'000};  // from the request's last byte to the answer's first
  Duration timeout{10'000};            // of the whole call, waiting for a connection included
  std::size_t body_bytes_max = std::size_t{8} << 20;
  // A repeat does no harm (a read, or a write with an idempotency key): then a kept connection that turns out to be
  // closed by the peer is replaced once, silently. A request of which no byte was written is always repeated so.
  bool safe_to_repeat = false;
};

struct Response {
  int status = 0;
  Headers headers;  // names in lower case
  std::string body;

  // The first of that (lower case) name.
  std::optional<std::string_view> header(std::string_view name) const;
};

class Http {
 public:
  virtual ~Http() = default;

  // Any status is an answer; redirects are not followed. Throws
  //   Error(kUnavailable, "peer-unreachable")  certainly not done: no connection, no TLS, no trust, or nothing sent
  //   Error(kUnavailable, "answer-lost")       may have been done: no whole answer within the time or limits
  //   Error(kUnavailable, "stopping")          after stop(): may have been done
  //   Error(kInternal, "malformed-request")    a byte that would change the request's meaning, or a header made here
  // Details name the endpoint and the cause, never a header or a body. May be called on any executor, many at once.
  // Cancelling the coroutine that awaits it closes the connection and throws what a cancelled operation throws: may
  // have been done.
  virtual Task<Response> send(Request request) = 0;
};

struct ClientOptions {
  // Must outlive the client and its calls. Its sleep() must end when it is cancelled.
  ports::Clock* clock = nullptr;
  // PEM files with roots to trust; the first that exists is taken, and make() throws Error(kInternal,
  // "no-trusted-roots") when none does. Empty: the system's, Debian's and Amazon Linux's usual places. Verification of
  // the peer's chain and name cannot be turned off.
  std::vector<std::string> root_files = {};
  std::size_t connections_max = 256;  // to one endpoint at once, waiting beyond
  std::size_t idle_max = 64;          // kept for one endpoint and event loop
  Duration idle_time{20'000};         // kept that long: below the idle timeouts of AWS's front ends
};

// Connections belong to the event loop (execution context) of the caller that opened them and are only reused by
// callers on the same one.
class Client : public Http {
 public:
  static std::unique_ptr<Client> make(ClientOptions options);

  // Ends calls under way and closes kept connections. Must be called before an executor is destroyed on which a call
  // was made. May be called again.
  virtual void stop() = 0;
};

}  // namespace orderly::https
