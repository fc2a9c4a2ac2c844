// An HTTP/1.1 and 1.0 server (RFC 9110, RFC 9112) that turns bytes into api::Request, awaits a handler and turns
// api::Response into bytes. It knows nothing of orders.
//
// It promises: keep-alive and pipelining with answers in order; HEAD without a body; `Expect: 100-continue`; bodies by
// Content-Length or chunked; a strict reading of the head (request_head.h); every limit of server_limits.h, each with
// an RFC 9457 problem as its answer. Each answer carries content-length, date, server, x-content-type-options and
// x-request-id; the id (the caller's, if it is 1 to 64 of [A-Za-z0-9._-], else ours) is in the request's headers too. A
// handler that throws becomes a 500 without detail. A client that goes away does not end its handler.
//
// Threads: connections are dealt out to the I/O threads in turn; a connection and its handlers stay on theirs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "api/http.h"
#include "host/server/io_threads.h"
#include "host/server/log.h"
#include "host/server/metrics.h"
#include "host/server/request_log.h"
#include "host/server/server_limits.h"
#include "host/server/trusted_proxies.h"
#include "ports/clock.h"
#include "ports/task.h"

namespace orderly::server {

// Called on an I/O thread, many at once; the coroutine must not block its thread.
using Handler = std::function<Task<api::Response>(api::Request)>;

// What the server uses; all of it must outlive the server and the I/O threads' stop().
struct ServerParts {
  IoThreads& io;
  const ports::Clock& clock;
  Log& log;
  RequestLog& request_log;
  Metrics& metrics;
  TrustedProxies proxies{};  // who may say for whom they call
};

struct ServerState;

class HttpServer {
 public:
  HttpServer(ServerParts parts, ServerLimits limits = {});
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  // Wants stop() to have ended, or the I/O threads to have been stopped.
  ~HttpServer();

  // Listens at once, before the I/O threads have started or after. `host` is an address or a name; port 0 lets the
  // system choose. Returns the real port. Throws Error("cannot-listen").
  std::uint16_t listen_tcp(const std::string& host, std::uint16_t port, Handler handler);

  // A Unix socket that only the process's user may open (0600). A socket left there by a dead process is replaced, and
  // ours is removed by stop(). Throws Error("cannot-listen"), also for a path longer than the system's 107 bytes.
  void listen_unix(const std::filesystem::path& path, Handler handler);

  // Stops listening, closes idle connections, lets requests under way finish (their answers say `connection: close`),
  // and ends when none is open or stop_timeout is over; what is open then is closed, its handlers are left alone.
  Task<void> stop();

 private:
  std::shared_ptr<ServerState> state_;
};

// Raises the process's limit of open files to the most that the system allows; returns it. Connections need it.
std::size_t raise_open_files_max();

}  // namespace orderly::server
