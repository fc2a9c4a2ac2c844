// TLS: who is trusted, and that the same promises hold as without.
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "base/error.h"
#include "engines/https/client.h"
#include "engines/https/test_certificates.h"
#include "engines/https/test_peer.h"

namespace orderly::https {
namespace {

using test::Authority;
using test::Identity;
using test::Peer;
using test::post;
using test::Result;
using test::World;

// An authority is made once: what it signs differs.
class HttpsTls : public ::testing::Test {
 protected:
  ClientOptions trusting() const { return {.root_files = {authority_.root_file()}}; }
  Identity good() const { return authority_.issue("DNS:localhost,IP:127.0.0.1"); }

  // Expects that a peer that shows `identity` is not talked to under the name `host`.
  void expect_untrusted(const Identity& identity, const std::string& host, const std::string& why) {
    Peer peer(test::echo, identity);
    World world(trusting());
    const Result result = world.send(post(peer.endpoint(host), "a secret"));
    EXPECT_EQ(result.slug, "peer-unreachable") << result.body();
    EXPECT_NE(result.detail.find("not trusted: " + why), std::string::npos) << result.detail;
    EXPECT_EQ(peer.requests(), 0);
    EXPECT_TRUE(peer.reaches_open(0));
  }

  const Authority authority_;
};

TEST_F(HttpsTls, TalksToATrustedPeerByNameAndSaysWhichNameItWants) {
  std::string name;
  std::string version;
  Peer peer(
      [&](Peer::Talk& talk) {
        name = talk.server_name();
        version = talk.tls_version();
        test::echo(talk);
      },
      good());
  {
    World world(trusting());
    for (int i = 0; i < 5; ++i) EXPECT_EQ(world.get(peer.endpoint("localhost"), "/secure").body(), "/secure");
  }
  EXPECT_TRUE(peer.reaches_open(0));
  EXPECT_EQ(name, "localhost");
  EXPECT_EQ(version, "TLSv1.3");
  EXPECT_EQ(peer.accepted(), 1);
}

TEST_F(HttpsTls, TalksToATrustedPeerByAddress) {
  std::string name = "none";
  Peer peer(
      [&](Peer::Talk& talk) {
        name = talk.server_name();
        test::echo(talk);
      },
      good());
  {
    World world(trusting());
    EXPECT_EQ(world.get(peer.endpoint("127.0.0.1"), "/a").body(), "/a");
  }
  EXPECT_TRUE(peer.reaches_open(0));
  EXPECT_EQ(name, "");
}

TEST_F(HttpsTls, AnotherPeersCertificateIsNotEnough) {
  expect_untrusted(authority_.issue("DNS:other.example"), "localhost", "hostname mismatch");
  expect_untrusted(authority_.issue("DNS:localhost.example"), "localhost", "hostname mismatch");
  expect_untrusted(authority_.issue("DNS:localhost"), "127.0.0.1", "IP address mismatch");
  expect_untrusted(authority_.issue("IP:127.0.0.2"), "127.0.0.1", "IP address mismatch");
  // An address is no name.
  expect_untrusted(authority_.issue("DNS:127.0.0.1"), "127.0.0.1", "IP address mismatch");
}

TEST_F(HttpsTls, ACertificateCountsInItsTimeOnly) {
  using namespace std::chrono_literals;
  expect_untrusted(authority_.issue("DNS:localhost", {-48h, -24h}), "localhost", "certificate has expired");
  expect_untrusted(authority_.issue("DNS:localhost", {24h, 48h}), "localhost", "certificate is not yet valid");
}

TEST_F(HttpsTls, OnlyTheTrustedRootsCount) {
  const Authority other;
  expect_untrusted(other.issue("DNS:localhost"), "localhost", "unable to get local issuer certificate");
  expect_untrusted(test::self_signed("DNS:localhost"), "localhost", "self-signed certificate");
}

TEST_F(HttpsTls, TheSystemsRootsDoNotTrustATestsAuthority) {
  Peer peer(test::echo, good());
  World world;
  const Result result = world.get(peer.endpoint("localhost"));
  EXPECT_EQ(result.slug, "peer-unreachable");
  EXPECT_NE(result.detail.find("not trusted: unable to get local issuer certificate"), std::string::npos)
      << result.detail << " (is ca-certificates installed?)";
}

TEST_F(HttpsTls, TheFirstRootFileThatExistsIsTaken) {
  const Authority other;
  Peer peer(test::echo, good());
  {
    World world({.root_files = {"/nowhere/roots.pem", authority_.root_file(), other.root_file()}});
    EXPECT_EQ(world.get(peer.endpoint("localhost")).status(), 200);
  }
  World world({.root_files = {other.root_file(), authority_.root_file()}});
  EXPECT_EQ(world.get(peer.endpoint("localhost")).slug, "peer-unreachable");
}

TEST_F(HttpsTls, NamedRootsThatAreNoneAreNoticedAtOnce) {
  const test::TemporaryFile nonsense("no certificate");
  test::TestClock clock;
  for (const std::string& file : {std::string("/nowhere/roots.pem"), nonsense.path()}) {
    try {
      Client::make({.clock = &clock, .root_files = {file}});
      ADD_FAILURE() << "taken: " << file;
    } catch (const Error& error) {
      EXPECT_EQ(error.slug(), "no-trusted-roots");
    }
  }
}

TEST_F(HttpsTls, SpeaksVersion12ButNothingOlder) {
  Peer old(test::echo, good(), TLS1_2_VERSION);
  Peer too_old(test::echo, good(), TLS1_1_VERSION);
  World world(trusting());
  EXPECT_EQ(world.get(old.endpoint("localhost"), "/old").body(), "/old");
  const Result result = world.get(too_old.endpoint("localhost"));
  EXPECT_EQ(result.slug, "peer-unreachable") << result.body();
}

TEST_F(HttpsTls, APeerThatSpeaksNoTlsIsUnreachable) {
  Peer peer([](Peer::Talk& talk) { talk.send("HTTP/1.1 400 Bad Request\r\n\r\n"); });
  World world(trusting());
  const Result result = world.get({true, "localhost", peer.port()});
  EXPECT_EQ(result.slug, "peer-unreachable") << result.body();
}

TEST_F(HttpsTls, CarriesLargeBodiesBothWays) {
  const std::string large(3 << 20, 'q');
  std::size_t received = 0;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    Peer peer(
        [&](Peer::Talk& talk) {
          received = talk.receive().size();
          talk.answer(large);
        },
        good(), version);
    World world(trusting());
    const Result result = world.send(post(peer.endpoint("localhost"), large));
    EXPECT_EQ(result.body().size(), large.size()) << result.detail;
    EXPECT_GT(received, large.size());
  }
}

TEST_F(HttpsTls, AConnectionFoundClosedIsReplacedWhateverTheRequest) {
  Peer peer(
      [](Peer::Talk& talk) {
        talk.receive();
        talk.answer("ok");
        if (talk.number() % 2 == 0) talk.say_goodbye();
      },
      good());
  World world(trusting());
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(world.send(post(peer.endpoint("localhost"), "x")).body(), "ok");
    ASSERT_TRUE(peer.reaches_open(0));
  }
  EXPECT_EQ(peer.requests(), 4);
}

TEST_F(HttpsTls, AConnectionThatClosesIsReplacedForSafeRequestsOnly) {
  for (const bool safe : {true, false}) {
    Peer peer(
        [](Peer::Talk& talk) {
          if (talk.number() > 1) return test::echo(talk);
          talk.receive();
          talk.answer("first");
          talk.receive();
        },
        good());
    World world(trusting());
    ASSERT_EQ(world.get(peer.endpoint("localhost")).body(), "first");
    Request request = post(peer.endpoint("localhost"), "x");
    request.safe_to_repeat = safe;
    const Result result = world.send(request);
    EXPECT_EQ(result.slug, safe ? "" : "answer-lost") << result.detail;
    EXPECT_EQ(peer.requests(), safe ? 3 : 2);
  }
}

// Whoever cuts the line must not be able to shorten an answer (RFC 8446 section 6.1).
TEST_F(HttpsTls, AnAnswerToTheEndOfTheConnectionNeedsAnOrderlyEnd) {
  for (const bool orderly_end : {true, false}) {
    Peer peer(
        [orderly_end](Peer::Talk& talk) {
          talk.receive();
          talk.send("HTTP/1.1 200 OK\r\n\r\nall of it");
          if (orderly_end) talk.say_goodbye();
        },
        good());
    World world(trusting());
    const Result result = world.get(peer.endpoint("localhost"));
    EXPECT_EQ(result.slug, orderly_end ? "" : "answer-lost") << result.detail;
    if (orderly_end) EXPECT_EQ(result.body(), "all of it");
  }
}

}  // namespace
}  // namespace orderly::https
