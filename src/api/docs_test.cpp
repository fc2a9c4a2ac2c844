// GET /docs and its files. That a browser shows something is tested by tests/docs.
#include <gtest/gtest.h>

#include "api/api.h"
#include "tests/fakes/world.h"

namespace orderly::api {
namespace {

class DocsTest : public testing::Test {
 protected:
  Response get(std::string target, std::vector<std::pair<std::string, std::string>> headers = {}) {
    headers.emplace_back("host", "localhost");
    return world.run(api.handle({Method::kGet, std::move(target), std::move(headers), "", "127.0.0.1", {}}));
  }

  fakes::World world;
  Api api{world.app, {"1.2.3", {}, [] { return true; }}, {}};
};

std::string header_of(const Response& response, std::string_view name) {
  for (const auto& [each, value] : response.headers) {
    if (each == name) return value;
  }
  return "";
}

TEST_F(DocsTest, ThePageLoadsItsFilesFromHereAndNothingElse) {
  const Response page = get("/docs");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(header_of(page, "content-type"), "text/html; charset=utf-8");
  for (const std::string file : {"docs/reference.js", "docs/reference.css"}) {
    EXPECT_NE(page.body.find('"' + file + '"'), std::string::npos);
    EXPECT_EQ(get("/" + file).status, 200);
  }
  EXPECT_EQ(page.body.find("//"), std::string::npos) << "another host";
  const std::string policy = header_of(page, "content-security-policy");
  EXPECT_TRUE(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';")) << policy;
  EXPECT_EQ(policy.find("unsafe"), std::string::npos);
  EXPECT_EQ(policy.find('*'), std::string::npos);
}

TEST_F(DocsTest, FilesAreCompressedForThoseWhoTakeThat) {
  for (const std::string target : {"/docs", "/docs/reference.js", "/docs/reference.css"}) {
    const Response plain = get(target);
    const Response compressed = get(target, {{"accept-encoding", "br, GZIP;q=0.5"}});
    EXPECT_EQ(header_of(plain, "content-encoding"), "");
    EXPECT_EQ(header_of(compressed, "content-encoding"), "gzip");
    EXPECT_TRUE(compressed.body.starts_with("\x1f\x8b")) << target;
    EXPECT_LT(compressed.body.size(), plain.body.size()) << target;
    EXPECT_NE(header_of(plain, "etag"), header_of(compressed, "etag"));
    for (const Response* each : {&plain, &compressed}) EXPECT_EQ(header_of(*each, "vary"), "accept-encoding");
    for (const std::string refusing : {"", "br", "gzip;q=0", "gzip; q=0.000", "deflate, identity"}) {
      EXPECT_EQ(get(target, {{"accept-encoding", refusing}}).body, plain.body) << refusing;
    }
  }
}

TEST_F(DocsTest, ATagSavesSendingAFileAgain) {
  for (const std::string target : {"/docs", "/docs/reference.js", "/docs/reference.css"}) {
    for (const std::string coding : {"identity", "gzip"}) {
      const Response first = get(target, {{"accept-encoding", coding}});
      const std::string tag = header_of(first, "etag");
      EXPECT_TRUE(tag.starts_with('"') && tag.ends_with('"')) << tag;
      const Response again = get(target, {{"accept-encoding", coding}, {"if-none-match", tag}});
      EXPECT_EQ(again.status, 304);
      EXPECT_EQ(again.body, "");
      EXPECT_EQ(header_of(again, "etag"), tag);
      const std::string other = coding == "gzip" ? "identity" : "gzip";
      EXPECT_EQ(get(target, {{"accept-encoding", other}, {"if-none-match", tag}}).status, 200) << "another form";
    }
  }
}

}  // namespace
}  // namespace orderly::api
