// What slow, silent, vanished and too many clients may not do to the server and to each other.
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <thread>
#include <vector>

#include "host/server/http_server.h"
#include "host/server/test_server.h"

namespace orderly::server {
namespace {

using namespace std::chrono_literals;
using test::Client;
using test::post;
using test::TestServer;
using Clock = std::chrono::steady_clock;

ServerLimits short_limits() {
  ServerLimits limits;
  limits.header_timeout = 300ms;
  limits.idle_timeout = 600ms;
  limits.transfer_grace = 300ms;
  limits.linger_timeout = 200ms;
  limits.stop_timeout = 3s;
  limits.tick = 20ms;
  return limits;
}

Task<api::Response> constant(api::Request) { co_return api::Response{200, {}, "ok", "/"}; }

// A handler that answers when the test lets it.
struct Gate {
  SystemClock clock;
  std::atomic<bool> open = false;
  std::atomic<int> waiting = 0;
  std::atomic<int> finished = 0;

  Handler handler() {
    return [this](api::Request) -> Task<api::Response> {
      ++waiting;
      while (!open) co_await clock.sleep(Duration(5));
      ++finished;
      co_return api::Response{200, {}, "ok", "/"};
    };
  }
  void wait_for(int count) const {
    while (waiting < count) std::this_thread::sleep_for(1ms);
  }
};

TEST(HttpServerLoad, AHeadThatDoesNotEndIsTold408) {
  TestServer server(constant, short_limits());
  Client client = server.client();
  const auto begun = Clock::now();
  client.send("GET / HTTP/1.1\r\nHo");
  const auto answer = client.receive();
  EXPECT_EQ(answer.status, 408);
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_GE(Clock::now() - begun, 300ms);
  EXPECT_TRUE(client.ends());
}

TEST(HttpServerLoad, AHeadThatDripsIsTold408AllTheSame) {
  TestServer server(constant, short_limits());
  Client client = server.client();
  std::thread drip([&] {
    for (int i = 0; i < 40 && client.send("G"); ++i) std::this_thread::sleep_for(20ms);
  });
  EXPECT_EQ(client.receive().status, 408);
  drip.join();
}

TEST(HttpServerLoad, ABodyThatIsTooSlowIsTold408) {
  TestServer server(constant, short_limits());
  for (const std::string framing :
       {"Content-Length: 100000\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\nffff\r\nabc"}) {
    Client client = server.client();
    client.send("POST / HTTP/1.1\r\nHost: h\r\n" + framing);
    std::thread drip([&] {
      for (int i = 0; i < 40 && client.send("d"); ++i) std::this_thread::sleep_for(20ms);
    });
    EXPECT_EQ(client.receive().status, 408);
    drip.join();
  }
}

TEST(HttpServerLoad, ABodyFastEnoughMayTakeLongerThanTheGrace) {
  TestServer server(constant, short_limits());
  Client client = server.client();
  client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n");
  const auto begun = Clock::now();
  for (int i = 0; i < 10; ++i) {
    std::this_thread::sleep_for(50ms);
    client.send(std::string(100, 'x'));
  }
  EXPECT_EQ(client.receive().status, 200);
  EXPECT_GE(Clock::now() - begun, 500ms);
}

TEST(HttpServerLoad, AnIdleConnectionIsClosedWithoutAWord) {
  TestServer server(constant, short_limits());
  Client silent = server.client();
  Client used = server.client();
  EXPECT_EQ(used.get("/").status, 200);
  const auto begun = Clock::now();
  EXPECT_TRUE(silent.ends());
  EXPECT_TRUE(used.ends());
  EXPECT_GE(Clock::now() - begun, 500ms);
}

TEST(HttpServerLoad, AReaderThatTakesNothingIsCutOff) {
  const std::string large(8'000'000, 'x');
  TestServer server([&](api::Request) -> Task<api::Response> { co_return api::Response{200, {}, large, "/"}; },
                    short_limits());
  Client reader(server.port, 4096);
  reader.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  std::this_thread::sleep_for(900ms);
  EXPECT_LT(reader.receive().body.size(), large.size());
  EXPECT_EQ(server.client().get("/").body.size(), large.size()) << "a reader at full speed gets all of it";
}

TEST(HttpServerLoad, AThousandSlowClientsDoNotHoldUpOthers) {
  ASSERT_GT(raise_open_files_max(), 2100u);
  ServerLimits limits = short_limits();
  limits.header_timeout = 20s;
  TestServer server(constant, limits);
  std::vector<Client> slow;
  for (int i = 0; i < 1000; ++i) {
    slow.push_back(server.client());
    ASSERT_TRUE(slow.back().send(i % 2 == 0 ? "GET / HT" : "POST / HTTP/1.1\r\nHost: h\r\n"));
  }
  Client quick = server.client();
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(quick.get("/").status, 200);
  for (std::size_t i = 0; i < slow.size(); ++i)
    ASSERT_TRUE(slow[i].send(i % 2 == 0 ? "TP/1.1\r\nHost: h\r\n\r\n" : "\r\n"));
  for (Client& client : slow) ASSERT_EQ(client.receive().status, 200);
}

TEST(HttpServerLoad, TooManyConnectionsAreTold503) {
  ServerLimits limits = short_limits();
  limits.connections_max = 3;
  limits.idle_timeout = 20s;
  TestServer server(constant, limits);
  std::vector<Client> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(server.client());
    ASSERT_EQ(clients.back().get("/").status, 200);
  }
  Client refused = server.client();
  const auto answer = refused.get("/");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.header("retry-after"), "1");
  EXPECT_TRUE(refused.ends());
  for (Client& client : clients) EXPECT_EQ(client.get("/").status, 200);
}

TEST(HttpServerLoad, TooManyRequestsUnderWayAreTold503AndMayTryAgain) {
  Gate gate;
  ServerLimits limits = short_limits();
  limits.requests_under_way_max = 2;
  TestServer server(gate.handler(), limits);
  Client first = server.client();
  Client second = server.client();
  first.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  second.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  gate.wait_for(2);
  Client third = server.client();
  const auto refused = third.get("/");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.header("retry-after"), "1");
  EXPECT_NE(refused.body.find("\"code\":\"overloaded\""), std::string::npos);
  gate.open = true;
  EXPECT_EQ(first.receive().status, 200);
  EXPECT_EQ(second.receive().status, 200);
  EXPECT_EQ(third.get("/").status, 200) << "on the same connection";
  EXPECT_NE(server.metrics().find("orderly_http_requests_refused_total 1"), std::string::npos);
}

TEST(HttpServerLoad, AHandlerMayTakeLongerThanAnyTimeoutOfTheConnection) {
  Gate gate;
  TestServer server(gate.handler(), short_limits());
  Client client = server.client();
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  std::this_thread::sleep_for(1s);
  gate.open = true;
  EXPECT_EQ(client.receive().status, 200);
}

TEST(HttpServerLoad, AHandlerWhoseClientWentAwayFinishes) {
  Gate gate;
  TestServer server(gate.handler(), short_limits());
  {
    Client client = server.client();
    client.send(post("/", "x"));
    gate.wait_for(1);
  }
  gate.open = true;
  server.stop();
  EXPECT_EQ(gate.finished, 1);
}

TEST(HttpServerLoad, StopsGracefully) {
  Gate gate;
  TestServer server(gate.handler(), short_limits());
  Client idle = server.client();
  Client busy = server.client();
  busy.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  gate.wait_for(1);

  auto stopped = std::async(std::launch::async, [&] { server.stop(); });
  EXPECT_TRUE(idle.ends());
  EXPECT_EQ(stopped.wait_for(50ms), std::future_status::timeout) << "a request is still under way";
  gate.open = true;
  const auto answer = busy.receive();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_TRUE(busy.ends());
  EXPECT_EQ(stopped.wait_for(1s), std::future_status::ready);
}

TEST(HttpServerLoad, DoesNotWaitForeverWhenItStops) {
  Gate gate;
  ServerLimits limits = short_limits();
  limits.stop_timeout = 200ms;
  TestServer server(gate.handler(), limits);
  Client client = server.client();
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  gate.wait_for(1);
  server.stop();
  EXPECT_EQ(client.receive().status, 0);
  EXPECT_NE(server.logged().find("stopped-with-connections-open"), std::string::npos);
}

}  // namespace
}  // namespace orderly::server
