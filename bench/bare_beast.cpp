// The "raw HTTP" limit of docs/performance.md: the least that a Beast server can do for a request. Coroutines, one I/O
// thread with its own io_context each, async_read of a request, async_write of a string_body of a given size. No
// limits, no log, no figures.
//
//   bare_beast [PORT [THREADS [BODY_BYTES]]]     listens on 127.0.0.1, prints the port, runs until it is killed
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

asio::awaitable<void> serve(tcp::socket socket, const std::string& body) {
  beast::flat_buffer buffer;
  for (;;) {
    http::request<http::string_body> request;
    const auto [read_error, read] = co_await http::async_read(socket, buffer, request, kAwait);
    if (read_error) co_return;
    http::response<http::string_body> response{http::status::ok, request.version()};
    response.set(http::field::content_type, "application/json");
    response.keep_alive(request.keep_alive());
    response.body() = body;
    response.prepare_payload();
    const auto [write_error, written] = co_await http::async_write(socket, response, kAwait);
    if (write_error || !response.keep_alive()) co_return;
  }
}

asio::awaitable<void> accept_all(tcp::acceptor acceptor, std::vector<std::unique_ptr<asio::io_context>>& contexts,
                                 const std::string& body) {
  for (std::size_t turn = 0;; ++turn) {
    asio::io_context& context = *contexts[turn % contexts.size()];
    auto [error, socket] = co_await acceptor.async_accept(context, kAwait);
    if (error) continue;
    socket.set_option(tcp::no_delay(true));
    asio::co_spawn(context, serve(std::move(socket), body), asio::detached);
  }
}

unsigned long argument(int argc, char** argv, int index, unsigned long otherwise) {
  return argc > index ? std::strtoul(argv[index], nullptr, 10) : otherwise;
}

}  // namespace

int main(int argc, char** argv) {
  const auto port = static_cast<unsigned short>(argument(argc, argv, 1, 0));
  const std::size_t thread_count = argument(argc, argv, 2, 2);
  const std::string body(argument(argc, argv, 3, 600), 'x');

  std::vector<std::unique_ptr<asio::io_context>> contexts;
  for (std::size_t i = 0; i < thread_count; ++i) contexts.push_back(std::make_unique<asio::io_context>(1));
  tcp::acceptor acceptor(*contexts.front(), {asio::ip::make_address("127.0.0.1"), port});
  std::printf("%u\n", static_cast<unsigned>(acceptor.local_endpoint().port()));
  std::fflush(stdout);
  asio::co_spawn(*contexts.front(), accept_all(std::move(acceptor), contexts, body), asio::detached);

  std::vector<std::jthread> threads;
  for (const auto& context : contexts) {
    threads.emplace_back([&context] {
      const auto work = asio::make_work_guard(*context);
      context->run();
    });
  }
}
