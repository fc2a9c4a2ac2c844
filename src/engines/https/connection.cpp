#include "engines/https/connection.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "engines/https/within.h"

namespace orderly::https {
namespace {

namespace asio = boost::asio;
using BoostError = boost::system::error_code;
using asio::ip::tcp;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kAddressesMax = 4;  // tried; a name may have dozens

}  // namespace

// A look-up under way. getaddrinfo() cannot be interrupted: when nobody waits any more, this lives on until it is back.
struct Connection::Resolution {
  explicit Resolution(const asio::any_io_executor& strand) : resolver(strand), found(strand, 1) {}

  tcp::resolver resolver;
  asio::experimental::channel<void(BoostError, tcp::resolver::results_type)> found;
};

Connection::Connection(const asio::any_io_executor& executor, TlsContext& tls, ports::Clock& clock)
    : context_(tls), clock_(clock), socket_(executor) {}

Task<std::string> Connection::open(Endpoint endpoint, Duration limit) {
  if (endpoint.tls && !context_.has_roots()) co_return "this system has no trusted root certificates";
  if (is_aborted_) co_return "aborted";
  std::vector<Address> addresses;
  std::string fault = co_await resolve(endpoint, addresses);
  if (fault.empty()) fault = co_await connect(std::move(addresses), limit);
  if (fault.empty() && endpoint.tls) fault = co_await shake_hands(endpoint.host);
  co_return fault;
}

Task<std::string> Connection::resolve(const Endpoint& endpoint, std::vector<Address>& addresses) {
  BoostError error;
  const auto literal = asio::ip::make_address(endpoint.host, error);
  if (!error) {
    addresses.emplace_back(literal, endpoint.port);
    co_return std::string();
  }
  const auto strand = co_await asio::this_coro::executor;
  const auto resolution = std::make_shared<Resolution>(strand);
  resolution->resolver.async_resolve(
      endpoint.host, std::to_string(endpoint.port), tcp::resolver::numeric_service,
      asio::bind_executor(strand, [resolution](BoostError failure, tcp::resolver::results_type results) {
        resolution->found.try_send(failure, std::move(results));
      }));
  resolution_ = resolution;
  const auto [failure, results] = co_await resolution->found.async_receive(kAwait);
  resolution_.reset();
  if (failure) co_return "the name is not known: " + failure.message();
  for (const auto& result : results) {
    if (addresses.size() < kAddressesMax) addresses.push_back(result.endpoint());
  }
  co_return std::string();
}

Task<std::string> Connection::connect(std::vector<Address> addresses, Duration limit) {
  const Duration share = limit / static_cast<Duration::rep>(std::max<std::size_t>(addresses.size(), 1));
  std::string fault = "the name has no address";
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    if (i + 1 == addresses.size()) {
      fault = co_await connect_to(addresses[i]);
    } else {
      fault = (co_await within(clock_, share, connect_to(addresses[i]))).value_or("no connection within the time");
    }
    if (fault.empty()) break;
  }
  co_return fault;
}

Task<std::string> Connection::connect_to(Address address) {
  BoostError ignored;
  socket_.close(ignored);
  if (is_aborted_) co_return "aborted";
  const auto [error] = co_await socket_.async_connect(address, kAwait);
  if (error) co_return error.message();
  // A request goes out as soon as it is written, whatever the peer has still to acknowledge.
  socket_.set_option(tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
  co_return std::string();
}

Task<std::string> Connection::shake_hands(const std::string& host) {
  tls_.emplace(socket_, context_.context());
  expect_peer(tls_->native_handle(), host);
  const auto [error] = co_await tls_->async_handshake(asio::ssl::stream_base::client, kAwait);
  if (error) co_return handshake_fault(tls_->native_handle(), error);
  co_return std::string();
}

Task<Transfer> Connection::write(std::array<asio::const_buffer, 2> buffers) {
  if (tls_) {
    const auto [error, bytes] = co_await asio::async_write(*tls_, buffers, kAwait);
    co_return Transfer{error, bytes};
  }
  const auto [error, bytes] = co_await asio::async_write(socket_, buffers, kAwait);
  co_return Transfer{error, bytes};
}

Task<Transfer> Connection::read_some(asio::mutable_buffer buffer) {
  if (tls_) {
    const auto [error, bytes] = co_await tls_->async_read_some(buffer, kAwait);
    co_return Transfer{error, bytes};
  }
  const auto [error, bytes] = co_await socket_.async_read_some(buffer, kAwait);
  co_return Transfer{error, bytes};
}

bool Connection::is_quiet() {
  char byte = 0;
  BoostError error;
  socket_.receive(asio::buffer(&byte, 1), Socket::message_peek, error);
  return error == asio::error::would_block;
}

void Connection::abort() {
  is_aborted_ = true;
  if (resolution_) resolution_->found.cancel();
  BoostError ignored;
  socket_.close(ignored);
}

}  // namespace orderly::https
