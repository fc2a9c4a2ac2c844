#include "engines/aws/credentials.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/detached.hpp>
#include <filesystem>
#include <fstream>
#include <thread>

#include "engines/aws/test_http.h"

namespace orderly::aws {
namespace {

using namespace orderly::aws::testing;  // NOLINT(google-build-using-namespace)

constexpr std::string_view kStart = "2026-11-21T10:00:00Z";

https::Response keys(const std::string& id, const std::string& expiration) {
  return {200,
          {},
          R"({"Code":"Success","AccessKeyId":")" + id + R"(","SecretAccessKey":"secret","Token":"token",)" +
              R"("Expiration":")" + expiration + R"("})"};
}

class CredentialsTest : public ::testing::Test {
 protected:
  void use(CredentialsSettings settings) { source_ = make_credentials_source(std::move(settings), http_, clock_); }
  void use_container() { use({.container_relative_uri = "/v2/credentials/1"}); }
  std::string id() { return run(source_->get()).access_key_id; }
  std::string slug() { return slug_of(source_->get()); }

  std::function<https::Response(const https::Request&)> answer_ = [](const https::Request&) {
    return keys("ASIA1", "2026-11-21T16:00:00Z");
  };
  ScriptedHttp http_{[this](const https::Request& request) { return answer_(request); }};
  JumpingClock clock_{kStart};
  std::unique_ptr<CredentialsSource> source_;
};

TEST_F(CredentialsTest, EnvironmentGoesFirstAndCannotBeForgotten) {
  use({.access_key_id = "AKIA",
       .secret_access_key = "secret",
       .session_token = "token",
       .container_relative_uri = "/v2/credentials/1"});
  const Credentials credentials = run(source_->get());
  EXPECT_EQ(credentials, (Credentials{"AKIA", "secret", "token", std::nullopt}));
  source_->forget(credentials);
  EXPECT_EQ(run(source_->get()), credentials);
  EXPECT_EQ(http_.count(), 0u);
}

TEST_F(CredentialsTest, HalfAnEnvironmentIsNone) {
  use({.access_key_id = "AKIA", .container_relative_uri = "/v2/credentials/1"});
  EXPECT_EQ(id(), "ASIA1");
}

TEST_F(CredentialsTest, ContainerOnEcsIsAskedAtItsAddress) {
  use({.container_relative_uri = "/v2/credentials/1", .container_full_uri = "https://other.test/"});
  EXPECT_EQ(run(source_->get()), (Credentials{"ASIA1", "secret", "token", parse_time("2026-11-21T16:00:00Z")}));
  const https::Request request = http_.requests().at(0);
  EXPECT_EQ(request.endpoint, (https::Endpoint{false, "169.254.170.2", 80}));
  EXPECT_EQ(request.method + " " + request.target, "GET /v2/credentials/1");
  EXPECT_EQ(header_of(request, "Authorization"), "");
}

TEST_F(CredentialsTest, ContainersFullUriIsAskedOverHttpOnlyWhereNobodyListens) {
  struct Case {
    std::string uri;
    bool is_allowed;
  };
  for (const Case& c : std::vector<Case>{
           {"https://credentials.test/role", true},
           {"http://localhost:8080/role", true},
           {"http://127.0.0.1/role", true},
           {"http://127.8.9.1/role", true},
           {"http://[::1]/role", true},
           {"http://169.254.170.2/role", true},
           {"http://169.254.170.23/v1/credentials", true},
           {"http://[fd00:ec2::23]/v1/credentials", true},
           {"http://169.254.169.254/role", false},
           {"http://credentials.test/role", false},
           {"http://127.0.0.1.credentials.test/role", false},
           {"http://192.168.0.1/role", false},
           {"http://[fd00:ec2::24]/v1/credentials", false},
       }) {
    use({.container_full_uri = c.uri});
    const std::size_t before = http_.count();
    EXPECT_EQ(slug(), c.is_allowed ? "" : "no-credentials") << c.uri;
    EXPECT_EQ(http_.count() - before, c.is_allowed ? 1u : 0u) << c.uri;
  }
}

class TokenFile {
 public:
  explicit TokenFile(const std::string& name) : path_(std::filesystem::temp_directory_path() / name) {}
  ~TokenFile() { std::filesystem::remove(path_); }
  TokenFile(const TokenFile&) = delete;
  TokenFile& operator=(const TokenFile&) = delete;
  void write(const std::string& text) const { std::ofstream(path_, std::ios::binary) << text; }
  std::string path() const { return path_.string(); }

 private:
  const std::filesystem::path path_;
};

TEST_F(CredentialsTest, TokenFileIsReadAnewAtEachFetch) {
  const TokenFile file("orderly-credentials-test-" + std::to_string(::getpid()));
  file.write("first");
  use({.container_full_uri = "http://169.254.170.23/v1/credentials",
       .container_token = "of the environment",
       .container_token_file = file.path()});
  const Credentials credentials = run(source_->get());
  EXPECT_EQ(header_of(http_.requests().at(0), "Authorization"), "first");
  file.write("second");
  source_->forget(credentials);
  run(source_->get());
  EXPECT_EQ(header_of(http_.requests().at(1), "Authorization"), "second");
}

TEST_F(CredentialsTest, TokenMustFitIntoAHeader) {
  use({.container_full_uri = "https://credentials.test/", .container_token = "plain"});
  EXPECT_EQ(slug(), "");
  EXPECT_EQ(header_of(http_.requests().at(0), "Authorization"), "plain");
  use({.container_full_uri = "https://credentials.test/", .container_token = "a\r\nX-Other: b"});
  EXPECT_EQ(slug(), "no-credentials");
  use({.container_full_uri = "https://credentials.test/", .container_token_file = "/nonexistent/token"});
  EXPECT_EQ(slug(), "no-credentials");
  EXPECT_EQ(http_.count(), 1u);
}

TEST_F(CredentialsTest, MetadataServiceIsAskedWithAToken) {
  answer_ = [](const https::Request& request) -> https::Response {
    if (request.method == "PUT") return {200, {}, "imds-token"};
    if (request.target.ends_with('/')) return {200, {}, "shop-role\n"};
    return keys("ASIA1", "2026-11-21T16:00:00Z");
  };
  use({});
  EXPECT_EQ(id(), "ASIA1");
  const std::vector<https::Request> requests = http_.requests();
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_EQ(requests[0].method + " " + requests[0].target, "PUT /latest/api/token");
  EXPECT_EQ(requests[0].endpoint, (https::Endpoint{false, "169.254.169.254", 80}));
  EXPECT_EQ(header_of(requests[0], "X-aws-ec2-metadata-token-ttl-seconds"), "21600");
  EXPECT_EQ(requests[1].target, "/latest/meta-data/iam/security-credentials/");
  EXPECT_EQ(requests[2].target, "/latest/meta-data/iam/security-credentials/shop-role");
  EXPECT_EQ(header_of(requests[1], "X-aws-ec2-metadata-token"), "imds-token");
  EXPECT_EQ(header_of(requests[2], "X-aws-ec2-metadata-token"), "imds-token");
}

TEST_F(CredentialsTest, MetadataServiceMayBeElsewhereOrDisabled) {
  use({.metadata_endpoint = "http://127.0.0.1:1338/"});
  answer_ = [](const https::Request&) -> https::Response { return {403, {}, ""}; };
  EXPECT_EQ(slug(), "no-credentials");
  EXPECT_EQ(http_.requests().at(0).endpoint, (https::Endpoint{false, "127.0.0.1", 1338}));
  EXPECT_EQ(http_.requests().at(0).target, "/latest/api/token");
  use({.is_metadata_disabled = true});
  EXPECT_EQ(slug(), "no-credentials");
  EXPECT_EQ(http_.count(), 1u);
}

TEST_F(CredentialsTest, InstanceWithoutARoleHasNone) {
  answer_ = [](const https::Request& request) -> https::Response {
    if (request.method == "PUT") return {200, {}, "imds-token"};
    return {404, {}, ""};
  };
  use({});
  EXPECT_EQ(slug(), "no-credentials");
}

TEST_F(CredentialsTest, UselessAnswersAreNone) {
  use_container();
  for (const https::Response& useless : std::vector<https::Response>{
           {200, {}, ""},
           {200, {}, "[]"},
           {200, {}, "{}"},
           {200, {}, R"({"AccessKeyId":"ASIA1"})"},
           {200, {}, R"({"AccessKeyId":"ASIA1","SecretAccessKey":7})"},
           {200, {}, R"({"Code":"AssumeRoleUnauthorizedAccess","AccessKeyId":"ASIA1","SecretAccessKey":"s"})"},
           {401, {}, R"({"AccessKeyId":"ASIA1","SecretAccessKey":"secret"})"},
           keys("ASIA1", "2026-11-21T09:59:59Z"),
       }) {
    answer_ = [&](const https::Request&) { return useless; };
    EXPECT_EQ(slug(), "no-credentials") << useless.body;
  }
}

TEST_F(CredentialsTest, FailuresThatPassAreTriedAgainAFewTimes) {
  use_container();
  answer_ = [this](const https::Request&) -> https::Response {
    if (http_.count() < 3) return {http_.count() == 1 ? 503 : 429, {}, ""};
    return keys("ASIA1", "2026-11-21T16:00:00Z");
  };
  EXPECT_EQ(id(), "ASIA1");
  EXPECT_EQ(clock_.slept(), (std::vector<Duration>{Duration{100}, Duration{200}}));

  use_container();
  answer_ = [](const https::Request&) -> https::Response { return {500, {}, ""}; };
  EXPECT_EQ(slug(), "no-credentials");
  EXPECT_EQ(http_.count(), 6u);
}

TEST_F(CredentialsTest, UnreachableEndpointIsNamedInTheDetail) {
  use_container();
  answer_ = [](const https::Request&) -> https::Response { fail_unreachable(); };
  try {
    run(source_->get());
    FAIL() << "there are none";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnavailable);
    EXPECT_EQ(error.slug(), "no-credentials");
    EXPECT_EQ(error.detail(), "peer-unreachable: test: unreachable");
  }
}

TEST_F(CredentialsTest, AreRenewedFiveMinutesBeforeTheyExpire) {
  use_container();
  EXPECT_EQ(id(), "ASIA1");
  answer_ = [](const https::Request&) { return keys("ASIA2", "2026-11-21T22:00:00Z"); };
  clock_.advance(std::chrono::minutes(354) + std::chrono::seconds(59));
  EXPECT_EQ(id(), "ASIA1");
  clock_.advance(std::chrono::seconds(1));
  EXPECT_EQ(id(), "ASIA2");
  EXPECT_EQ(id(), "ASIA2");
  EXPECT_EQ(http_.count(), 2u);
}

TEST_F(CredentialsTest, OldOnesServeWhileRenewingFails) {
  use_container();
  EXPECT_EQ(id(), "ASIA1");
  answer_ = [](const https::Request&) -> https::Response { return {403, {}, ""}; };
  clock_.advance(std::chrono::minutes(356));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(id(), "ASIA1");
  EXPECT_EQ(http_.count(), 2u) << "requests must not wait for the failing endpoint one after another";
  clock_.advance(std::chrono::seconds(30));
  EXPECT_EQ(id(), "ASIA1");
  EXPECT_EQ(http_.count(), 3u);
  clock_.advance(std::chrono::minutes(4));
  EXPECT_EQ(slug(), "no-credentials");
}

TEST_F(CredentialsTest, ShortLivedOnesAreNotFetchedForEachRequest) {
  use_container();
  answer_ = [](const https::Request&) { return keys("ASIA1", "2026-11-21T10:04:00Z"); };
  for (int i = 0; i < 5; ++i) EXPECT_EQ(id(), "ASIA1");
  EXPECT_EQ(http_.count(), 1u);
}

TEST_F(CredentialsTest, ForgottenOnesAreFetchedAnewButOnlyIfTheyAreStillAtHand) {
  use_container();
  const Credentials first = run(source_->get());
  answer_ = [](const https::Request&) { return keys("ASIA2", "2026-11-21T22:00:00Z"); };
  source_->forget(first);
  EXPECT_EQ(id(), "ASIA2");
  source_->forget(first);  // by a request that was on its way for longer
  EXPECT_EQ(id(), "ASIA2");
  EXPECT_EQ(http_.count(), 2u);
}

TEST_F(CredentialsTest, ForgottenOnesAreNotGivenOutWhenRenewingFails) {
  use_container();
  source_->forget(run(source_->get()));
  answer_ = [](const https::Request&) -> https::Response { return {403, {}, ""}; };
  EXPECT_EQ(slug(), "no-credentials");
}

struct Tally {
  std::atomic<int> good = 0;
  std::atomic<int> none = 0;
};

Task<void> get_and_count(CredentialsSource& source, Tally& tally) {
  try {
    const Credentials credentials = co_await source.get();
    if (credentials.access_key_id == "ASIA1") ++tally.good;
  } catch (const Error& error) {
    if (error.slug() == "no-credentials") ++tally.none;
  }
}

// `threads` event loops with `each` callers at once.
void get_from_everywhere(CredentialsSource& source, Tally& tally, int threads, int each) {
  std::vector<std::jthread> running;
  for (int i = 0; i < threads; ++i) {
    running.emplace_back([&] {
      boost::asio::io_context io;
      for (int k = 0; k < each; ++k)
        boost::asio::co_spawn(io, get_and_count(source, tally), [](std::exception_ptr failure) {
          if (failure) std::rethrow_exception(failure);
        });
      io.run();
    });
  }
}

TEST_F(CredentialsTest, CallersOnManyThreadsShareOneFetch) {
  use_container();
  std::atomic<bool> is_busy = false;
  std::atomic<int> overlaps = 0;
  answer_ = [&](const https::Request&) {
    if (is_busy.exchange(true)) ++overlaps;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    is_busy = false;
    return keys("ASIA1", "2036-11-21T16:00:00Z");
  };
  Tally tally;
  get_from_everywhere(*source_, tally, 4, 25);
  EXPECT_EQ(tally.good, 100);
  EXPECT_EQ(http_.count(), 1u);
  EXPECT_EQ(overlaps, 0);
}

TEST_F(CredentialsTest, CallersOfOneLoopShareAFailureToo) {
  use_container();
  answer_ = [](const https::Request&) -> https::Response { return {403, {}, ""}; };
  Tally tally;
  get_from_everywhere(*source_, tally, 1, 50);
  EXPECT_EQ(tally.none, 50);
  EXPECT_EQ(http_.count(), 1u);
}

TEST_F(CredentialsTest, FetchThatDiesWithItsEventLoopIsTakenOverByTheNextCaller) {
  use_container();
  {
    Tally lost;
    boost::asio::io_context io;
    boost::asio::co_spawn(io, get_and_count(*source_, lost), boost::asio::detached);
    io.poll_one();
    io.poll_one();
    ASSERT_EQ(http_.count(), 1u) << "the fetch has begun";
    ASSERT_EQ(lost.good, 0) << "and is not over";
  }
  EXPECT_EQ(id(), "ASIA1");
  EXPECT_EQ(http_.count(), 2u);
}

}  // namespace
}  // namespace orderly::aws
