#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "base/json.h"
#include "host/cli/admin.h"

namespace orderly::cli {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr std::uint64_t kAnswerBytesMax = std::uint64_t{64} << 20;
constexpr std::size_t kProductsPerRequest = 100;  // within the server's limit of a body

AdminAnswer exchange(asio::local::stream_protocol::socket& socket, const AdminRequest& request) {
  http::request<http::string_body> message{http::verb::post, "/admin", 11};
  message.set(http::field::host, "localhost");
  message.set(http::field::content_type, "application/json");
  message.body() = json::write(request);
  message.prepare_payload();
  http::write(socket, message);
  boost::beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(kAnswerBytesMax);
  http::read(socket, buffer, parser);
  if (parser.get().result() != http::status::ok)
    return {3, "orderly: the server answered: " + parser.get().body() + "\n"};
  return json::read_stored<AdminAnswer>(parser.get().body());
}

// Runs a coroutine to its end on this thread.
AdminAnswer run_here(Node& node, const AdminRequest& request) {
  asio::io_context context;
  auto result = asio::co_spawn(context, run_admin(node, request), asio::use_future);
  context.run();
  node.stop();
  node.close();
  return result.get();
}

}  // namespace

std::optional<AdminAnswer> ask_server(const std::filesystem::path& path, const AdminRequest& request) {
  asio::io_context context;
  asio::local::stream_protocol::socket socket(context);
  boost::system::error_code error;
  socket.connect(asio::local::stream_protocol::endpoint(path.string()), error);
  if (error) return std::nullopt;
  try {
    if (request.products.empty()) return exchange(socket, request);
    for (std::size_t i = 0; i < request.products.size(); i += kProductsPerRequest) {
      AdminRequest part = request;
      const std::size_t end = std::min(i + kProductsPerRequest, request.products.size());
      part.products.assign(request.products.begin() + static_cast<std::ptrdiff_t>(i),
                           request.products.begin() + static_cast<std::ptrdiff_t>(end));
      AdminAnswer answer = exchange(socket, part);
      if (answer.exit_code != 0) return answer;
    }
    return AdminAnswer{0, std::to_string(request.products.size()) + " products are in the shop.\n"};
  } catch (const boost::system::system_error& failure) {
    return AdminAnswer{3, "orderly: lost the server: " + std::string(failure.what()) + "\n"};
  }
}

AdminAnswer run_or_ask(const Config& config, server::Log& log, const AdminRequest& request) {
  const bool may_be_there = config.engine != EngineKind::kEmbedded || holds_a_shop(config.data);
  if (may_be_there) {
    if (auto answer = ask_server(socket_path(config.data), request)) return *std::move(answer);
  } else if (request.command != "seed") {  // what only looks must not make a shop there
    return {3, "orderly: there is no shop in the folder " + config.data.string() + "\n"};
  }
  try {
    Node node(config, log);
    return run_here(node, request);
  } catch (const Error& error) {
    return {3, "orderly: " + error.message() + "\n"};
  }
}

}  // namespace orderly::cli
