#include "engines/https/test_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <stdexcept>

#include "base/error.h"

namespace orderly::https::test {
namespace {

using namespace std::chrono_literals;

constexpr int kBacklog = 256;

void require(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string("the test's peer: ") + what);
}

SSL_CTX* make_context(const Identity& identity, int tls_version_max) {
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  if (tls_version_max != 0) SSL_CTX_set_security_level(context, 0);  // else it would refuse old versions itself
  require(SSL_CTX_set_max_proto_version(context, tls_version_max) == 1, "version");
  BIO* certificate_text = BIO_new_mem_buf(identity.certificate.data(), static_cast<int>(identity.certificate.size()));
  BIO* key_text = BIO_new_mem_buf(identity.key.data(), static_cast<int>(identity.key.size()));
  X509* certificate = PEM_read_bio_X509(certificate_text, nullptr, nullptr, nullptr);
  EVP_PKEY* key = PEM_read_bio_PrivateKey(key_text, nullptr, nullptr, nullptr);
  require(SSL_CTX_use_certificate(context, certificate) == 1 && SSL_CTX_use_PrivateKey(context, key) == 1, "identity");
  EVP_PKEY_free(key);
  X509_free(certificate);
  BIO_free(key_text);
  BIO_free(certificate_text);
  return context;
}

std::size_t content_length(std::string_view head) {
  constexpr std::string_view kName = "\r\nContent-Length: ";
  const std::size_t at = head.find(kName);
  return at == std::string_view::npos ? 0 : std::stoul(std::string(head.substr(at + kName.size(), 12)));
}

}  // namespace

struct Peer::Connection {
  int fd = -1;
  int number = 0;
  std::thread thread;
};

Peer::Peer(Script script, std::optional<Identity> identity, int tls_version_max) : script_(std::move(script)) {
  std::signal(SIGPIPE, SIG_IGN);
  if (identity) context_ = make_context(*identity, tls_version_max);
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  require(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "bind");
  require(::listen(listener_, kBacklog) == 0, "listen");
  socklen_t size = sizeof address;
  require(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0, "port");
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

Peer::~Peer() {
  {
    const std::scoped_lock lock(mutex_);
    is_stopping_ = true;
    for (const Connection& connection : connections_) {
      if (connection.fd >= 0) ::shutdown(connection.fd, SHUT_RDWR);
    }
  }
  changed_.notify_all();
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  for (Connection& connection : connections_) connection.thread.join();
  ::close(listener_);
  SSL_CTX_free(context_);
}

Endpoint Peer::endpoint(std::string host) const { return {context_ != nullptr, std::move(host), port_}; }

void Peer::accept_all() {
  for (;;) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const std::scoped_lock lock(mutex_);
    if (fd < 0 || is_stopping_) {
      if (fd >= 0) ::close(fd);
      return;
    }
    Connection& connection = connections_.emplace_back();
    connection.fd = fd;
    connection.number = ++accepted_;
    open_max_ = std::max(open_max_, ++open_);
    connection.thread = std::thread([this, &connection] { serve(connection); });
    changed_.notify_all();
  }
}

void Peer::serve(Connection& connection) {
  SSL* ssl = nullptr;
  bool is_open = true;
  if (context_ != nullptr) {
    ssl = SSL_new(context_);
    SSL_set_fd(ssl, connection.fd);
    is_open = SSL_accept(ssl) == 1;
  }
  if (is_open) {
    Talk talk(*this, connection, ssl);
    script_(talk);
  }
  close(connection, false);
  SSL_free(ssl);
}

void Peer::close(Connection& connection, bool reset) {
  const std::scoped_lock lock(mutex_);
  if (connection.fd < 0) return;
  const linger now{1, 0};
  if (reset) ::setsockopt(connection.fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(connection.fd);
  connection.fd = -1;
  --open_;
  changed_.notify_all();
}

int Peer::accepted() const {
  const std::scoped_lock lock(mutex_);
  return accepted_;
}

int Peer::open_max() const {
  const std::scoped_lock lock(mutex_);
  return open_max_;
}

int Peer::requests() const {
  const std::scoped_lock lock(mutex_);
  return requests_;
}

template <class Condition>
bool Peer::reaches(Condition condition) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, 5s, condition);
}

bool Peer::reaches_open(int count) {
  return reaches([this, count] { return open_ == count; });
}

bool Peer::reaches_requests(int count) {
  return reaches([this, count] { return requests_ >= count; });
}

int Peer::Talk::number() const { return connection_.number; }

std::string Peer::Talk::receive_some() {
  std::array<char, 16384> bytes{};
  const auto count = ssl_ != nullptr ? SSL_read(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                                     : ::recv(connection_.fd, bytes.data(), bytes.size(), 0);
  return count > 0 ? std::string(bytes.data(), static_cast<std::size_t>(count)) : std::string();
}

std::string Peer::Talk::receive() {
  for (;;) {
    const std::size_t head = received_.find("\r\n\r\n");
    if (head != std::string::npos) {
      const std::size_t size = head + 4 + content_length(std::string_view(received_).substr(0, head + 2));
      if (received_.size() >= size) {
        std::string request = received_.substr(0, size);
        received_.erase(0, size);
        const std::scoped_lock lock(peer_.mutex_);
        ++peer_.requests_;
        peer_.changed_.notify_all();
        return request;
      }
    }
    const std::string more = receive_some();
    if (more.empty()) return {};
    received_ += more;
  }
}

bool Peer::Talk::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ssl_ != nullptr ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                                       : ::send(connection_.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool Peer::Talk::answer(std::string_view body) {
  return send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
}

void Peer::Talk::pause(Duration duration) {
  std::unique_lock lock(peer_.mutex_);
  peer_.changed_.wait_for(lock, duration, [this] { return peer_.is_stopping_; });
}

void Peer::Talk::reset() { peer_.close(connection_, true); }

void Peer::Talk::stop_listening() { ::shutdown(peer_.listener_, SHUT_RDWR); }

void Peer::Talk::say_goodbye() { SSL_shutdown(ssl_); }

std::string Peer::Talk::server_name() const {
  const char* name = SSL_get_servername(ssl_, TLSEXT_NAMETYPE_host_name);
  return name == nullptr ? "" : name;
}

std::string Peer::Talk::tls_version() const { return SSL_get_version(ssl_); }

Time TestClock::now() const {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return Time{std::chrono::floor<std::chrono::milliseconds>(since_epoch).count()} + Duration(ahead_ms_.load());
}

Task<void> TestClock::sleep(Duration duration) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, duration);
  co_await timer.async_wait(boost::asio::use_awaitable);
}

Loop::Loop(int thread_count) : context_(thread_count) {
  for (int i = 0; i < thread_count; ++i) threads_.emplace_back([this] { context_.run(); });
}

Loop::~Loop() {
  work_.reset();
  for (std::thread& thread : threads_) thread.join();
}

Task<Result> result_of(Http& http, Request request) {
  Result result;
  try {
    result.response = co_await http.send(std::move(request));
  } catch (const Error& error) {
    result.slug = error.slug();
    result.detail = error.detail();
  } catch (const std::exception& error) {
    result.slug = "(not an Error)";
    result.detail = error.what();
  }
  co_return result;
}

World::World(ClientOptions options, int thread_count) : loop_(thread_count) {
  options.clock = &clock_;
  client_ = Client::make(std::move(options));
}

World::~World() { client_->stop(); }

Result World::get(const Endpoint& endpoint, std::string target) { return send(test::get(endpoint, std::move(target))); }

Request get(const Endpoint& endpoint, std::string target) {
  Request request;
  request.endpoint = endpoint;
  request.target = std::move(target);
  return request;
}

Request post(const Endpoint& endpoint, std::string body) {
  Request request = get(endpoint);
  request.method = "POST";
  request.body = std::move(body);
  return request;
}

void echo(Peer::Talk& talk) {
  for (std::string request = talk.receive(); !request.empty(); request = talk.receive()) {
    const std::size_t from = request.find(' ') + 1;
    if (!talk.answer(request.substr(from, request.find(' ', from) - from))) return;
  }
}

}  // namespace orderly::https::test
