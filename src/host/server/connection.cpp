#include "host/server/connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/error.h"
#include "host/server/byte_class.h"
#include "host/server/chunked_body.h"
#include "host/server/response_head.h"

namespace orderly::server {

namespace {

namespace asio = boost::asio;
using BoostError = boost::system::error_code;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kBodyStepBytes = 4096;  // a body's memory grows with what has come, not with what was announced
constexpr std::size_t kRequestIdBytesMax = 64;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

constexpr HttpFault kHeadTooSlow{408, "request-timeout", "The request's headers took too long."};
constexpr HttpFault kBodyTooSlow{408, "request-timeout", "The request's body came too slowly."};
constexpr HttpFault kBodyTooLarge{413, "body-too-large", "The body is larger than the server accepts."};
constexpr HttpFault kHandlerFailed{500, "internal",
                                   "Something went wrong here. Nothing is known to be wrong with the request."};
constexpr HttpFault kOverloaded{503, "overloaded", "The server has too much to do. Try again in a moment."};

// Text of the peer's address without its port; an IPv4 address that came through IPv6 is written as IPv4. Empty on a
// Unix socket.
std::string address_of(Socket& socket) {
  BoostError error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return {};
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (endpoint.data()->sa_family == AF_INET) {
    const auto* address = reinterpret_cast<const sockaddr_in*>(endpoint.data());
    ::inet_ntop(AF_INET, &address->sin_addr, text.data(), text.size());
  } else if (endpoint.data()->sa_family == AF_INET6) {
    const auto* address = reinterpret_cast<const sockaddr_in6*>(endpoint.data());
    const bool mapped = IN6_IS_ADDR_V4MAPPED(&address->sin6_addr);
    const void* bytes = mapped ? static_cast<const void*>(address->sin6_addr.s6_addr + 12) : &address->sin6_addr;
    ::inet_ntop(mapped ? AF_INET : AF_INET6, bytes, text.data(), text.size());
  }
  return text.data();
}

bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= kRequestIdBytesMax && all_are(kRequestIdByte, text);
}

api::Response overloaded_response() {
  api::Response response = problem_response(kOverloaded);
  response.headers.emplace_back("retry-after", "1");
  return response;
}

// A request's place among those under way; none when there are too many.
class Place {
 public:
  explicit Place(ServerState& state) : state_(state) {
    taken_ = state_.requests_under_way.fetch_add(1, std::memory_order_relaxed) < state_.limits.requests_under_way_max;
    if (!taken_) leave();
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    if (taken_) leave();
  }
  bool taken() const { return taken_; }

 private:
  void leave() { state_.requests_under_way.fetch_sub(1, std::memory_order_relaxed); }

  ServerState& state_;
  bool taken_ = false;
};

}  // namespace

Task<void> serve_connection(std::shared_ptr<ServerState> state, Shard& shard, std::shared_ptr<Listener> listener,
                            Socket socket, bool refused) {
  try {
    Connection connection(*state, shard, listener->handler, std::move(socket));
    if (refused) {
      co_await connection.run_refused();
    } else {
      co_await connection.run();
    }
  } catch (const std::exception& error) {
    // Out of memory at worst: the connection is closed, the others go on.
    state->parts.log.error("connection-failed", {{"what", error.what()}});
  }
}

Connection::Connection(ServerState& state, Shard& shard, const Handler& handler, Socket socket)
    : state_(state),
      shard_(shard),
      handler_(handler),
      socket_(std::move(socket)),
      remote_address_(address_of(socket_)),
      peer_is_proxy_(state.parts.proxies.contains(remote_address_)) {
  shard_.connections.push_back(*this);
  BoostError ignored;
  socket_.non_blocking(true, ignored);
}

Connection::~Connection() { state_.connections_open.fetch_sub(1, std::memory_order_relaxed); }

Task<void> Connection::run() {
  bool open = true;
  while (open) {
    open = co_await receive_head();
    if (open) open = co_await serve_request();
  }
}

Task<void> Connection::run_refused() {
  begin_exchange();
  exchange_.keeps_alive = false;
  co_await send(overloaded_response());
}

// --- Deadlines
// --------------------------------------------------------------------------------------------------------

void Connection::enter(Phase phase, SteadyTime deadline) {
  phase_ = phase;
  deadline_ = deadline;
  overdue_ = false;
}

SteadyTime Connection::transfer_deadline(SteadyTime begun, std::size_t bytes) const {
  const std::size_t ms = bytes * 1000 / state_.limits.transfer_bytes_per_second_min;
  return begun + state_.limits.transfer_grace + std::chrono::milliseconds(ms);
}

void Connection::end_if_overdue(SteadyTime now) {
  if (now < deadline_) return;
  if (phase_ == Phase::kWriting || phase_ == Phase::kLingering) return close();
  // The coroutine wakes up from its read, and knows what to answer.
  overdue_ = true;
  BoostError ignored;
  socket_.cancel(ignored);
}

void Connection::end_if_idle() {
  BoostError ignored;
  if (phase_ == Phase::kIdle) socket_.cancel(ignored);
}

void Connection::close() {
  BoostError ignored;
  socket_.close(ignored);
}

// --- Reading
// ----------------------------------------------------------------------------------------------------------

Task<bool> Connection::receive_more() {
  const auto [error, count] = co_await socket_.async_read_some(in_.prepare(), kAwait);
  if (error) co_return false;
  in_.commit(count);
  co_return true;
}

// True: a whole head is in the buffer. False: the connection is to be closed; the client has been told why, if it is to
// be told.
Task<bool> Connection::receive_head() {
  HeadScanner scanner;
  enter(Phase::kIdle, state_.limits.idle_timeout);
  for (;;) {
    if (!in_.empty()) {
      if (const auto fault = scanner.scan(in_.bytes())) {
        begin_exchange();
        co_await refuse(*fault);
        co_return false;
      }
      head_bytes_ = scanner.head_bytes();
      if (head_bytes_ > 0) co_return true;
      if (phase_ == Phase::kIdle) enter(Phase::kHead, state_.limits.header_timeout);
    } else if (state_.stopping.load(std::memory_order_relaxed)) {
      co_return false;
    }
    if (!co_await receive_more()) break;
  }
  if (overdue_ && phase_ == Phase::kHead) {
    begin_exchange();
    co_await refuse(kHeadTooSlow);
  }
  co_return false;
}

// True: a whole body is in `body`.
Task<bool> Connection::receive_body(std::string& body, std::uint64_t content_length) {
  const auto length = static_cast<std::size_t>(content_length);
  const std::size_t here = std::min(length, in_.bytes().size());
  body.assign(in_.bytes().substr(0, here));
  in_.consume(here);
  std::size_t received = here;
  enter(Phase::kBody, transfer_deadline(exchange_.begun, received));
  while (received < length) {
    body.resize(std::min(length, std::max(kBodyStepBytes, received * 2)));
    const auto [error, count] =
        co_await socket_.async_read_some(asio::buffer(body.data() + received, body.size() - received), kAwait);
    if (error) {
      if (overdue_) co_await refuse(kBodyTooSlow);
      co_return false;
    }
    received += count;
    enter(Phase::kBody, transfer_deadline(exchange_.begun, received));
  }
  exchange_.bytes_in += length;
  co_return true;
}

Task<bool> Connection::receive_chunked_body(std::string& body) {
  ChunkedBody chunks(state_.limits.body_bytes_max);
  enter(Phase::kBody, transfer_deadline(exchange_.begun, 0));
  for (;;) {
    std::size_t consumed = 0;
    if (const auto fault = chunks.feed(in_.bytes(), body, consumed)) {
      co_await refuse(*fault);
      co_return false;
    }
    in_.consume(consumed);
    exchange_.bytes_in += consumed;
    if (chunks.is_complete()) co_return true;
    enter(Phase::kBody, transfer_deadline(exchange_.begun, body.size()));
    if (!co_await receive_more()) {
      if (overdue_) co_await refuse(kBodyTooSlow);
      co_return false;
    }
  }
}

// --- A request
// --------------------------------------------------------------------------------------------------------

void Connection::begin_exchange() {
  exchange_.begun = std::chrono::steady_clock::now();
  exchange_.received_at = state_.parts.clock.now();
  exchange_.id = shard_.make_request_id();
  exchange_.method = "-";
  exchange_.is_head_method = false;
  exchange_.is_http_1_0 = false;
  exchange_.keeps_alive = false;
  exchange_.bytes_in = head_bytes_;
  exchange_.remote_address = remote_address_;
}

// The request that `head` describes, still without its body. Notes in exchange_ what the answer depends on.
api::Request Connection::make_request(const RequestHead& head) {
  exchange_.method = name_of(head.method);
  exchange_.is_head_method = head.method == api::Method::kHead;
  exchange_.is_http_1_0 = head.is_http_1_0;
  exchange_.keeps_alive = head.keeps_alive;

  api::Request request;
  request.method = head.method;
  request.target = head.target;
  request.headers.reserve(head.fields.size() + 1);
  for (const auto& [name, value] : head.fields) {
    std::string& lower_name = request.headers.emplace_back(name, value).first;
    for (char& c : lower_name) c = lower(c);
  }
  if (peer_is_proxy_) {
    TrustedProxies::Origin origin = state_.parts.proxies.origin_of(remote_address_, request.headers);
    exchange_.remote_address = std::move(origin.address);
    request.is_https = origin.is_https;
  }
  request.remote_address = exchange_.remote_address;
  request.received_at = exchange_.received_at;
  take_request_id(request);
  return request;
}

// After this the request has exactly one x-request-id, and it is fit for a log.
void Connection::take_request_id(api::Request& request) {
  constexpr std::string_view kName = "x-request-id";
  const auto is_id = [kName](const auto& header) { return header.first == kName; };
  const auto first = std::find_if(request.headers.begin(), request.headers.end(), is_id);
  if (first != request.headers.end()) {
    if (is_request_id(first->second)) exchange_.id = first->second;
    std::erase_if(request.headers, is_id);
  }
  request.headers.emplace_back(kName, exchange_.id);
  request.id = exchange_.id;
}

// True: the connection stays open for another request.
Task<bool> Connection::serve_request() {
  begin_exchange();
  RequestHead& head = shard_.head;
  if (const auto fault = parse_request_head(in_.bytes().substr(0, head_bytes_), head)) {
    co_await refuse(*fault);
    co_return false;
  }
  api::Request request = make_request(head);
  const bool is_chunked = head.is_chunked;
  const std::uint64_t content_length = head.content_length;
  const bool expects_continue = head.expects_continue;
  in_.consume(head_bytes_);

  if (content_length > state_.limits.body_bytes_max) {
    co_await refuse(kBodyTooLarge);
    co_return false;
  }
  if (is_chunked || content_length > 0) {
    if (expects_continue && in_.empty() && !send_continue()) co_return false;
    const bool received =
        is_chunked ? co_await receive_chunked_body(request.body) : co_await receive_body(request.body, content_length);
    if (!received) co_return false;
  }
  enter(Phase::kHandler, SteadyTime::max());
  co_return co_await send(co_await answer(std::move(request)));
}

// What is not written now is not worth waiting for: 25 bytes that do not fit into an empty send buffer.
bool Connection::send_continue() {
  BoostError error;
  return socket_.write_some(asio::buffer(kContinue), error) == kContinue.size() && !error;
}

Task<api::Response> Connection::answer(api::Request request) {
  const Place place(state_);
  if (!place.taken()) {
    state_.requests_refused.fetch_add(1, std::memory_order_relaxed);
    co_return overloaded_response();
  }
  try {
    co_return co_await handler_(std::move(request));
  } catch (const std::exception& error) {
    state_.parts.log.error("handler-failed", {{"id", exchange_.id}, {"what", error.what()}});
  } catch (...) {
    state_.parts.log.error("handler-failed", {{"id", exchange_.id}, {"what", "not a std::exception"}});
  }
  co_return problem_response(kHandlerFailed);
}

Task<void> Connection::refuse(HttpFault fault) {
  exchange_.keeps_alive = false;
  co_await send(problem_response(fault));
}

// --- Writing
// ----------------------------------------------------------------------------------------------------------

// Puts what goes before the body into shard_.out. A response that must not be sent becomes a 500.
void Connection::compose_head(api::Response& response) {
  const ResponseFrame frame{shard_.date_at(state_.parts.clock.now()), exchange_.id, exchange_.is_http_1_0,
                            exchange_.keeps_alive};
  shard_.out.clear();
  if (append_response_head(response, frame, shard_.out)) return;
  state_.parts.log.error("bad-response-header", {{"id", exchange_.id}, {"route", response.route}});
  const std::string_view route = response.route;
  response = problem_response(kHandlerFailed);
  response.route = route;
  shard_.out.clear();
  ORDERLY_ASSERT(append_response_head(response, frame, shard_.out));
}

// True: the connection stays open for another request. Nearly every answer fits into the socket's send buffer, and is
// gone after one system call without a suspension.
Task<bool> Connection::send(api::Response response) {
  if (response.stream && !exchange_.is_head_method) {
    co_await send_stream(std::move(response));
    co_return false;
  }
  response.stream = nullptr;
  if (state_.stopping.load(std::memory_order_relaxed)) exchange_.keeps_alive = false;
  compose_head(response);
  if (exchange_.is_head_method || !may_have_body(response.status)) response.body.clear();
  const std::size_t bytes = shard_.out.size() + response.body.size();
  const std::array<asio::const_buffer, 2> buffers = {asio::buffer(shard_.out), asio::buffer(response.body)};
  BoostError error;
  const std::size_t written = socket_.write_some(buffers, error);
  bool sent = written == bytes;
  if (!sent && (!error || error == asio::error::would_block)) {
    sent = co_await send_rest(shard_.out, response.body, written);
  }
  record(response, bytes);
  if (sent && !exchange_.keeps_alive) co_await linger();
  co_return sent&& exchange_.keeps_alive;
}

// Pieces as they come, until there is none, the client is gone or the server stops. The connection ends with it.
Task<void> Connection::send_stream(api::Response response) {
  static const std::string kNothing;
  exchange_.keeps_alive = false;
  compose_head(response);
  std::string piece = shard_.out;
  std::size_t bytes = 0;
  bool more = static_cast<bool>(response.stream);  // compose_head may have made it a 500
  if (!more) piece += response.body;
  while (!piece.empty()) {
    bytes += piece.size();
    if (!co_await send_rest(std::move(piece), kNothing, 0)) break;
    piece.clear();
    if (!more) continue;
    enter(Phase::kHandler, SteadyTime::max());
    const auto next = co_await next_piece(response.stream);
    more = next && !state_.stopping.load(std::memory_order_relaxed);
    if (exchange_.is_http_1_0) {
      piece = more ? *next : "";
    } else {
      piece = chunk(more ? *next : "");
    }
  }
  record(response, bytes);
  co_await linger();
}

Task<std::optional<std::string>> Connection::next_piece(const api::BodyStream& stream) {
  try {
    co_return co_await stream();
  } catch (const std::exception& error) {
    state_.parts.log.error("stream-failed", {{"id", exchange_.id}, {"what", error.what()}});
  }
  co_return std::nullopt;
}

Task<bool> Connection::send_rest(std::string head, const std::string& body, std::size_t written) {
  const SteadyTime begun = std::chrono::steady_clock::now();
  const std::size_t written_before = written;
  while (written < head.size() + body.size()) {
    enter(Phase::kWriting, transfer_deadline(begun, written - written_before));
    const std::size_t of_head = std::min(written, head.size());
    const std::array<asio::const_buffer, 2> buffers = {asio::buffer(head) + of_head,
                                                       asio::buffer(body) + (written - of_head)};
    const auto [error, count] = co_await socket_.async_write_some(buffers, kAwait);
    if (error) co_return false;
    written += count;
  }
  co_return true;
}

void Connection::record(const api::Response& response, std::size_t bytes_out) {
  const auto duration = std::chrono::steady_clock::now() - exchange_.begun;
  shard_.counts.observe(response.route, exchange_.method, response.status, duration);
  shard_.log.add({exchange_.received_at, exchange_.id, exchange_.method, response.route, response.status,
                  exchange_.bytes_in, bytes_out, duration, exchange_.remote_address});
}

// Closing a socket that holds unread bytes sends a reset, which may overtake the answer: so say that we are done, and
// read on for a moment.
Task<void> Connection::linger() {
  BoostError error;
  socket_.shutdown(asio::socket_base::shutdown_send, error);
  if (error) co_return;
  enter(Phase::kLingering, state_.limits.linger_timeout);
  do {
    in_.consume(in_.bytes().size());
  } while (co_await receive_more());
}

}  // namespace orderly::server
