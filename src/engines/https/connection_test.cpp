#include "engines/https/connection.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/ip/address_v4.hpp>

#include "engines/https/test_peer.h"

namespace orderly::https {
namespace {

namespace asio = boost::asio;
using Address = Connection::Address;

Address local(std::uint16_t port) { return {asio::ip::address_v4::loopback(), port}; }

// Listens, but takes no more connections: who connects hears nothing, as from a machine that is gone.
class FullListener {
 public:
  FullListener() {
    listener_ = make_socket(0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener_, 0), 0);
    EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
    for (int& waiting : waiting_) {
      waiting = make_socket(SOCK_NONBLOCK);
      EXPECT_EQ(::connect(waiting, reinterpret_cast<sockaddr*>(&address), size), -1);
    }
  }
  FullListener(const FullListener&) = delete;
  FullListener& operator=(const FullListener&) = delete;
  ~FullListener() {
    for (const int waiting : waiting_) ::close(waiting);
    ::close(listener_);
  }

  std::uint16_t port() const { return port_; }

 private:
  static int make_socket(int flags) { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0); }

  int listener_ = -1;
  std::array<int, 8> waiting_{};
  std::uint16_t port_ = 0;
};

// The fault, or "" when one of the addresses took the connection.
std::string connect(std::vector<Address> addresses, Duration limit) {
  test::TestClock clock;
  TlsContext tls({});
  test::Loop loop;
  const auto connection = std::make_shared<Connection>(loop.context().get_executor(), tls, clock);
  return asio::co_spawn(asio::make_strand(loop.context()), connection->connect(std::move(addresses), limit),
                        asio::use_future)
      .get();
}

TEST(HttpsConnection, TheNextAddressIsTriedWhenOneRefuses) {
  std::uint16_t closed = 0;
  {
    const test::Peer gone(test::echo);
    closed = gone.port();
  }
  const test::Peer peer(test::echo);
  EXPECT_EQ(connect({local(closed), local(closed), local(peer.port())}, Duration(3'000)), "");
  EXPECT_EQ(connect({local(peer.port()), local(closed)}, Duration(3'000)), "");
  EXPECT_EQ(connect({local(closed)}, Duration(3'000)), "Connection refused");
  EXPECT_EQ(connect({}, Duration(3'000)), "the name has no address");
  EXPECT_EQ(peer.accepted(), 2);
}

TEST(HttpsConnection, AnAddressThatSaysNothingUsesUpItsOwnShareOnly) {
  const FullListener silent;
  const test::Peer peer(test::echo);
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(connect({local(silent.port()), local(peer.port())}, Duration(1'000)), "");
  EXPECT_GE(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(500));
  EXPECT_EQ(connect({local(silent.port()), local(silent.port()), local(peer.port())}, Duration(600)), "");
}

}  // namespace
}  // namespace orderly::https
