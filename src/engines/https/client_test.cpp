// Plain round trips, kept connections, and what a peer may do to them.
#include "engines/https/client.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "engines/https/test_peer.h"

namespace orderly::https {
namespace {

using test::get;
using test::Peer;
using test::post;
using test::Result;
using test::World;

// Answers the first request on the first connection, then does `then` with the second; answers all on later
// connections.
Peer::Script second_request(std::function<void(Peer::Talk&)> then) {
  return [then = std::move(then)](Peer::Talk& talk) {
    if (talk.number() > 1) return test::echo(talk);
    talk.receive();
    talk.answer("first");
    if (!talk.receive().empty()) then(talk);
  };
}

TEST(HttpsClient, SendsTheRequestAndReturnsTheAnswer) {
  std::string received;
  Peer peer([&received](Peer::Talk& talk) {
    received = talk.receive();
    talk.send("HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nnone");
  });
  World world;
  Request request = post(peer.endpoint(), "{\"a\":1}");
  request.target = "/things?x=%20";
  request.headers = {{"X-Thing", "blue"}, {"Accept", "*/*"}};
  const Result result = world.send(request);
  EXPECT_EQ(result.status(), 404) << result.body();
  EXPECT_EQ(result.body(), "none");
  EXPECT_EQ(result.response.value().header("content-type"), "text/plain");
  EXPECT_EQ(received, "POST /things?x=%20 HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(peer.port()) +
                          "\r\nX-Thing: blue\r\nAccept: */*\r\nContent-Length: 7\r\n\r\n{\"a\":1}");
}

TEST(HttpsClient, FindsAPeerByName) {
  Peer peer(test::echo);
  World world;
  EXPECT_EQ(world.get(peer.endpoint("localhost"), "/by-name").body(), "/by-name");
}

TEST(HttpsClient, RedirectsAreAnswers) {
  Peer peer([](Peer::Talk& talk) {
    talk.receive();
    talk.send("HTTP/1.1 307 Temporary Redirect\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n");
    talk.receive();
  });
  World world;
  const Result result = world.get(peer.endpoint());
  EXPECT_EQ(result.status(), 307);
  EXPECT_EQ(result.response.value().header("location"), "/other");
  EXPECT_EQ(peer.requests(), 1);
}

TEST(HttpsClient, CarriesLargeBodiesBothWays) {
  const std::string large(6 << 20, 'q');
  std::size_t received = 0;
  Peer peer([&](Peer::Talk& talk) {
    received = talk.receive().size();
    talk.answer(large);
  });
  World world;
  const Result result = world.send(post(peer.endpoint(), large));
  EXPECT_EQ(result.body().size(), large.size());
  EXPECT_GT(received, large.size());
}

TEST(HttpsClient, AMalformedRequestReachesNobody) {
  Peer peer(test::echo);
  World world;
  Request request = get(peer.endpoint());
  request.headers = {{"X-Thing", "a\r\nX-Other: b"}};
  EXPECT_EQ(world.send(request).slug, "malformed-request");
  EXPECT_EQ(peer.accepted(), 0);
}

// --- Kept connections

TEST(HttpsClient, KeepsAConnectionForLaterCalls) {
  Peer peer(test::echo);
  World world;
  for (int i = 0; i < 20; ++i) {
    const std::string target = "/" + std::to_string(i);
    ASSERT_EQ(world.get(peer.endpoint(), target).body(), target);
  }
  EXPECT_EQ(peer.accepted(), 1);
}

TEST(HttpsClient, KeepsAConnectionAfterAnswersWithoutABody) {
  Peer peer([](Peer::Talk& talk) {
    for (std::string request = talk.receive(); !request.empty(); request = talk.receive()) {
      if (request.starts_with("HEAD")) talk.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
      if (request.starts_with("DELETE")) talk.send("HTTP/1.1 204 No Content\r\n\r\n");
      if (request.starts_with("GET")) talk.send("HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\n\r\n");
    }
  });
  World world;
  Request request = get(peer.endpoint());
  for (const auto& [method, status] : {std::pair{"HEAD", 200}, {"DELETE", 204}, {"GET", 304}, {"HEAD", 200}}) {
    request.method = method;
    const Result result = world.send(request);
    EXPECT_EQ(result.status(), status) << method << result.detail;
    EXPECT_EQ(result.body(), "") << method;
  }
  EXPECT_EQ(peer.accepted(), 1);
}

TEST(HttpsClient, KeepsAConnectionAfterAChunkedAnswer) {
  Peer peer([](Peer::Talk& talk) {
    while (!talk.receive().empty()) {
      talk.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nchun\r\n");
      talk.pause(Duration(20));
      talk.send("3\r\nked\r\n0\r\n\r\n");
    }
  });
  World world;
  EXPECT_EQ(world.get(peer.endpoint()).body(), "chunked");
  EXPECT_EQ(world.get(peer.endpoint()).body(), "chunked");
  EXPECT_EQ(peer.accepted(), 1);
}

TEST(HttpsClient, DoesNotKeepWhatThePeerWillCloseOrHasSaidMoreOn) {
  for (const std::string answer : {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
                                   "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
                                   "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n"}) {
    Peer peer([&answer](Peer::Talk& talk) {
      while (!talk.receive().empty()) talk.send(answer);
    });
    World world;
    for (int i = 0; i < 3; ++i) EXPECT_EQ(world.get(peer.endpoint()).body(), "ok");
    EXPECT_EQ(peer.accepted(), 3) << answer;
    EXPECT_TRUE(peer.reaches_open(0)) << answer;
  }
}

TEST(HttpsClient, DoesNotKeepAConnectionOnWhichThePeerSpeaksUnasked) {
  Peer talkative([](Peer::Talk& talk) {
    if (talk.number() > 1) return test::echo(talk);
    talk.receive();
    talk.answer("first");
    talk.pause(Duration(50));
    talk.answer("forged");
    talk.receive();
  });
  World world;
  EXPECT_EQ(world.get(talkative.endpoint(), "/a").body(), "first");
  std::this_thread::sleep_for(std::chrono::milliseconds(150));
  EXPECT_EQ(world.get(talkative.endpoint(), "/b").body(), "/b");
}

TEST(HttpsClient, ClosesWhatWasKeptTooLongOfAnyEndpoint) {
  Peer peer(test::echo);
  Peer forgotten(test::echo);
  World world;
  world.get(peer.endpoint());
  world.get(forgotten.endpoint());
  world.clock().advance(Duration(19'000));
  world.get(peer.endpoint());
  EXPECT_EQ(peer.accepted(), 1);
  world.clock().advance(Duration(20'000));
  world.get(peer.endpoint());
  EXPECT_EQ(peer.accepted(), 2);
  EXPECT_TRUE(peer.reaches_open(1));
  EXPECT_TRUE(forgotten.reaches_open(0));
}

TEST(HttpsClient, AClockThatGoesBackEndsWhatWasKept) {
  Peer peer(test::echo);
  World world;
  world.get(peer.endpoint());
  world.clock().advance(Duration(-3'600'000));
  world.get(peer.endpoint());
  EXPECT_EQ(peer.accepted(), 2);
}

TEST(HttpsClient, KeepsNoMoreThanAllowed) {
  Peer peer([](Peer::Talk& talk) {
    while (!talk.receive().empty()) {
      talk.pause(Duration(50));
      talk.answer("ok");
    }
  });
  World world({.idle_max = 2});
  std::vector<std::future<Result>> results;
  for (int i = 0; i < 6; ++i) results.push_back(world.start(get(peer.endpoint())));
  for (auto& result : results) EXPECT_EQ(result.get().body(), "ok");
  EXPECT_EQ(peer.accepted(), 6);
  EXPECT_TRUE(peer.reaches_open(2));
}

// --- Connections that the peer closes

TEST(HttpsClient, AConnectionFoundClosedIsReplacedWhateverTheRequest) {
  Peer peer([](Peer::Talk& talk) {
    talk.receive();
    talk.answer("ok");
  });
  World world;
  for (int i = 1; i <= 5; ++i) {
    EXPECT_EQ(world.send(post(peer.endpoint(), "x")).body(), "ok");
    ASSERT_TRUE(peer.reaches_open(0));
  }
  EXPECT_EQ(peer.requests(), 5);
}

TEST(HttpsClient, ASafeRequestOnAConnectionThatClosesIsRepeatedOnce) {
  for (const bool by_reset : {false, true}) {
    Peer peer(second_request([by_reset](Peer::Talk& talk) {
      if (by_reset) talk.reset();
    }));
    World world;
    ASSERT_EQ(world.get(peer.endpoint()).body(), "first");
    Request request = post(peer.endpoint(), "x");
    request.target = "/again";
    request.safe_to_repeat = true;
    EXPECT_EQ(world.send(request).body(), "/again");
    EXPECT_EQ(peer.requests(), 3);
    EXPECT_EQ(peer.accepted(), 2);
  }
}

TEST(HttpsClient, AnUnsafeRequestOnAConnectionThatClosesIsNotRepeated) {
  for (const bool by_reset : {false, true}) {
    Peer peer(second_request([by_reset](Peer::Talk& talk) {
      if (by_reset) talk.reset();
    }));
    World world;
    ASSERT_EQ(world.get(peer.endpoint()).body(), "first");
    const Result result = world.send(post(peer.endpoint(), "x"));
    EXPECT_EQ(result.slug, "answer-lost") << result.detail;
    EXPECT_EQ(peer.requests(), 2);
  }
}

TEST(HttpsClient, ARequestPartlyAnsweredIsNotRepeatedEvenIfSafe) {
  Peer peer(second_request([](Peer::Talk& talk) { talk.send("HTTP/1.1 200 OK\r\nContent-Le"); }));
  World world;
  ASSERT_EQ(world.get(peer.endpoint()).body(), "first");
  Request request = get(peer.endpoint());
  request.safe_to_repeat = true;
  EXPECT_EQ(world.send(request).slug, "answer-lost");
  EXPECT_EQ(peer.requests(), 2);
}

TEST(HttpsClient, ARepeatThatFindsNobodyMayStillHaveBeenDone) {
  Peer peer(second_request([](Peer::Talk& talk) { talk.stop_listening(); }));
  World world;
  ASSERT_EQ(world.get(peer.endpoint()).body(), "first");
  Request request = get(peer.endpoint());
  request.safe_to_repeat = true;
  const Result result = world.send(request);
  EXPECT_EQ(result.slug, "answer-lost") << result.detail;
  EXPECT_NE(result.detail.find("refused"), std::string::npos) << result.detail;
}

TEST(HttpsClient, ANewConnectionThatClosesIsNotReplaced) {
  Peer peer([](Peer::Talk& talk) { talk.receive(); });
  World world;
  Request request = get(peer.endpoint());
  request.safe_to_repeat = true;
  EXPECT_EQ(world.send(request).slug, "answer-lost");
  EXPECT_EQ(peer.requests(), 1);
}

TEST(HttpsClient, NobodyThereIsUnreachableAndSaysWho) {
  Endpoint endpoint;
  {
    Peer peer(test::echo);
    endpoint = peer.endpoint();
  }
  World world;
  Request request = post(endpoint, "a secret body");
  request.headers = {{"Authorization", "a secret header"}};
  const Result result = world.send(request);
  EXPECT_EQ(result.slug, "peer-unreachable");
  EXPECT_EQ(result.detail, "http://127.0.0.1:" + std::to_string(endpoint.port) + ": Connection refused");
}

TEST(HttpsClient, AnAnswerCutOffIsLost) {
  for (const std::string part : {"H", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
                                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"}) {
    for (const bool by_reset : {false, true}) {
      Peer peer([&](Peer::Talk& talk) {
        talk.receive();
        talk.send(part);
        talk.pause(Duration(20));
        if (by_reset) talk.reset();
      });
      World world;
      const Result result = world.get(peer.endpoint());
      EXPECT_EQ(result.slug, "answer-lost") << part;
      EXPECT_EQ(result.detail.find("abc"), std::string::npos) << result.detail;
    }
  }
}

TEST(HttpsClient, AnAnswerOverTheLimitsIsLostAndItsConnectionClosed) {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: ";
  for (const std::string& answer :
       {head + "1001\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n" + std::string(1001, 'x'),
        "HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x') + "\r\nContent-Length: 0\r\n\r\n"}) {
    Peer peer([&answer](Peer::Talk& talk) {
      talk.receive();
      talk.send(answer);
      talk.receive();
    });
    World world;
    Request request = get(peer.endpoint());
    request.body_bytes_max = 1000;
    const Result result = world.send(request);
    EXPECT_EQ(result.slug, "answer-lost") << answer.substr(0, 60);
    EXPECT_TRUE(peer.reaches_open(0));
  }
}

TEST(HttpsClient, AnEarlyAnswerToALargeRequestIsTaken) {
  Peer peer([](Peer::Talk& talk) {
    talk.receive_some();
    talk.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
    while (!talk.receive_some().empty()) {
    }
  });
  World world;
  EXPECT_EQ(world.send(post(peer.endpoint(), std::string(4 << 20, 'x'))).status(), 413);
}

}  // namespace
}  // namespace orderly::https
