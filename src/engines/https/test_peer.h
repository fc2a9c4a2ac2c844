// What the client's tests stand on: a peer that does to each connection what a script says, event loops, and a clock.
#pragma once

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_future.hpp>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <future>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "engines/https/client.h"
#include "engines/https/test_certificates.h"
#include "ports/clock.h"

using SSL = struct ssl_st;
using SSL_CTX = struct ssl_ctx_st;

namespace orderly::https::test {

// A peer with plain blocking sockets on 127.0.0.1, a thread for each connection.
class Peer {
 public:
  class Talk;
  // Runs once for each connection; the connection is closed when it returns.
  using Script = std::function<void(Talk&)>;

  // Speaks TLS with `identity`, at most of version `tls_version_max` (0: the newest).
  explicit Peer(Script script, std::optional<Identity> identity = std::nullopt, int tls_version_max = 0);
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer();

  std::uint16_t port() const { return port_; }
  // Over TLS when the peer has an identity.
  Endpoint endpoint(std::string host = "127.0.0.1") const;
  int accepted() const;
  int open_max() const;
  int requests() const;
  // Waits until so many connections are open, or requests have been read; false after five seconds.
  bool reaches_open(int count);
  bool reaches_requests(int count);

 private:
  struct Connection;

  void accept_all();
  void serve(Connection& connection);
  void close(Connection& connection, bool reset);
  template <class Condition>
  bool reaches(Condition condition);

  const Script script_;
  SSL_CTX* context_ = nullptr;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::thread acceptor_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool is_stopping_ = false;
  int accepted_ = 0;
  int open_ = 0;
  int open_max_ = 0;
  int requests_ = 0;
  std::list<Connection> connections_;
};

class Peer::Talk {
 public:
  Talk(Peer& peer, Connection& connection, SSL* ssl) : peer_(peer), connection_(connection), ssl_(ssl) {}

  // 1 for the first connection that the peer accepted.
  int number() const;
  // The next request, head and body; empty when the client has closed, or sent none that is whole.
  std::string receive();
  // As many bytes as there are now; empty at the end.
  std::string receive_some();
  bool send(std::string_view bytes);
  // 200, of that length.
  bool answer(std::string_view body);
  void pause(Duration duration);
  // With a reset instead of an orderly end.
  void reset();
  // Nobody else may connect.
  void stop_listening();
  // Ends TLS in an orderly way.
  void say_goodbye();
  // The server name that the client asked for (SNI).
  std::string server_name() const;
  std::string tls_version() const;

 private:
  Peer& peer_;
  Connection& connection_;
  SSL* ssl_;
  std::string received_;
};

// The machine's, and as far ahead as a test wants.
class TestClock final : public ports::Clock {
 public:
  Time now() const override;
  Task<void> sleep(Duration duration) override;
  void advance(Duration duration) { ahead_ms_ += duration.count(); }

 private:
  std::atomic<Duration::rep> ahead_ms_ = 0;
};

// One event loop. At its end it runs until nothing is left to do: an operation that never ends is a test that hangs.
class Loop {
 public:
  explicit Loop(int thread_count = 1);
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop();

  boost::asio::io_context& context() { return context_; }
  template <class T>
  std::future<T> start(Task<T> task) {
    return boost::asio::co_spawn(context_, std::move(task), boost::asio::use_future);
  }

 private:
  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{context_.get_executor()};
  std::vector<std::thread> threads_;
};

// What became of a call.
struct Result {
  std::optional<Response> response;
  std::string slug;    // of the error
  std::string detail;  // of the error; of another exception than Error, its text

  int status() const { return response ? response->status : 0; }
  std::string body() const { return response ? response->body : "(" + slug + ": " + detail + ")"; }
};
Task<Result> result_of(Http& http, Request request);

// A client with a loop to call it from.
class World {
 public:
  // `options` get this world's clock.
  explicit World(ClientOptions options = {}, int thread_count = 1);
  ~World();

  std::future<Result> start(Request request) { return loop_.start(result_of(*client_, std::move(request))); }
  Result send(Request request) { return start(std::move(request)).get(); }
  Result get(const Endpoint& endpoint, std::string target = "/");
  Client& client() { return *client_; }
  TestClock& clock() { return clock_; }
  Loop& loop() { return loop_; }

 private:
  TestClock clock_;
  Loop loop_;
  std::unique_ptr<Client> client_;
};

Request get(const Endpoint& endpoint, std::string target = "/");
Request post(const Endpoint& endpoint, std::string body);

// Answers every request with its target's text, for as long as the client wants.
void echo(Peer::Talk& talk);

}  // namespace orderly::https::test
