#include "engines/aws/answer.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace orderly::aws {
namespace {

TEST(Answer, ErrorIsFoundWhereverItStands) {
  struct Case {
    https::Response response;
    std::string error, message;
  };
  for (const Case& c : std::vector<Case>{
           {{200, {}, R"({"__type":"NotAnError"})"}, "", ""},
           {{400,
             {},
             R"({"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"No table"})"},
            "ResourceNotFoundException",
            "No table"},
           {{400, {}, R"({"__type":"QueueDoesNotExist","Message":"No queue"})"}, "QueueDoesNotExist", "No queue"},
           {{404, {{"x-amzn-errortype", "NotFoundException:http://internal.amazon.com/coral/"}}, R"({"message":"m"})"},
            "NotFoundException",
            "m"},
           {{400, {{"x-amzn-errortype", "aws.ses#MailFromDomainNotVerifiedException"}}, "{}"},
            "MailFromDomainNotVerifiedException",
            ""},
           {{400, {}, R"({"code":"BadRequest","message":""})"}, "BadRequest", ""},
           {{403,
             {},
             "<?xml version=\"1.0\"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"},
            "AccessDenied",
            "Access Denied"},
           {{412, {}, ""}, "http-412", ""},
           {{502, {}, "<html>Bad gateway</html>"}, "http-502", ""},
           {{400, {}, R"({"__type":7})"}, "http-400", ""},
           {{400, {}, "[]"}, "http-400", ""},
           {{400, {}, "<Code>never ends"}, "http-400", ""},
       }) {
    const Answer error = read_error(c.response);
    EXPECT_EQ(error.error, c.error) << c.response.body;
    EXPECT_EQ(error.message, c.message) << c.response.body;
    EXPECT_EQ(error.status, c.response.status);
    EXPECT_EQ(error.ok(), c.response.status == 200);
  }
}

TEST(Answer, BodyOfASuccessOrAnErrorIsKept) {
  EXPECT_EQ(read_answer({200, {}, R"({"Item":{"pk":{"S":"1"}}})"}).body.at("Item").at("pk").at("S"), "1");
  EXPECT_EQ(read_answer({400, {}, R"({"__type":"a#B","CancellationReasons":[{"Code":"None"}]})"})
                .body.at("CancellationReasons")
                .as_array()
                .size(),
            1u);
  EXPECT_TRUE(read_answer({200, {}, ""}).body.empty());
  EXPECT_TRUE(read_answer({500, {}, "<html>"}).body.empty());
}

TEST(Answer, DeepDocumentIsRead) {
  std::string body = R"({"S":"1"})";
  for (int i = 0; i < 64; ++i) body = R"({"M":{"a":)" + body + "}}";
  EXPECT_TRUE(read_answer({200, {}, body}).ok());
}

TEST(Answer, SuccessThatCannotBeReadIsALostAnswer) {
  for (const std::string body : {"<html>", "[]", R"({"a":1)", "1"}) {
    try {
      read_answer({200, {}, body});
      ADD_FAILURE() << body << " was read";
    } catch (const Error& error) {
      EXPECT_EQ(error.slug(), "answer-lost") << body;
    }
  }
}

TEST(Answer, FaultsAreToldApart) {
  struct Case {
    int status;
    std::string error;
    Fault with_session, without;
  };
  for (const Case& c : std::vector<Case>{
           {200, "ThrottlingException", Fault::kNone, Fault::kNone},
           {400, "ConditionalCheckFailedException", Fault::kNone, Fault::kNone},
           {400, "TransactionCanceledException", Fault::kNone, Fault::kNone},
           {400, "AccessDeniedException", Fault::kNone, Fault::kNone},
           {404, "NoSuchKey", Fault::kNone, Fault::kNone},
           {400, "ThrottlingException", Fault::kThrottled, Fault::kThrottled},
           {400, "ProvisionedThroughputExceededException", Fault::kThrottled, Fault::kThrottled},
           {400, "RequestLimitExceeded", Fault::kThrottled, Fault::kThrottled},
           {400, "TransactionInProgressException", Fault::kThrottled, Fault::kThrottled},
           {503, "SlowDown", Fault::kThrottled, Fault::kThrottled},
           {429, "", Fault::kThrottled, Fault::kThrottled},
           {500, "InternalServerError", Fault::kServer, Fault::kServer},
           {503, "", Fault::kServer, Fault::kServer},
           {400, "RequestTimeout", Fault::kServer, Fault::kServer},
           {400, "ExpiredTokenException", Fault::kCredentials, Fault::kCredentials},
           {400, "ExpiredToken", Fault::kCredentials, Fault::kCredentials},
           {400, "UnrecognizedClientException", Fault::kCredentials, Fault::kNone},
           {403, "InvalidClientTokenId", Fault::kCredentials, Fault::kNone},
           {403, "InvalidAccessKeyId", Fault::kCredentials, Fault::kNone},
           {403, "RequestTimeTooSkewed", Fault::kClock, Fault::kClock},
           {403, "SignatureDoesNotMatch", Fault::kClock, Fault::kClock},
           {400, "InvalidSignatureException", Fault::kClock, Fault::kClock},
       }) {
    const https::Response response{c.status, {}, R"({"__type":")" + c.error + R"("})"};
    EXPECT_EQ(fault_of(response, true), c.with_session) << c.error;
    EXPECT_EQ(fault_of(response, false), c.without) << c.error;
    EXPECT_EQ(read_answer(response).is_throttled(), c.with_session == Fault::kThrottled) << c.error;
    EXPECT_EQ(read_answer(response).is_server_fault(), c.with_session == Fault::kServer) << c.error;
  }
}

}  // namespace
}  // namespace orderly::aws
