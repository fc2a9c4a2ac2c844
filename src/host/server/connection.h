// One connection: reads requests, awaits their handler one after the other, writes the answers in order. Lives in the
// frame of its own coroutine, on one I/O thread; its shard's sweeper ends it when it is overdue.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "host/server/input_buffer.h"
#include "host/server/server_state.h"

namespace orderly::server {

// Serves `socket` until it is closed, for whatever reason. Throws nothing. With `refused`, only says that there are too
// many connections.
Task<void> serve_connection(std::shared_ptr<ServerState> state, Shard& shard, std::shared_ptr<Listener> listener,
                            Socket socket, bool refused);

class Connection : public ConnectionHook {
 public:
  Connection(ServerState& state, Shard& shard, const Handler& handler, Socket socket);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  Task<void> run();
  Task<void> run_refused();

  // For the sweeper and for stopping, on the connection's thread. None of them runs the connection's coroutine: that
  // wakes up later.
  void end_if_overdue(SteadyTime now);
  void end_if_idle();
  void close();

 private:
  enum class Phase { kIdle, kHead, kBody, kHandler, kWriting, kLingering };

  // What is remembered of the request being served, for its answer and its line in the log.
  struct Exchange {
    SteadyTime begun;
    Time received_at;
    std::string id;
    std::string remote_address;  // the client's, where a trusted proxy says it
    std::string_view method = "-";
    bool is_head_method = false;
    bool is_http_1_0 = false;
    bool keeps_alive = false;
    std::size_t bytes_in = 0;
  };

  Task<bool> receive_head();
  Task<bool> serve_request();
  Task<bool> receive_body(std::string& body, std::uint64_t content_length);
  Task<bool> receive_chunked_body(std::string& body);
  Task<bool> receive_more();
  Task<api::Response> answer(api::Request request);
  Task<bool> send(api::Response response);
  Task<void> send_stream(api::Response response);
  Task<std::optional<std::string>> next_piece(const api::BodyStream& stream);
  Task<bool> send_rest(std::string head, const std::string& body, std::size_t written);
  Task<void> refuse(HttpFault fault);
  Task<void> linger();

  void begin_exchange();
  void take_request_id(api::Request& request);
  api::Request make_request(const RequestHead& head);
  bool send_continue();
  void compose_head(api::Response& response);
  void record(const api::Response& response, std::size_t bytes_out);
  void enter(Phase phase, SteadyTime deadline);
  void enter(Phase phase, std::chrono::milliseconds timeout) {
    enter(phase, std::chrono::steady_clock::now() + timeout);
  }
  // When `bytes` of a body must have come, or gone, at the least rate.
  SteadyTime transfer_deadline(SteadyTime begun, std::size_t bytes) const;

  ServerState& state_;
  Shard& shard_;
  const Handler& handler_;
  Socket socket_;
  InputBuffer in_;
  std::size_t head_bytes_ = 0;
  Phase phase_ = Phase::kIdle;
  bool overdue_ = false;
  SteadyTime deadline_;
  const std::string remote_address_;  // the peer's
  const bool peer_is_proxy_;
  Exchange exchange_;
};

}  // namespace orderly::server
