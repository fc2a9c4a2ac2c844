#include "engines/https/client.h"

#include <algorithm>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>

#include "base/error.h"
#include "engines/https/call.h"
#include "engines/https/on_strand.h"
#include "engines/https/pool.h"
#include "engines/https/request_head.h"

namespace orderly::https {
namespace {

// The pool is shared with the calls under way, so that they may outlive the client.
class PooledClient final : public Client {
 public:
  explicit PooledClient(ClientOptions options) : pool_(std::make_shared<Pool>(std::move(options))) {}
  ~PooledClient() override { pool_->stop(); }

  Task<Response> send(Request request) override {
    const auto pool = pool_;
    std::string head = make_request_head(request);
    const boost::asio::any_io_executor executor = co_await boost::asio::this_coro::executor;
    // What a call does at once (its timers, its I/O, its end by others) must not run at once, on however many threads
    // its event loop runs.
    co_return co_await on_strand(boost::asio::make_strand(executor),
                                 call(pool, std::move(request), std::move(head), executor));
  }

  void stop() override { pool_->stop(); }

 private:
  const std::shared_ptr<Pool> pool_;
};

}  // namespace

std::optional<std::string_view> Response::header(std::string_view name) const {
  const auto found = std::ranges::find(headers, name, &std::pair<std::string, std::string>::first);
  if (found == headers.end()) return std::nullopt;
  return found->second;
}

std::unique_ptr<Client> Client::make(ClientOptions options) {
  return std::make_unique<PooledClient>(std::move(options));
}

}  // namespace orderly::https
