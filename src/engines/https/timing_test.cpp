// What takes too long, what is called off, and what happens at once: limits, order, stop(), cancellation, event loops.
#include <gtest/gtest.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>
#include <random>

#include "base/error.h"
#include "engines/https/client.h"
#include "engines/https/test_certificates.h"
#include "engines/https/test_peer.h"

namespace orderly::https {
namespace {

namespace asio = boost::asio;
using test::Authority;
using test::get;
using test::Loop;
using test::Peer;
using test::post;
using test::Result;
using test::World;

constexpr Duration kForever{60'000};

void never_answer(Peer::Talk& talk) {
  talk.receive();
  talk.receive();
}

// As a peer that hangs before its TLS handshake.
void say_nothing(Peer::Talk& talk) {
  while (!talk.receive_some().empty()) {
  }
}

void take_nothing(Peer::Talk& talk) { talk.pause(kForever); }

// The time that passes between its making and the question.
class Stopwatch {
 public:
  Duration passed() const { return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - begun_); }

 private:
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

// --- Time limits

TEST(HttpsTimeouts, ThePeersFirstByteIsWaitedForOnlySoLong) {
  Peer peer(never_answer);
  World world;
  Request request = get(peer.endpoint());
  request.first_byte_timeout = Duration(100);
  request.safe_to_repeat = true;
  const Stopwatch watch;
  const Result result = world.send(request);
  EXPECT_EQ(result.slug, "answer-lost");
  EXPECT_NE(result.detail.find("no answer within 100 ms"), std::string::npos) << result.detail;
  EXPECT_GE(watch.passed(), Duration(100));
  EXPECT_LT(watch.passed(), Duration(2'000));
  EXPECT_TRUE(peer.reaches_open(0));
  EXPECT_EQ(peer.requests(), 1);
}

TEST(HttpsTimeouts, TheFirstBytesTimeBeginsWithTheRequestsLastByte) {
  Peer peer([](Peer::Talk& talk) {
    talk.pause(Duration(2'200));  // the request's body does not fit into the sockets' buffers
    talk.receive();
    talk.pause(Duration(50));
    talk.answer("in time");
  });
  World world;
  Request request = post(peer.endpoint(), std::string(16 << 20, 'x'));
  request.first_byte_timeout = Duration(2'000);
  EXPECT_EQ(world.send(request).body(), "in time");
}

TEST(HttpsTimeouts, AnAnswerThatHasBegunMayTakeTheWholeTime) {
  Peer peer([](Peer::Talk& talk) {
    talk.receive();
    talk.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    for (const char c : std::string_view("hello")) {
      talk.pause(Duration(150));
      talk.send({&c, 1});
    }
  });
  World world;
  Request request = get(peer.endpoint());
  request.first_byte_timeout = Duration(400);
  EXPECT_EQ(world.send(request).body(), "hello");
}

TEST(HttpsTimeouts, AWholeAnswerIsWaitedForOnlySoLong) {
  Peer peer([](Peer::Talk& talk) {
    talk.receive();
    talk.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell");
    talk.receive();
  });
  World world;
  Request request = get(peer.endpoint());
  request.timeout = Duration(200);
  const Stopwatch watch;
  const Result result = world.send(request);
  EXPECT_EQ(result.slug, "answer-lost");
  EXPECT_NE(result.detail.find("no whole answer within 200 ms"), std::string::npos) << result.detail;
  EXPECT_GE(watch.passed(), Duration(200));
  EXPECT_LT(watch.passed(), Duration(2'000));
  EXPECT_TRUE(peer.reaches_open(0));
}

TEST(HttpsTimeouts, ARequestThatIsNotTakenIsLost) {
  Peer peer(take_nothing);
  World world;
  Request request = post(peer.endpoint(), std::string(32 << 20, 'x'));
  request.timeout = Duration(300);
  EXPECT_EQ(world.send(request).slug, "answer-lost");
}

TEST(HttpsTimeouts, AHandshakeIsWaitedForOnlySoLong) {
  Peer peer(say_nothing);
  const Authority authority;
  World world({.root_files = {authority.root_file()}});
  Request request = get({true, "localhost", peer.port()});
  for (const bool whole : {false, true}) {
    (whole ? request.timeout : request.connect_timeout) = Duration(whole ? 50 : 100);
    const Stopwatch watch;
    const Result result = world.send(request);
    EXPECT_EQ(result.slug, "peer-unreachable");
    EXPECT_NE(result.detail.find(whole ? "within 50 ms" : "no connection within 100 ms"), std::string::npos)
        << result.detail;
    EXPECT_LT(watch.passed(), Duration(2'000));
    EXPECT_TRUE(peer.reaches_open(0));
  }
}

TEST(HttpsTimeouts, AnUnknownNameIsUnreachableInTime) {
  World world;
  Request request = get({false, "no-such-host.invalid", 80});
  request.connect_timeout = Duration(500);
  const Stopwatch watch;
  const Result result = world.send(request);
  EXPECT_EQ(result.slug, "peer-unreachable") << result.detail;
  EXPECT_LT(watch.passed(), Duration(3'000));
}

TEST(HttpsTimeouts, TheWaitForAConnectionCounts) {
  Peer peer([](Peer::Talk& talk) {
    while (!talk.receive().empty()) {
      talk.pause(Duration(1'000));
      talk.answer("slow");
    }
  });
  World world({.connections_max = 1});
  auto first = world.start(get(peer.endpoint()));
  ASSERT_TRUE(peer.reaches_requests(1));
  Request request = get(peer.endpoint());
  request.timeout = Duration(100);
  const Result impatient = world.send(request);
  EXPECT_EQ(impatient.slug, "peer-unreachable") << "nothing was sent";
  auto patient = world.start(get(peer.endpoint()));
  EXPECT_EQ(first.get().body(), "slow");
  EXPECT_EQ(patient.get().body(), "slow");
  EXPECT_EQ(peer.requests(), 2);
}

// --- Many at once

TEST(HttpsPool, ManyCallsShareFewConnections) {
  Peer peer([](Peer::Talk& talk) {
    for (std::string request = talk.receive(); !request.empty(); request = talk.receive()) {
      talk.pause(Duration(5));
      talk.answer(request.substr(4, request.find(' ', 4) - 4));
    }
  });
  World world({.connections_max = 8});
  std::vector<std::future<Result>> results;
  for (int i = 0; i < 64; ++i) results.push_back(world.start(get(peer.endpoint(), "/" + std::to_string(i))));
  for (std::size_t i = 0; i < results.size(); ++i) EXPECT_EQ(results[i].get().body(), "/" + std::to_string(i));
  EXPECT_EQ(peer.open_max(), 8);
  EXPECT_EQ(peer.accepted(), 8);
  EXPECT_EQ(peer.requests(), 64);
}

TEST(HttpsPool, WhoeverWaitsLongestIsNext) {
  std::string order;
  Peer peer([&order](Peer::Talk& talk) {
    for (std::string request = talk.receive(); !request.empty(); request = talk.receive()) {
      order += request.substr(5, 1);
      talk.pause(Duration(20));
      talk.answer("ok");
    }
  });
  {
    World world({.connections_max = 1});
    std::vector<std::future<Result>> results;
    for (const char c : std::string_view("abcdefgh")) {
      results.push_back(world.start(get(peer.endpoint(), std::string("/") + c)));
    }
    for (auto& result : results) EXPECT_EQ(result.get().body(), "ok");
  }
  ASSERT_TRUE(peer.reaches_open(0));
  EXPECT_EQ(order, "abcdefgh");
}

TEST(HttpsPool, EachEndpointHasItsOwnPlaces) {
  Peer slow(never_answer);
  Peer quick(test::echo);
  World world({.connections_max = 1});
  auto stuck = world.start(get(slow.endpoint()));
  ASSERT_TRUE(slow.reaches_requests(1));
  EXPECT_EQ(world.get(quick.endpoint(), "/quick").body(), "/quick");
  world.client().stop();
  EXPECT_EQ(stuck.get().slug, "stopping");
}

TEST(HttpsPool, AFailedCallLeavesItsPlaceToTheNext) {
  Peer peer([](Peer::Talk& talk) {
    talk.receive();
    if (talk.number() % 2 == 0) talk.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  });
  World world({.connections_max = 1});
  std::vector<std::future<Result>> results;
  for (int i = 0; i < 6; ++i) results.push_back(world.start(get(peer.endpoint())));
  for (std::size_t i = 0; i < results.size(); ++i) EXPECT_EQ(results[i].get().slug, i % 2 == 0 ? "answer-lost" : "");
}

TEST(HttpsPool, AConnectionStaysOnItsEventLoopAndMakesRoomForAnother) {
  Peer peer(test::echo);
  World world({.connections_max = 1});
  Loop other;
  EXPECT_EQ(world.get(peer.endpoint(), "/a").body(), "/a");
  EXPECT_EQ(other.start(test::result_of(world.client(), get(peer.endpoint(), "/b"))).get().body(), "/b");
  EXPECT_EQ(peer.accepted(), 2);
  EXPECT_TRUE(peer.reaches_open(1));
  EXPECT_EQ(other.start(test::result_of(world.client(), get(peer.endpoint(), "/c"))).get().body(), "/c");
  EXPECT_EQ(peer.accepted(), 2);
  world.client().stop();
}

TEST(HttpsPool, IsSharedByEventLoopsOfOneAndOfTwoThreads) {
  const Authority authority;
  for (const bool tls : {false, true}) {
    Peer peer(test::echo, tls ? std::optional(authority.issue("DNS:localhost")) : std::nullopt);
    World world({.root_files = {authority.root_file()}, .connections_max = 6}, 1);
    Loop pair(2);
    std::vector<std::pair<std::string, std::future<Result>>> results;
    for (int i = 0; i < 300; ++i) {
      std::string target = "/" + std::to_string(i);
      Request request = get(peer.endpoint("localhost"), target);
      request.timeout = kForever;
      auto result = i % 3 == 0 ? world.start(request) : pair.start(test::result_of(world.client(), std::move(request)));
      results.emplace_back(std::move(target), std::move(result));
    }
    for (auto& [target, result] : results) EXPECT_EQ(result.get().body(), target);
    world.client().stop();
  }
}

// --- stop()

TEST(HttpsStop, EndsCallsUnderWayThoseThatWaitAndThoseThatConnect) {
  Peer peer(never_answer);
  Peer silent(say_nothing);
  const Authority authority;
  World world({.root_files = {authority.root_file()}, .connections_max = 2}, 2);
  std::vector<std::future<Result>> results;
  for (int i = 0; i < 6; ++i) results.push_back(world.start(get(peer.endpoint())));
  for (int i = 0; i < 3; ++i) results.push_back(world.start(get({true, "localhost", silent.port()})));
  ASSERT_TRUE(peer.reaches_requests(2));
  ASSERT_TRUE(silent.reaches_open(2));
  const Stopwatch watch;
  world.client().stop();
  for (auto& result : results) EXPECT_EQ(result.get().slug, "stopping");
  EXPECT_LT(watch.passed(), Duration(4'000));
  EXPECT_TRUE(peer.reaches_open(0));
  EXPECT_TRUE(silent.reaches_open(0));
}

TEST(HttpsStop, ClosesWhatIsKeptAndRefusesWhatComes) {
  Peer peer(test::echo);
  World world;
  ASSERT_EQ(world.get(peer.endpoint()).status(), 200);
  ASSERT_TRUE(peer.reaches_open(1));
  world.client().stop();
  EXPECT_TRUE(peer.reaches_open(0));
  EXPECT_EQ(world.get(peer.endpoint()).slug, "stopping");
  world.client().stop();
  EXPECT_EQ(peer.accepted(), 1);
}

TEST(HttpsStop, AnEventLoopMayEndWithItsCallsUnfinished) {
  Peer peer(never_answer);
  test::TestClock clock;
  const auto client = Client::make({.clock = &clock, .connections_max = 2});
  for (const bool stopped : {false, true}) {
    auto context = std::make_unique<asio::io_context>();
    for (int i = 0; i < 4; ++i) {
      asio::co_spawn(*context, test::result_of(*client, get(peer.endpoint())), asio::use_future);
    }
    context->run_for(std::chrono::milliseconds(100));
    EXPECT_FALSE(context->stopped()) << "calls are under way";
    if (stopped) client->stop();
    context.reset();
    EXPECT_TRUE(peer.reaches_open(0));
  }
}

// --- Cancellation

// Sends the request and calls it off after `patience`: nothing when it was called off.
Task<std::optional<Result>> send_with_patience(Http& http, ports::Clock& clock, Request request, Duration patience) {
  using namespace asio::experimental::awaitable_operators;
  auto outcome = co_await (test::result_of(http, std::move(request)) || clock.sleep(patience));
  if (outcome.index() == 1) co_return std::nullopt;
  co_return std::get<0>(std::move(outcome));
}

template <class T>
std::future<T> start_on_strand(Loop& loop, Task<T> task) {
  return asio::co_spawn(asio::make_strand(loop.context()), std::move(task), asio::use_future);
}

TEST(HttpsCancellation, ClosesTheConnectionAndGivesItsPlaceBack) {
  Peer peer([](Peer::Talk& talk) {
    if (talk.number() == 1) return never_answer(talk);
    test::echo(talk);
  });
  World world({.connections_max = 1});
  const auto called_off = start_on_strand(
      world.loop(), send_with_patience(world.client(), world.clock(), get(peer.endpoint()), Duration(100)));
  ASSERT_TRUE(peer.reaches_requests(1));
  auto waiting = world.start(get(peer.endpoint(), "/next"));
  EXPECT_EQ(called_off.wait_for(std::chrono::seconds(5)), std::future_status::ready);
  EXPECT_EQ(waiting.get().body(), "/next");
  EXPECT_TRUE(peer.reaches_open(1));
}

TEST(HttpsCancellation, ReachesACallWhereverItIs) {
  Peer answering_never(never_answer);
  Peer silent(say_nothing);
  Peer taking_nothing(take_nothing);
  const Authority authority;
  World world({.root_files = {authority.root_file()}, .connections_max = 1});
  const auto cancelled = [&](Request request) {
    const Stopwatch watch;
    const auto result = start_on_strand(world.loop(), send_with_patience(world.client(), world.clock(),
                                                                         std::move(request), Duration(50)))
                            .get();
    EXPECT_LT(watch.passed(), Duration(4'000));
    return !result.has_value();
  };
  EXPECT_TRUE(cancelled(get(answering_never.endpoint()))) << "while it waits for an answer";
  EXPECT_TRUE(cancelled(get({true, "localhost", silent.port()}))) << "in its handshake";
  EXPECT_TRUE(cancelled(post(taking_nothing.endpoint(), std::string(32 << 20, 'x')))) << "while it sends";
  auto first = world.start(get(answering_never.endpoint()));
  ASSERT_TRUE(answering_never.reaches_requests(2));
  EXPECT_TRUE(cancelled(get(answering_never.endpoint()))) << "while it waits for a connection";
  world.client().stop();
  EXPECT_EQ(first.get().slug, "stopping");
  EXPECT_TRUE(answering_never.reaches_open(0));
  EXPECT_TRUE(silent.reaches_open(0));
}

TEST(HttpsCancellation, AtAnyMomentLosesNoPlaceAndMixesUpNoAnswers) {
  const Authority authority;
  for (const bool tls : {false, true}) {
    Peer peer(test::echo, tls ? std::optional(authority.issue("DNS:localhost")) : std::nullopt);
    World world({.root_files = {authority.root_file()}, .connections_max = 4}, 2);
    std::minstd_rand random(tls ? 1 : 2);
    int answered = 0;
    int called_off = 0;
    for (int wave = 0; wave < 20; ++wave) {
      std::vector<std::pair<std::string, std::future<std::optional<Result>>>> results;
      for (int i = 0; i < 20; ++i) {
        std::string target = "/" + std::to_string(wave) + "/" + std::to_string(i);
        const Duration patience = i % 4 == 0 ? kForever : Duration(random() % 20);
        auto task =
            send_with_patience(world.client(), world.clock(), get(peer.endpoint("localhost"), target), patience);
        results.emplace_back(std::move(target), start_on_strand(world.loop(), std::move(task)));
      }
      for (auto& [target, result] : results) {
        const auto outcome = result.get();
        const bool is_called_off = !outcome || outcome->slug == "(not an Error)";
        ++(is_called_off ? called_off : answered);
        if (!is_called_off) EXPECT_EQ(outcome->body(), target);
      }
    }
    EXPECT_GT(called_off, 0);
    EXPECT_GE(answered, 100);
    // All places are free again: four calls at once need them all.
    std::vector<std::future<Result>> last;
    for (int i = 0; i < 8; ++i) last.push_back(world.start(get(peer.endpoint("localhost"), "/last")));
    for (auto& result : last) EXPECT_EQ(result.get().body(), "/last");
  }
}

}  // namespace
}  // namespace orderly::https
