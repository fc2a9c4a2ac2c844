// What the connections of one server share: for each I/O thread a shard, which only that thread touches, and a few
// counters for all of them. Kept alive by every connection, so that it outlives the HttpServer if it must.
#pragma once

#include <atomic>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/intrusive/list.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "host/server/http_server.h"
#include "host/server/request_head.h"

namespace orderly::server {

class Connection;

using SteadyTime = std::chrono::steady_clock::time_point;
// TCP or Unix.
using Socket =
    boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol, boost::asio::io_context::executor_type>;
using Acceptor =
    boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol, boost::asio::io_context::executor_type>;
using ConnectionHook = boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
using ConnectionList = boost::intrusive::list<Connection, boost::intrusive::base_hook<ConnectionHook>,
                                              boost::intrusive::constant_time_size<false>>;

// Everything that a connection uses without a lock. `head` and `out` are scratch space: used between two suspensions,
// never across one.
struct Shard {
  IoThreads::Executor executor;
  RequestLog::Buffer& log;
  RequestCounts& counts;
  std::string id_prefix;  // of the request ids made here, unlike any other shard's or process's
  std::uint64_t ids_made = 0;
  ConnectionList connections;
  RequestHead head;
  std::string out;
  std::int64_t date_second = -1;
  std::string date;

  // The Date field's value at `now`, made anew once a second.
  std::string_view date_at(Time now);
  std::string make_request_id();
};

// One for each address that is listened on.
struct Listener {
  Acceptor acceptor;
  Handler handler;
  std::filesystem::path unix_path;  // removed when listening ends; empty for TCP
};

struct ServerState {
  ServerState(ServerParts server_parts, ServerLimits server_limits);

  const ServerParts parts;
  const ServerLimits limits;
  std::vector<std::unique_ptr<Shard>> shards;
  std::vector<std::shared_ptr<Listener>> listeners;
  std::atomic<std::size_t> next_shard = 0;
  std::atomic<std::size_t> connections_open = 0;
  std::atomic<std::size_t> requests_under_way = 0;
  std::atomic<std::uint64_t> connections_refused = 0;
  std::atomic<std::uint64_t> requests_refused = 0;  // for overload
  std::atomic<bool> stopping = false;               // no new requests
  std::atomic<bool> stopped = false;                // no connections either
};

}  // namespace orderly::server
