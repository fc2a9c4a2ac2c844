#include "engines/aws/secrets.h"

#include <gtest/gtest.h>

#include "engines/aws/test_http.h"

namespace orderly::aws {
namespace {

using namespace orderly::aws::testing;  // NOLINT(google-build-using-namespace)

class Secrets : public ::testing::Test {
 protected:
  std::string read(const std::string& reference, SecretsUrls urls = {}) {
    return run(read_secret(context_, "eu-central-1", std::move(urls), reference));
  }
  std::string slug(const std::string& reference) {
    return slug_of(read_secret(context_, "eu-central-1", {}, reference));
  }

  https::Response answer_{.status = 200, .headers = {}, .body = "{}"};
  ScriptedHttp http_{[this](const https::Request&) { return answer_; }};
  JumpingClock clock_{"2026-11-21T10:30:00Z"};
  ConstantRandom random_;
  std::unique_ptr<CredentialsSource> credentials_ =
      make_credentials_source({.access_key_id = "AKID", .secret_access_key = "secret"}, http_, clock_);
  Context context_{http_, *credentials_, clock_, random_};
};

TEST_F(Secrets, ReferencesAreTakenApart) {
  using Place = SecretReference::Place;
  struct Case {
    std::string text;
    SecretReference reference;
  };
  const std::string arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop/stripe-AbCdEf";
  for (const Case& c : std::vector<Case>{
           {"secretsmanager:shop/stripe", {Place::kSecretsManager, "shop/stripe", ""}},
           {"secretsmanager:shop/stripe#api_key", {Place::kSecretsManager, "shop/stripe", "api_key"}},
           {"secretsmanager:" + arn + "#a#b", {Place::kSecretsManager, arn, "a#b"}},
           {"ssm:/shop/jwt", {Place::kParameterStore, "/shop/jwt", ""}},
           {"ssm:plain#name", {Place::kParameterStore, "plain#name", ""}},
       }) {
    EXPECT_TRUE(is_secret_reference(c.text)) << c.text;
    EXPECT_EQ(parse_secret_reference(c.text), c.reference) << c.text;
  }
  for (const std::string text :
       {"", "sk_live_1", "ssm:", "secretsmanager:", "secretsmanager:#member", "secretsmanager:n#"})
    EXPECT_EQ(slug(text), "malformed-secret-reference") << text;
  EXPECT_FALSE(is_secret_reference("sk_live_1"));
}

TEST_F(Secrets, SecretStringIsReadWhole) {
  answer_.body = R"({"Name":"shop/stripe","SecretString":"sk_test_1"})";
  EXPECT_EQ(read("secretsmanager:shop/stripe"), "sk_test_1");
  const https::Request request = http_.requests().at(0);
  EXPECT_EQ(request.endpoint.host, "secretsmanager.eu-central-1.amazonaws.com");
  EXPECT_EQ(header_of(request, "X-Amz-Target"), "secretsmanager.GetSecretValue");
  EXPECT_EQ(request.body, R"({"SecretId":"shop/stripe"})");
  EXPECT_NE(header_of(request, "Authorization").find("/eu-central-1/secretsmanager/aws4_request"), std::string::npos);
}

TEST_F(Secrets, MemberOfASecretIsRead) {
  answer_.body = R"({"SecretString":"{\"api_key\":\"sk_test_1\",\"number\":1}"})";
  EXPECT_EQ(read("secretsmanager:shop/stripe#api_key"), "sk_test_1");
  EXPECT_EQ(slug("secretsmanager:shop/stripe#other"), "secret-unreadable");
  EXPECT_EQ(slug("secretsmanager:shop/stripe#number"), "secret-unreadable");
  answer_.body = R"({"SecretString":"no JSON"})";
  EXPECT_EQ(slug("secretsmanager:shop/stripe#api_key"), "secret-unreadable");
}

TEST_F(Secrets, ParameterIsReadDecryptedFromTheEndpointGiven) {
  answer_.body = R"({"Parameter":{"Name":"/shop/jwt","Type":"SecureString","Value":"key"}})";
  EXPECT_EQ(read("ssm:/shop/jwt", {.secretsmanager = "", .ssm = "http://127.0.0.1:4566"}), "key");
  const https::Request request = http_.requests().at(0);
  EXPECT_EQ(request.endpoint, (https::Endpoint{false, "127.0.0.1", 4566}));
  EXPECT_EQ(header_of(request, "X-Amz-Target"), "AmazonSSM.GetParameter");
  EXPECT_EQ(header_of(request, "Content-Type"), "application/x-amz-json-1.1");
  EXPECT_EQ(request.body, R"({"Name":"/shop/jwt","WithDecryption":true})");
}

TEST_F(Secrets, WhatCannotBeReadIsSaidWithoutTheSecret) {
  answer_ = {400, {}, R"({"__type":"ResourceNotFoundException","Message":"Secrets Manager can't find it."})"};
  try {
    read("secretsmanager:shop/stripe#api_key");
    FAIL() << "was read";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnavailable);
    EXPECT_EQ(error.slug(), "secret-unreadable");
    EXPECT_EQ(error.detail(), "shop/stripe#api_key: ResourceNotFoundException");
  }
  answer_ = {200, {}, R"({"SecretBinary":"c2VjcmV0"})"};
  EXPECT_EQ(slug("secretsmanager:shop/stripe"), "secret-unreadable");
  answer_ = {200, {}, R"({"Parameter":"odd"})"};
  EXPECT_EQ(slug("ssm:/shop/jwt"), "secret-unreadable");
}

}  // namespace
}  // namespace orderly::aws
