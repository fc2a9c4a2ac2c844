#include "engines/aws/s3_erasures.h"

#include <gtest/gtest.h>

#include <deque>

#include "base/text.h"
#include "engines/aws/test_cloud.h"

namespace orderly::aws {
namespace {

using namespace orderly::aws::testing;  // NOLINT(google-build-using-namespace)

class S3ErasuresTest : public ::testing::Test {
 protected:
  Task<bool> add(std::string id) {
    co_await erasures_.add(std::move(id));
    co_return true;
  }

  std::deque<https::Response> answers_;
  ScriptedHttp http_{[this](const https::Request&) {
    if (answers_.empty()) return https::Response{200, {}, ""};
    https::Response next = answers_.front();
    answers_.pop_front();
    return next;
  }};
  JumpingClock clock_{"2026-11-21T10:30:00Z"};
  CountingRandom random_;
  FixedCredentials credentials_;
  Context context_{http_, credentials_, clock_, random_};
  Service service_{context_, "http://127.0.0.1:9000", {"us-east-1", "s3", PathRule::kAsItIs}};
  S3Blobs blobs_{service_, "shop-files", BucketPlace::kPath};
  S3Erasures erasures_{blobs_};
};

std::string name_of(std::string_view id) { return "erasures/" + base64url_encode(id); }

https::Response list_of(const std::vector<std::string>& names, bool is_truncated) {
  std::string body = "<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>";
  body += is_truncated ? "true" : "false";
  body += "</IsTruncated>";
  for (const std::string& name : names) body += "<Contents><Key>" + name + "</Key><Size>0</Size></Contents>";
  return {200, {}, body + "</ListBucketResult>"};
}

TEST_F(S3ErasuresTest, EachIsAnEmptyFileWhoseNameIsTheId) {
  run(add("u1:x.y#abc"));
  const https::Request request = http_.requests().at(0);
  EXPECT_EQ(request.method, "PUT");
  EXPECT_EQ(request.target, "/shop-files/" + name_of("u1:x.y#abc"));
  EXPECT_EQ(request.body, "");
  EXPECT_EQ(header_of(request, "If-None-Match"), "*");
}

TEST_F(S3ErasuresTest, OneThatIsThereIsNoError) {
  answers_ = {{412, {}, "<Error><Code>PreconditionFailed</Code></Error>"}, {200, {{"x-amz-meta-put", "another"}}, ""}};
  EXPECT_EQ(slug_of(add("cli_1")), "");
}

TEST_F(S3ErasuresTest, TheLongestIdThatThereIsHasAName) {
  const std::string longest = std::string(64, ':') + "#" + std::string(22, '_');
  run(add(longest));
  EXPECT_EQ(http_.requests().at(0).target, "/shop-files/" + name_of(longest));
}

TEST_F(S3ErasuresTest, AreReadPageAfterPage) {
  answers_ = {list_of({name_of("cli_1"), name_of("cli_2")}, true), list_of({name_of("u1#abc")}, false)};
  EXPECT_EQ(run(erasures_.all()), (std::vector<std::string>{"cli_1", "cli_2", "u1#abc"}));
  ASSERT_EQ(http_.count(), 2u);
  EXPECT_EQ(http_.requests()[0].target, "/shop-files?list-type=2&prefix=erasures%2F");
  EXPECT_NE(http_.requests()[1].target.find("&start-after=erasures%2F" + base64url_encode("cli_2")), std::string::npos)
      << http_.requests()[1].target;
}

TEST_F(S3ErasuresTest, AreNoneWhereNobodyWasErased) {
  answers_ = {list_of({}, false)};
  EXPECT_TRUE(run(erasures_.all()).empty());
}

TEST_F(S3ErasuresTest, AFileThatSomebodyElsePutThereIsNoErasure) {
  answers_ = {list_of({"erasures/", "erasures/not*ours", name_of("cli_1")}, false)};
  const auto ids = run(erasures_.all());
  EXPECT_EQ(std::ranges::count(ids, "cli_1"), 1);
  for (const std::string& id : ids) EXPECT_TRUE(id.empty() || id == "cli_1") << id;
}

TEST_F(S3ErasuresTest, SayThatTheyCannotBeUsed) {
  answers_ = {{403, {}, "<Error><Code>AccessDenied</Code></Error>"}};
  EXPECT_EQ(slug_of(add("cli_1")), "erasures-unavailable");
  answers_ = {{403, {}, "<Error><Code>AccessDenied</Code></Error>"}};
  EXPECT_EQ(slug_of(erasures_.all()), "erasures-unavailable");
  answers_ = {list_of({name_of("cli_1")}, true), {403, {}, "<Error><Code>AccessDenied</Code></Error>"}};
  EXPECT_EQ(slug_of(erasures_.all()), "erasures-unavailable") << "half a list is none";
}

}  // namespace
}  // namespace orderly::aws
