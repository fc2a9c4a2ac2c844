#include "engines/aws/sigv4.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/error.h"
#include "engines/aws/canonical.h"

namespace orderly::aws {
namespace {

namespace fs = std::filesystem;

// AWS's own, as aws-c-auth and the other runtimes have them. The tests run in the repository's root.
const fs::path kVectors = "../shared/vectors/aws-sigv4";
constexpr std::size_t kVectorsMin = 38;

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

// request.txt, the target as it stands, folded headers with their line ends.
struct WireRequest {
  std::string request_line_end;
  std::string header_lines;
  https::Request request;
};

WireRequest parse_wire(const std::string& text) {
  WireRequest wire;
  const std::size_t line_end = text.find('\n');
  const std::string line = text.substr(0, line_end);
  const std::size_t target = line.find(' ') + 1;
  const std::size_t version = line.rfind(" HTTP/1.1");
  wire.request.method = line.substr(0, target - 1);
  wire.request.target = line.substr(target, version - target);

  const std::size_t headers_end = std::min(text.find("\n\n", line_end), text.size() - 1);
  wire.header_lines = text.substr(line_end + 1, headers_end - line_end);
  wire.request.body = text.substr(std::min(headers_end + 2, text.size()));

  std::istringstream lines(wire.header_lines);
  https::Headers headers;
  for (std::string each; std::getline(lines, each);) {
    if (each.starts_with(' ')) {
      headers.back().second += "\n" + each;
      continue;
    }
    const std::size_t colon = each.find(':');
    headers.emplace_back(each.substr(0, colon), each.substr(colon + 1));
  }
  for (auto& [name, value] : headers) {
    if (name == "Host") {
      wire.request.endpoint = {.tls = true, .host = value, .port = 443};
    } else {
      wire.request.headers.emplace_back(name, value);
    }
  }
  return wire;
}

std::string wire_text(const WireRequest& wire, const https::Request& signed_request) {
  std::string text = wire.request.method + " " + signed_request.target + " HTTP/1.1\n" + wire.header_lines;
  for (std::size_t i = wire.request.headers.size(); i < signed_request.headers.size(); ++i)
    text += signed_request.headers[i].first + ":" + signed_request.headers[i].second + "\n";
  return text + "\n" + wire.request.body;
}

struct Vector {
  explicit Vector(const fs::path& where) : folder(where), wire(parse_wire(read_file(where / "request.txt"))) {
    const boost::json::object context = boost::json::parse(read_file(where / "context.json")).as_object();
    const boost::json::object& keys = context.at("credentials").as_object();
    credentials.access_key_id = keys.at("access_key_id").as_string();
    credentials.secret_access_key = keys.at("secret_access_key").as_string();
    if (const auto* token = keys.if_contains("token")) credentials.session_token = token->as_string();
    scope.region = context.at("region").as_string();
    scope.service = context.at("service").as_string();
    scope.path_rule = context.at("normalize").as_bool() ? PathRule::kEncodedTwice : PathRule::kAsItIs;
    scope.sends_body_digest = context.at("sign_body").as_bool();
    if (const auto* omits = context.if_contains("omit_session_token")) scope.signs_session_token = !omits->as_bool();
    now = parse_time(std::string_view(context.at("timestamp").as_string())).value();
    valid_for = std::chrono::seconds(context.at("expiration_in_seconds").as_int64());
  }

  std::string file(const std::string& name) const { return read_file(folder / (name + ".txt")); }

  fs::path folder;
  WireRequest wire;
  Credentials credentials;
  Scope scope;
  Time now;
  Duration valid_for{0};
};

std::vector<Vector> read_vectors() {
  std::vector<Vector> vectors;
  for (const fs::directory_entry& entry : fs::directory_iterator(kVectors)) {
    if (entry.is_directory()) vectors.emplace_back(entry.path());
  }
  return vectors;
}

void expect_steps(const Vector& vector, const std::string& form, const SigningSteps& steps) {
  EXPECT_EQ(steps.canonical_request, vector.file(form + "-canonical-request"));
  EXPECT_EQ(steps.string_to_sign, vector.file(form + "-string-to-sign"));
  EXPECT_EQ(steps.signature, vector.file(form + "-signature"));
}

TEST(SigV4, SignsAllOfAwsVectorsInTheirHeaders) {
  const std::vector<Vector> vectors = read_vectors();
  ASSERT_GE(vectors.size(), kVectorsMin);
  for (const Vector& vector : vectors) {
    SCOPED_TRACE(vector.folder.filename());
    expect_steps(vector, "header", signing_steps(vector.wire.request, vector.scope, vector.credentials, vector.now));
    https::Request request = vector.wire.request;
    sign(request, vector.scope, vector.credentials, vector.now);
    EXPECT_EQ(wire_text(vector.wire, request), vector.file("header-signed-request"));
  }
}

TEST(SigV4, SignsAllOfAwsVectorsInTheirTargets) {
  const std::vector<Vector> vectors = read_vectors();
  ASSERT_GE(vectors.size(), kVectorsMin);
  for (const Vector& vector : vectors) {
    SCOPED_TRACE(vector.folder.filename());
    expect_steps(vector, "query",
                 presigning_steps(vector.wire.request, vector.scope, vector.credentials, vector.now, vector.valid_for));
    const std::string url =
        presign(vector.wire.request, vector.scope, vector.credentials, vector.now, vector.valid_for);
    const std::string origin = "https://example.amazonaws.com";
    ASSERT_TRUE(url.starts_with(origin)) << url;
    https::Request request = vector.wire.request;
    request.target = url.substr(origin.size());
    EXPECT_EQ(wire_text(vector.wire, request), vector.file("query-signed-request"));
  }
}

// S3 API Reference, "Authenticating Requests: Using the Authorization Header", and "Using Query Parameters".
class S3Examples : public testing::Test {
 protected:
  static https::Request make(std::string method, std::string target, https::Headers headers = {}) {
    https::Request request;
    request.method = std::move(method);
    request.endpoint = {.tls = true, .host = "examplebucket.s3.amazonaws.com", .port = 443};
    request.target = std::move(target);
    request.headers = std::move(headers);
    return request;
  }
  std::string signature(https::Request request) const {
    return signing_steps(std::move(request), kScope, kCredentials, kNow).signature;
  }

  const Scope kScope{"us-east-1", "s3", PathRule::kAsItIs};
  const Credentials kCredentials{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "", std::nullopt};
  const Time kNow = parse_time("2013-05-24T00:00:00Z").value();
};

TEST_F(S3Examples, AreSignedAsTheReferenceHasThem) {
  EXPECT_EQ(signature(make("GET", "/test.txt", {{"Range", "bytes=0-9"}})),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  https::Request put = make("PUT", "/test%24file.text",
                            {{"Date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}});
  put.body = "Welcome to Amazon S3.";
  EXPECT_EQ(signature(put), "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
  EXPECT_EQ(signature(make("GET", "/?lifecycle")), "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
  EXPECT_EQ(signature(make("GET", "/?max-keys=2&prefix=J")),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST_F(S3Examples, UrlIsSignedWithoutItsBody) {
  const std::string url = presign(make("GET", "/test.txt"), kScope, kCredentials, kNow, std::chrono::hours(24));
  EXPECT_TRUE(url.starts_with("https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&"))
      << url;
  EXPECT_TRUE(url.ends_with("&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"))
      << url;
}

TEST_F(S3Examples, OwnDigestIsTakenAsItIs) {
  https::Request request = make("PUT", "/large", {{"X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"}});
  request.body = "not read";
  EXPECT_TRUE(signing_steps(request, kScope, kCredentials, kNow).canonical_request.ends_with("\nUNSIGNED-PAYLOAD"));
  sign(request, kScope, kCredentials, kNow);
  EXPECT_EQ(
      std::ranges::count(request.headers, "x-amz-content-sha256", [](const auto& h) { return lower_case(h.first); }),
      1);
}

TEST(SigV4, PathIsNormalizedAndEncodedAgainButForS3) {
  struct Case {
    std::string sent, others, s3;
  };
  for (const Case& c : std::vector<Case>{
           {"", "/", "/"},
           {"/", "/", "/"},
           {"/a%20b", "/a%2520b", "/a%20b"},
           {"/orders/ord_1.pdf", "/orders/ord_1.pdf", "/orders/ord_1.pdf"},
           {"/a//b/../c/.", "/a/c", "/a//b/../c/."},
           {"/a/b/..//", "/a/", "/a/b/..//"},
           {"/../..", "/", "/../.."},
           {"/v2/email/outbound-emails", "/v2/email/outbound-emails", "/v2/email/outbound-emails"},
           {"/a%2Fb/%2f", "/a%252Fb/%252f", "/a%2Fb/%2F"},
           {"/50%", "/50%25", "/50%25"},
           {"/%zz%2", "/%25zz%252", "/%25zz%252"},
           {"/%c3%a9=", "/%25c3%25a9%3D", "/%C3%A9%3D"},
       }) {
    EXPECT_EQ(canonical_path(c.sent, PathRule::kEncodedTwice), c.others) << c.sent;
    EXPECT_EQ(canonical_path(c.sent, PathRule::kAsItIs), c.s3) << c.sent;
  }
}

TEST(SigV4, QueryIsEncodedOnceAndSorted) {
  struct Case {
    std::string sent, canonical;
  };
  for (const Case& c : std::vector<Case>{
           {"", ""},
           {"uploads", "uploads="},
           {"b=2&a=1&a=0", "a=0&a=1&b=2"},
           {"a-=1&a=2", "a=2&a-=1"},
           {"prefix=a/b c&list-type=2", "list-type=2&prefix=a%2Fb%20c"},
           {"k=a=b&&x", "k=a%3Db&x="},
           {"t=1+1", "t=1%2B1"},
           {"p=%2f", "p=%2F"},
       }) {
    EXPECT_EQ(canonical_query(c.sent), c.canonical) << c.sent;
  }
}

TEST(SigV4, HostIsSignedAsItIsSent) {
  struct Case {
    https::Endpoint endpoint;
    std::string host;
  };
  for (const Case& c : std::vector<Case>{
           {{true, "dynamodb.eu-central-1.amazonaws.com", 443}, "dynamodb.eu-central-1.amazonaws.com"},
           {{false, "127.0.0.1", 8000}, "127.0.0.1:8000"},
           {{false, "peer.test", 80}, "peer.test"},
           {{true, "peer.test", 80}, "peer.test:80"},
           {{false, "::1", 8000}, "[::1]:8000"},
       }) {
    https::Request request;
    request.endpoint = c.endpoint;
    const SigningSteps steps = signing_steps(request, {"eu-central-1", "dynamodb"}, {"id", "secret", "", {}}, Time{0});
    EXPECT_EQ(c.endpoint.host_header(), c.host);
    EXPECT_NE(steps.canonical_request.find("\nhost:" + c.host + "\n"), std::string::npos) << steps.canonical_request;
  }
}

TEST(SigV4, HeadersThatProxiesChangeAreNotSigned) {
  https::Request request;
  request.endpoint.host = "example.amazonaws.com";
  request.headers = {{"User-Agent", "orderly"}, {"X-Amzn-Trace-Id", "Root=1"}, {"Expect", "100-continue"},
                     {"Connection", "close"},   {"X-Amz-Target", "A.B"},       {"Content-Type", "text/plain"},
                     {"Transfer-Encoding", "x"}};
  EXPECT_EQ(signing_steps(request, {"eu-central-1", "sqs"}, {"id", "secret", "token", {}}, Time{0}).signed_headers,
            "content-type;host;x-amz-date;x-amz-security-token;x-amz-target");
}

TEST(SigV4, KeptKeysSignAsFreshOnesDo) {
  const std::vector<Scope> scopes = {{"eu-central-1", "sqs"}, {"us-east-1", "sqs"}, {"us-east-1", "dynamodb"}};
  const std::vector<Credentials> people = {{"id", "secret", "", {}}, {"id", "renewed", "", {}}};
  const std::vector<Time> days = {parse_time("2026-11-21T23:59:59Z").value(), parse_time("2026-11-22").value()};
  SigningKeys keys;
  std::set<std::string> signatures;
  for (const Scope& scope : scopes) {
    for (const Credentials& credentials : people) {
      for (const Time day : days) {
        https::Request fresh;
        fresh.endpoint.host = "example.amazonaws.com";
        https::Request first = fresh;
        https::Request again = fresh;
        sign(fresh, scope, credentials, day);
        sign(first, scope, credentials, day, &keys);
        sign(again, scope, credentials, day, &keys);
        EXPECT_EQ(first.headers, fresh.headers);
        EXPECT_EQ(again.headers, fresh.headers);
        signatures.insert(fresh.headers.back().second);
      }
    }
  }
  EXPECT_EQ(signatures.size(), 12u);
}

TEST(SigV4, UrlLivesOneSecondToSevenDays) {
  const Credentials credentials{"id", "secret", "", {}};
  https::Request request;
  request.endpoint.host = "example.amazonaws.com";
  const auto url = [&](Duration valid_for) {
    return presign(request, {"us-east-1", "s3", PathRule::kAsItIs}, credentials, Time{0}, valid_for);
  };
  EXPECT_NE(url(std::chrono::seconds(1)).find("X-Amz-Expires=1&"), std::string::npos);
  EXPECT_NE(url(std::chrono::hours(168)).find("X-Amz-Expires=604800&"), std::string::npos);
  EXPECT_THROW(url(Duration{999}), Error);
  EXPECT_THROW(url(std::chrono::hours(168) + std::chrono::seconds(1)), Error);
}

TEST(SigV4, UriEncodeLeavesTheUnreservedAlone) {
  EXPECT_EQ(uri_encode("azAZ09-._~"), "azAZ09-._~");
  EXPECT_EQ(uri_encode("a/b +%é"), "a%2Fb%20%2B%25%C3%A9");
  EXPECT_EQ(uri_encode("a/b", true), "a/b");
  EXPECT_EQ(uri_encode(std::string_view("\0\xff", 2)), "%00%FF");
}

}  // namespace
}  // namespace orderly::aws
