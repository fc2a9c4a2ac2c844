// One connection to an endpoint, plain or TLS. Used by one call at a time, on that call's strand; between calls nothing
// of it is under way, so that the next call's strand may be another.
#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engines/https/client.h"
#include "engines/https/tls_context.h"

namespace orderly::https {

struct Transfer {
  boost::system::error_code error;
  std::size_t bytes = 0;
};

class Connection {
 public:
  using Address = boost::asio::ip::tcp::endpoint;

  // `executor`: of the event loop to which it belongs from now on. `tls` and `clock` must outlive it.
  Connection(const boost::asio::any_io_executor& executor, TlsContext& tls, ports::Clock& clock);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Finds the endpoint's addresses, connects, shakes hands. Empty when it is open, else why it is not. Each address but
  // the last gets its share of `limit`; the whole is for the caller to limit.
  Task<std::string> open(Endpoint endpoint, Duration limit);
  // The same to the first of these addresses that takes it, and plain.
  Task<std::string> connect(std::vector<Address> addresses, Duration limit);

  // `bytes`: how many may have reached the peer. Of TLS, those in whole records: a peer can do nothing with a part of
  // one.
  Task<Transfer> write(std::array<boost::asio::const_buffer, 2> buffers);
  Task<Transfer> read_some(boost::asio::mutable_buffer buffer);

  // Between calls, on any thread: whether the peer has neither closed it nor sent anything unasked.
  bool is_quiet();
  // On the strand of the call under way: ends it.
  void abort();

 private:
  struct Resolution;

  Task<std::string> resolve(const Endpoint& endpoint, std::vector<Address>& addresses);
  Task<std::string> connect_to(Address address);
  Task<std::string> shake_hands(const std::string& host);

  using Socket = boost::asio::ip::tcp::socket;

  TlsContext& context_;
  ports::Clock& clock_;
  Socket socket_;
  std::optional<boost::asio::ssl::stream<Socket&>> tls_;
  std::shared_ptr<Resolution> resolution_;
  bool is_aborted_ = false;
};

}  // namespace orderly::https
