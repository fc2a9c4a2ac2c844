// What is asked of S3, and what its answers mean.
#include "engines/aws/s3_blobs.h"

#include <gtest/gtest.h>

#include <deque>

#include "engines/aws/test_cloud.h"

namespace orderly::aws {
namespace {

using namespace orderly::aws::testing;  // NOLINT(google-build-using-namespace)

class S3BlobsTest : public ::testing::Test {
 protected:
  bool put(std::string name) { return run(blobs_.put_if_absent(std::move(name), {"bytes", "text/plain"})); }

  std::deque<https::Response> answers_;
  ScriptedHttp http_{[this](const https::Request&) {
    if (answers_.empty()) return https::Response{200, {}, ""};
    https::Response next = answers_.front();
    answers_.pop_front();
    if (next.status == 0) fail_lost();
    return next;
  }};
  JumpingClock clock_{"2026-11-21T10:30:00Z"};
  CountingRandom random_;
  FixedCredentials credentials_;
  Context context_{http_, credentials_, clock_, random_};
  Service service_{context_, "http://127.0.0.1:9000", {"us-east-1", "s3", PathRule::kAsItIs}};
  S3Blobs blobs_{service_, "shop-files", BucketPlace::kPath};
};

TEST_F(S3BlobsTest, AFileIsPutOnConditionThatThereIsNone) {
  EXPECT_TRUE(put("invoices/INV-1.pdf"));
  const https::Request request = http_.requests().at(0);
  EXPECT_EQ(request.method, "PUT");
  EXPECT_EQ(request.target, "/shop-files/invoices/INV-1.pdf");
  EXPECT_EQ(header_of(request, "If-None-Match"), "*");
  EXPECT_EQ(header_of(request, "x-amz-server-side-encryption"), "AES256");
  EXPECT_EQ(header_of(request, "Content-Type"), "text/plain");
  EXPECT_EQ(request.body, "bytes");
}

TEST_F(S3BlobsTest, OneThatIsThereStaysAndThatIsNoError) {
  answers_ = {{412, {}, "<Error><Code>PreconditionFailed</Code></Error>"}, {200, {{"x-amz-meta-put", "another"}}, ""}};
  EXPECT_FALSE(put("a"));
}

TEST_F(S3BlobsTest, APutWhoseAnswerWasLostKnowsItsOwnFile) {
  std::string put_id;
  ScriptedHttp http([&](const https::Request& request) {
    if (request.method == "HEAD") return https::Response{200, {{"x-amz-meta-put", put_id}}, ""};
    if (!put_id.empty()) return https::Response{412, {}, ""};
    put_id = header_of(request, "x-amz-meta-put");
    fail_lost();
  });
  Context context{http, credentials_, clock_, random_};
  Service service(context, "http://127.0.0.1:9000", {"us-east-1", "s3", PathRule::kAsItIs});
  S3Blobs blobs(service, "shop-files", BucketPlace::kPath);
  EXPECT_TRUE(run(blobs.put_if_absent("a", {"bytes", "text/plain"})));
  EXPECT_FALSE(put_id.empty());
}

TEST_F(S3BlobsTest, TwoPutsAtOnceAreTriedAgain) {
  answers_ = {{409, {}, "<Error><Code>ConditionalRequestConflict</Code></Error>"}, {200, {}, ""}};
  EXPECT_TRUE(put("a"));
  EXPECT_EQ(http_.count(), 2u);
}

TEST_F(S3BlobsTest, ARefusalIsAnError) {
  answers_ = {{403, {}, "<Error><Code>AccessDenied</Code></Error>"}};
  EXPECT_EQ(slug_of(blobs_.put_if_absent("a", {"x", "text/plain"})), "files-unavailable");
  answers_ = {{404, {}, "<Error><Code>NoSuchBucket</Code></Error>"}};
  EXPECT_EQ(slug_of(blobs_.get("a")), "files-unavailable");
}

TEST_F(S3BlobsTest, AFileIsReadWithItsType) {
  answers_ = {{200, {{"content-type", "application/pdf"}}, "bytes"},
              {404, {}, "<Error><Code>NoSuchKey</Code></Error>"}};
  const auto blob = run(blobs_.get("a"));
  ASSERT_TRUE(blob);
  EXPECT_EQ(blob->bytes, "bytes");
  EXPECT_EQ(blob->content_type, "application/pdf");
  EXPECT_FALSE(run(blobs_.get("b")));
}

TEST_F(S3BlobsTest, NamesThatAreNotOursAreNeverSent) {
  for (const std::string name : {"", "../a", "a b", "a?x=1", "a%2e", "\xc3\xa4"}) {
    EXPECT_EQ(slug_of(blobs_.get(name)), "bad-blob-name") << name;
    EXPECT_EQ(slug_of(blobs_.sign_download(name, Duration{60'000}, "")), "bad-blob-name") << name;
  }
  EXPECT_EQ(http_.count(), 0u);
}

TEST_F(S3BlobsTest, AnUploadIsSignedForItsTypeSizeAndAbsence) {
  const SignedTransfer upload = run(blobs_.sign_upload("products/1.png", "image/png", 1234, Duration{60'000}));
  EXPECT_EQ(upload.method, "PUT");
  EXPECT_TRUE(upload.url.starts_with("http://127.0.0.1:9000/shop-files/products/1.png?")) << upload.url;
  EXPECT_NE(upload.url.find("X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost%3Bif-none-match"),
            std::string::npos)
      << upload.url;
  EXPECT_NE(upload.url.find("X-Amz-Expires=60&"), std::string::npos) << upload.url;
  EXPECT_EQ(upload.headers.size(), 3u);
}

TEST_F(S3BlobsTest, ADownloadSaysUnderWhichNameItIsSaved) {
  const SignedTransfer download = run(blobs_.sign_download("a", Duration{60'000}, "INV-1.pdf"));
  EXPECT_NE(download.url.find("response-content-disposition=attachment%3B%20filename%3D%22INV-1.pdf%22"),
            std::string::npos)
      << download.url;
  EXPECT_EQ(slug_of(blobs_.sign_download("a", Duration{60'000}, "x\"; evil")), "bad-file-name");
}

TEST(BucketUrl, NamesTheBucketInTheHost) {
  EXPECT_EQ(bucket_url("shop-files", "eu-central-1"), "https://shop-files.s3.eu-central-1.amazonaws.com");
  EXPECT_EQ(bucket_url("shop-files", "cn-north-1"), "https://shop-files.s3.cn-north-1.amazonaws.com.cn");
}

}  // namespace
}  // namespace orderly::aws
