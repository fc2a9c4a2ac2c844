#include "bench/load_client.h"

#include <gtest/gtest.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <list>
#include <thread>

namespace orderly::bench {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;

// A server on a thread for each connection; `serve` answers one request and says whether the connection goes on.
class SmallServer {
 public:
  using Serve = std::function<bool(tcp::socket& socket, int number)>;

  explicit SmallServer(Serve serve)
      : serve_(std::move(serve)), acceptor_(context_, {asio::ip::make_address("127.0.0.1"), 0}) {
    accepting_ = std::thread([this] { accept(); });
  }
  ~SmallServer() {
    ending_ = true;
    boost::system::error_code ignored;
    tcp::socket wake(context_);
    wake.connect(acceptor_.local_endpoint(), ignored);
    accepting_.join();
    wake.close(ignored);  // or its thread would wait for a request
    for (std::thread& each : connections_) each.join();
  }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  void accept() {
    while (!ending_) {
      tcp::socket socket(context_);
      boost::system::error_code error;
      acceptor_.accept(socket, error);
      if (error) continue;
      socket.set_option(tcp::no_delay(true), error);
      connections_.emplace_back([this, moved = std::move(socket)]() mutable { run(moved); });
    }
  }
  void run(tcp::socket& socket) {
    std::string bytes;
    boost::system::error_code error;
    do {
      const std::size_t size = asio::read_until(socket, asio::dynamic_buffer(bytes), "\r\n\r\n", error);
      if (error) return;
      bytes.erase(0, size);
    } while (serve_(socket, number_++));
  }

  Serve serve_;
  asio::io_context context_;
  tcp::acceptor acceptor_;
  std::atomic<bool> ending_ = false;
  std::atomic<int> number_ = 0;
  std::list<std::thread> connections_;
  std::thread accepting_;
};

void send(tcp::socket& socket, std::string_view text) {
  boost::system::error_code ignored;
  asio::write(socket, asio::buffer(text), ignored);
}

constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

class AskForOk : public Workload {
 public:
  std::string_view next(std::size_t) override { return "GET / HTTP/1.1\r\nHost: x\r\n\r\n"; }
  Verdict answered(std::size_t, const Answer& answer) override {
    return answer.status == 200 && answer.body == "ok" ? Verdict::kGood : Verdict::kWrong;
  }
};

// Bounded by requests rather than by time, so that a busy machine changes nothing but how long it takes.
LoadOptions options_for(const SmallServer& server, std::size_t connections, std::uint64_t requests = 100) {
  LoadOptions options;
  options.port = server.port();
  options.connections = connections;
  options.duration = 30s;
  options.requests_max = requests;
  return options;
}

TEST(RunLoad, CountsGoodAnswersOnAllConnections) {
  SmallServer server([](tcp::socket& socket, int) { return send(socket, kOk), true; });
  AskForOk workload;
  const LoadResult result = run_load(options_for(server, 4), workload);
  EXPECT_EQ(result.good, 100u);
  EXPECT_EQ(result.errors(), 0u);
  EXPECT_EQ(result.latency.count(), result.good);
  EXPECT_EQ(result.statuses.at(200), result.good);
  EXPECT_GT(result.per_second(), 0);
}

TEST(RunLoad, PutsTogetherAnAnswerThatComesInParts) {
  SmallServer server([](tcp::socket& socket, int) {
    for (const char& each : kOk) {
      send(socket, std::string_view(&each, 1));
      if (&each == kOk.data() + 20) std::this_thread::sleep_for(2ms);
    }
    return true;
  });
  AskForOk workload;
  const LoadResult result = run_load(options_for(server, 1, 10), workload);
  EXPECT_EQ(result.good, 10u);
  EXPECT_EQ(result.errors(), 0u);
}

TEST(RunLoad, CountsWrongAnswersAndShowsTheFirst) {
  SmallServer server([](tcp::socket& socket, int number) {
    return send(socket, number == 5 ? "HTTP/1.1 503 X\r\nContent-Length: 4\r\n\r\nbusy" : kOk), true;
  });
  AskForOk workload;
  const LoadResult result = run_load(options_for(server, 1), workload);
  EXPECT_EQ(result.wrong, 1u);
  EXPECT_EQ(result.first_wrong, "503 busy");
  EXPECT_EQ(result.statuses.at(503), 1u);
  EXPECT_EQ(result.good, 99u);
}

TEST(RunLoad, CountsALostConnectionAndGoesOnWithANewOne) {
  SmallServer server([](tcp::socket& socket, int number) {
    if (number == 5) return false;
    send(socket, kOk);
    return true;
  });
  AskForOk workload;
  const LoadResult result = run_load(options_for(server, 1), workload);
  EXPECT_EQ(result.transport_errors, 1u);
  EXPECT_EQ(result.good, 99u);
}

TEST(RunLoad, CountsAnAnswerThatIsNoHttp) {
  SmallServer server([](tcp::socket& socket, int number) {
    return send(socket, number == 0 ? "220 mail.example ESMTP\r\n" : kOk), true;
  });
  AskForOk workload;
  EXPECT_EQ(run_load(options_for(server, 1), workload).transport_errors, 1u);
}

TEST(RunLoad, SendsNoMoreThanItMay) {
  std::atomic<int> served = 0;
  SmallServer server([&](tcp::socket& socket, int) { return ++served, send(socket, kOk), true; });
  AskForOk workload;
  const LoadResult result = run_load(options_for(server, 3, 10), workload);
  EXPECT_EQ(result.good, 10u);
  EXPECT_EQ(served, 10);
  EXPECT_LT(result.seconds, 20);
}

TEST(RunLoad, AnswersOfTheWarmUpAreNotCounted) {
  SmallServer server([](tcp::socket& socket, int) { return send(socket, kOk), true; });
  LoadOptions options = options_for(server, 1, 0);
  options.warm_up = 200ms;
  options.duration = 200ms;
  AskForOk workload;
  const LoadResult result = run_load(options, workload);
  EXPECT_GT(result.good, 0u);
  EXPECT_LT(result.good, result.statuses.at(200));
}

TEST(RunLoad, AnOpenLoopGoesNoFasterThanItsRate) {
  SmallServer server([](tcp::socket& socket, int) { return send(socket, kOk), true; });
  LoadOptions options = options_for(server, 8, 201);
  options.rate_per_second = 500;
  AskForOk workload;
  const LoadResult result = run_load(options, workload);
  EXPECT_EQ(result.good, 201u);
  EXPECT_GE(result.seconds, 0.4);
}

TEST(RunLoad, AnOpenLoopShowsAStallToEveryRequestThatFellDueInIt) {
  SmallServer server([](tcp::socket& socket, int number) {
    if (number == 50) std::this_thread::sleep_for(200ms);
    return send(socket, kOk), true;
  });
  LoadOptions options = options_for(server, 1, 300);
  options.rate_per_second = 500;
  AskForOk workload;
  const LoadResult result = run_load(options, workload);
  // A hundred of three hundred requests fell due while the server slept.
  EXPECT_GT(result.latency.percentile(80), 20ms);
}

TEST(RunLoad, AsksAgainWhereThereWasNothingToSend) {
  class OneLater final : public AskForOk {
   public:
    std::string_view next(std::size_t connection) override { return ++asked_ < 20 ? "" : AskForOk::next(connection); }

   private:
    int asked_ = 0;
  };
  SmallServer server([](tcp::socket& socket, int) { return send(socket, kOk), true; });
  OneLater workload;
  EXPECT_EQ(run_load(options_for(server, 2), workload).good, 100u);
}

TEST(RunLoad, SaysSoWhenNobodyListens) {
  std::uint16_t port = 0;
  {
    const SmallServer server([](tcp::socket&, int) { return false; });
    port = server.port();
  }
  LoadOptions options;
  options.port = port;
  AskForOk workload;
  EXPECT_THROW(run_load(options, workload), std::system_error);
}

}  // namespace
}  // namespace orderly::bench
