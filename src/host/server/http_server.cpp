#include "host/server/http_server.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/error.h"
#include "host/server/connection.h"
#include "host/server/server_state.h"

namespace orderly::server {

namespace {

namespace asio = boost::asio;
using boost::system::system_error;
using std::chrono::steady_clock;
using StatePtr = std::shared_ptr<ServerState>;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds kAcceptPause{100};  // after a failure: most likely no file descriptor is left
constexpr std::chrono::milliseconds kStopPoll{10};
constexpr std::size_t kRefusedAtOnceMax = 256;  // connections over the cap that are told so; more are just closed
constexpr mode_t kOnlyOwner = 0177;             // the umask that leaves 0600

Task<void> pause(std::chrono::milliseconds duration) {
  asio::steady_timer timer(co_await asio::this_coro::executor, duration);
  co_await timer.async_wait(kAwait);
}

// --- While the server runs
// --------------------------------------------------------------------------------------------

// Ends what is overdue and writes the request log, a few times a second: one timer for all connections of a thread.
Task<void> look_after(StatePtr state, Shard& shard) {
  while (!state->stopped.load(std::memory_order_relaxed)) {
    co_await pause(state->limits.tick);
    const SteadyTime now = steady_clock::now();
    for (Connection& connection : shard.connections) connection.end_if_overdue(now);
    shard.log.flush();
  }
}

void serve(const StatePtr& state, const std::shared_ptr<Listener>& listener, Shard& shard, Socket socket) {
  const std::size_t others = state->connections_open.fetch_add(1, std::memory_order_relaxed);
  const bool refused = others >= state->limits.connections_max;
  if (refused) state->connections_refused.fetch_add(1, std::memory_order_relaxed);
  if (others >= state->limits.connections_max + kRefusedAtOnceMax) {
    state->connections_open.fetch_sub(1, std::memory_order_relaxed);
    return;
  }
  boost::system::error_code ignored;
  if (listener->unix_path.empty()) socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  asio::co_spawn(shard.executor, serve_connection(state, shard, listener, std::move(socket), refused), asio::detached);
}

Task<void> accept_all(StatePtr state, std::shared_ptr<Listener> listener) {
  while (!state->stopping.load(std::memory_order_relaxed)) {
    const std::size_t turn = state->next_shard.fetch_add(1, std::memory_order_relaxed);
    Shard& shard = *state->shards[turn % state->shards.size()];
    auto [error, socket] = co_await listener->acceptor.async_accept(shard.executor, kAwait);
    if (!error) {
      serve(state, listener, shard, std::move(socket));
    } else if (error != asio::error::operation_aborted && error != asio::error::connection_aborted) {
      state->parts.log.warning("accept-failed", {{"what", error.message()}});
      co_await pause(kAcceptPause);
    }
  }
}

Task<void> add_metrics(std::weak_ptr<ServerState> weak, MetricsPage& page) {
  const StatePtr state = weak.lock();
  if (!state) co_return;
  const auto value = [](const auto& figure) { return static_cast<double>(figure.load(std::memory_order_relaxed)); };
  page.gauge("orderly_http_connections_open", "Connections open.", value(state->connections_open));
  page.gauge("orderly_http_requests_under_way", "Requests whose handler has not answered yet.",
             value(state->requests_under_way));
  page.counter("orderly_http_connections_refused_total", "Connections refused because there were too many.",
               value(state->connections_refused));
  page.counter("orderly_http_requests_refused_total", "Requests refused because too many were under way.",
               value(state->requests_refused));
}

// --- Listening
// --------------------------------------------------------------------------------------------------------

[[noreturn]] void throw_cannot_listen(const std::string& where, const std::string& why) {
  throw Error(ErrorCode::kUnavailable, "cannot-listen", fmt::format("Cannot listen on {}: {}.", where, why));
}

void start_accepting(const StatePtr& state, Acceptor acceptor, Handler handler, std::filesystem::path unix_path) {
  acceptor.listen(asio::socket_base::max_listen_connections);
  auto listener = std::make_shared<Listener>(std::move(acceptor), std::move(handler), std::move(unix_path));
  state->listeners.push_back(listener);
  asio::co_spawn(listener->acceptor.get_executor(), accept_all(state, listener), asio::detached);
}

asio::ip::tcp::endpoint resolve(const std::string& host, std::uint16_t port) {
  asio::io_context context;
  asio::ip::tcp::resolver resolver(context);
  return *resolver.resolve(host, std::to_string(port), asio::ip::resolver_base::passive).begin();
}

// Removes a socket that nobody listens on. Any other file stays, and makes bind fail.
void remove_stale_socket(const std::filesystem::path& path) {
  std::error_code ignored;
  if (std::filesystem::is_socket(path, ignored)) std::filesystem::remove(path, ignored);
}

// --- Stopping
// ---------------------------------------------------------------------------------------------------------

template <class Work>
Task<void> run_on(Shard& shard, Work work) {
  co_await asio::co_spawn(
      shard.executor,
      [&]() -> Task<void> {
        work();
        co_return;
      },
      asio::use_awaitable);
}

void stop_listening(ServerState& state) {
  for (const auto& listener : state.listeners) {
    boost::system::error_code ignored;
    listener->acceptor.close(ignored);
    std::error_code also_ignored;
    if (!listener->unix_path.empty()) std::filesystem::remove(listener->unix_path, also_ignored);
  }
  state.listeners.clear();
}

Task<void> wait_for_connections(const ServerState& state) {
  const SteadyTime deadline = steady_clock::now() + state.limits.stop_timeout;
  while (state.connections_open.load(std::memory_order_relaxed) > 0 && steady_clock::now() < deadline) {
    co_await pause(kStopPoll);
  }
}

}  // namespace

HttpServer::HttpServer(ServerParts parts, ServerLimits limits) : state_(std::make_shared<ServerState>(parts, limits)) {
  for (const auto& shard : state_->shards) {
    asio::co_spawn(shard->executor, look_after(state_, *shard), asio::detached);
  }
  parts.metrics.add_source(
      [weak = std::weak_ptr(state_)](MetricsPage& page) -> Task<void> { return add_metrics(weak, page); });
}

HttpServer::~HttpServer() = default;

std::uint16_t HttpServer::listen_tcp(const std::string& host, std::uint16_t port, Handler handler) {
  try {
    const asio::ip::tcp::endpoint endpoint = resolve(host, port);
    Acceptor acceptor(state_->shards.front()->executor, asio::generic::stream_protocol(endpoint.protocol()));
    acceptor.set_option(asio::socket_base::reuse_address(true));
    acceptor.bind(endpoint);
    asio::ip::tcp::endpoint real;
    const auto bound = acceptor.local_endpoint();
    std::copy_n(reinterpret_cast<const std::byte*>(bound.data()), std::min(bound.size(), real.capacity()),
                reinterpret_cast<std::byte*>(real.data()));
    start_accepting(state_, std::move(acceptor), std::move(handler), {});
    return real.port();
  } catch (const system_error& error) {
    throw_cannot_listen(fmt::format("{}:{}", host, port), error.code().message());
  }
}

void HttpServer::listen_unix(const std::filesystem::path& path, Handler handler) {
  try {
    const asio::local::stream_protocol::endpoint endpoint(path.string());
    Acceptor acceptor(state_->shards.front()->executor, asio::generic::stream_protocol(endpoint.protocol()));
    remove_stale_socket(path);
    const mode_t usual = ::umask(kOnlyOwner);  // no moment at which another user could connect
    boost::system::error_code error;
    acceptor.bind(endpoint, error);
    ::umask(usual);
    if (error) throw system_error(error);
    start_accepting(state_, std::move(acceptor), std::move(handler), path);
  } catch (const system_error& error) {
    throw_cannot_listen(path.string(), error.code().message());
  }
}

Task<void> HttpServer::stop() {
  const StatePtr state = state_;
  state->stopping = true;
  co_await run_on(*state->shards.front(), [&] { stop_listening(*state); });
  for (const auto& shard : state->shards) {
    co_await run_on(*shard, [&] {
      for (Connection& connection : shard->connections) connection.end_if_idle();
    });
  }
  co_await wait_for_connections(*state);
  state->stopped = true;
  const std::size_t left = state->connections_open.load(std::memory_order_relaxed);
  if (left > 0) state->parts.log.warning("stopped-with-connections-open", {{"connections", left}});
  for (const auto& shard : state->shards) {
    co_await run_on(*shard, [&] {
      for (Connection& connection : shard->connections) connection.close();
      shard->log.flush();
    });
  }
}

std::size_t raise_open_files_max() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return 0;
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  ::getrlimit(RLIMIT_NOFILE, &files);
  return static_cast<std::size_t>(files.rlim_cur);
}

}  // namespace orderly::server
