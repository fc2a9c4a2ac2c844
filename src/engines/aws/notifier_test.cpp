#include "engines/aws/notifier.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "engines/aws/test_http.h"

namespace orderly::aws {
namespace {

using namespace orderly::aws::testing;  // NOLINT(google-build-using-namespace)

const https::Response kPublished{
    200,
    {},
    "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>"
    "<MessageId>567910cd-659e-55d4-8ccb-5aaf14679dc0</MessageId></PublishResult></PublishResponse>"};

https::Response sns_error(int status, const std::string& code) {
  return {status, {}, "<ErrorResponse><Error><Type>Sender</Type><Code>" + code + "</Code></Error></ErrorResponse>"};
}
https::Response ses_error(int status, const std::string& type) {
  return {status, {{"x-amzn-errortype", type}}, R"({"message":"about jo@example.com"})"};
}

class NotifierTest : public ::testing::Test {
 protected:
  NotifierTest() { use({.region = "eu-central-1", .topic_arn = kTopic, .mail_from = "Shop <shop@example.com>"}); }

  struct Options {
    std::string region, topic_arn, mail_from = {}, sns_url = {}, ses_url = {};
  };
  void use(const Options& o) {
    notifier_ = make_notifier({o.region, o.topic_arn, o.mail_from, o.sns_url, o.ses_url}, context_);
  }
  // "" or the slug with its detail.
  template <class T>
  std::string outcome_of(Task<T> task) {
    try {
      run(std::move(task));
      return "";
    } catch (const Error& error) {
      return std::string(error.code() == ErrorCode::kRefused ? "never: " : "later: ") + error.slug() + " " +
             error.detail();
    }
  }
  std::string publish() { return outcome_of(notifier_->publish_event(kNotice)); }
  std::string text() { return outcome_of(notifier_->send_sms({"+4915112345678", "Shipped"})); }
  std::string mail() { return outcome_of(notifier_->send_mail({"jo@example.com", "Your order", "Shipped", ""})); }

  const std::string kTopic = "arn:aws:sns:eu-central-1:123456789012:orders";
  const ports::EventNotice kNotice{
      "evt_1", "ord_1", R"({"total":"1 & 2"})", {{"event_type", "OrderPlaced"}, {"n", "2"}}};

  std::function<https::Response()> answer_ = [] { return kPublished; };
  ScriptedHttp http_{[this](const https::Request&) { return answer_(); }};
  JumpingClock clock_{"2026-11-21T10:30:00Z"};
  ConstantRandom random_;
  std::unique_ptr<CredentialsSource> credentials_ =
      make_credentials_source({.access_key_id = "AKID", .secret_access_key = "secret"}, http_, clock_);
  Context context_{http_, *credentials_, clock_, random_};
  std::unique_ptr<ports::Notifier> notifier_;
};

TEST_F(NotifierTest, EventIsPublishedWithItsAttributes) {
  EXPECT_EQ(run(notifier_->publish_event(kNotice)), "567910cd-659e-55d4-8ccb-5aaf14679dc0");
  const https::Request request = http_.requests().at(0);
  EXPECT_EQ(request.method + " " + request.target, "POST /");
  EXPECT_EQ(request.endpoint.host, "sns.eu-central-1.amazonaws.com");
  EXPECT_EQ(header_of(request, "Content-Type"), "application/x-www-form-urlencoded; charset=utf-8");
  EXPECT_NE(header_of(request, "Authorization").find("/eu-central-1/sns/aws4_request"), std::string::npos);
  EXPECT_EQ(request.body,
            "Action=Publish&Version=2010-03-31&TopicArn=arn%3Aaws%3Asns%3Aeu-central-1%3A123456789012%3Aorders"
            "&Message=%7B%22total%22%3A%221%20%26%202%22%7D"
            "&MessageAttributes.entry.1.Name=event_type&MessageAttributes.entry.1.Value.DataType=String"
            "&MessageAttributes.entry.1.Value.StringValue=OrderPlaced"
            "&MessageAttributes.entry.2.Name=n&MessageAttributes.entry.2.Value.DataType=String"
            "&MessageAttributes.entry.2.Value.StringValue=2");
}

TEST_F(NotifierTest, FifoTopicKeepsAnOrdersEventsInOrderAndDropsRepetitions) {
  use({.region = "eu-central-1", .topic_arn = kTopic + ".fifo", .sns_url = "http://127.0.0.1:9911/sns"});
  EXPECT_EQ(publish(), "");
  const https::Request request = http_.requests().at(0);
  EXPECT_TRUE(request.body.ends_with("&MessageDeduplicationId=evt_1&MessageGroupId=ord_1")) << request.body;
  EXPECT_EQ(request.endpoint, (https::Endpoint{false, "127.0.0.1", 9911}));
  EXPECT_EQ(request.target, "/sns/");
}

TEST_F(NotifierTest, TextMessageGoesToThePhone) {
  EXPECT_EQ(run(notifier_->send_sms({"+4915112345678", "Grüße"})), "567910cd-659e-55d4-8ccb-5aaf14679dc0");
  EXPECT_EQ(http_.requests().at(0).body,
            "Action=Publish&Version=2010-03-31&PhoneNumber=%2B4915112345678&Message=Gr%C3%BC%C3%9Fe"
            "&MessageAttributes.entry.1.Name=AWS.SNS.SMS.SMSType&MessageAttributes.entry.1.Value.DataType=String"
            "&MessageAttributes.entry.1.Value.StringValue=Transactional");
}

TEST_F(NotifierTest, MailIsSentAsSimpleContent) {
  answer_ = [] { return https::Response{200, {}, R"({"MessageId":"0102"})"}; };
  EXPECT_EQ(run(notifier_->send_mail({"jo@example.com", "Grüße", "Shipped", "<p>Shipped</p>"})), "0102");
  const https::Request request = http_.requests().at(0);
  EXPECT_EQ(request.method + " " + request.target, "POST /v2/email/outbound-emails");
  EXPECT_EQ(request.endpoint.host, "email.eu-central-1.amazonaws.com");
  EXPECT_NE(header_of(request, "Authorization").find("/eu-central-1/ses/aws4_request"), std::string::npos);
  EXPECT_EQ(boost::json::parse(request.body), boost::json::parse(R"({
    "FromEmailAddress": "Shop <shop@example.com>",
    "Destination": {"ToAddresses": ["jo@example.com"]},
    "Content": {"Simple": {
      "Subject": {"Data": "Grüße", "Charset": "UTF-8"},
      "Body": {"Text": {"Data": "Shipped", "Charset": "UTF-8"}, "Html": {"Data": "<p>Shipped</p>", "Charset": "UTF-8"}}}}})"));

  EXPECT_EQ(mail(), "");
  EXPECT_EQ(http_.requests().at(1).body.find("Html"), std::string::npos);
}

TEST_F(NotifierTest, OnlyWhatWillNeverDoIsRefused) {
  struct Case {
    std::function<https::Response()> answer;
    std::string publish, text, mail;
  };
  const std::string later = "later: notifier-unavailable ";
  const std::string never = "never: notice-refused ";
  const auto gives = [](https::Response response) { return [response] { return response; }; };
  for (const Case& c : std::vector<Case>{
           {gives(sns_error(400, "InvalidParameter")), later + "InvalidParameter", never + "InvalidParameter",
            later + "InvalidParameter"},
           {gives(sns_error(400, "OptedOut")), later + "OptedOut", never + "OptedOut", later + "OptedOut"},
           {gives(sns_error(404, "NotFound")), later + "NotFound", later + "NotFound", later + "NotFound"},
           {gives(sns_error(400, "Throttling")), later + "Throttling", later + "Throttling", later + "Throttling"},
           {gives(ses_error(400, "MessageRejected")), later + "MessageRejected", later + "MessageRejected",
            never + "MessageRejected"},
           {gives(ses_error(400, "BadRequestException")), later + "BadRequestException", later + "BadRequestException",
            never + "BadRequestException"},
           {gives(ses_error(400, "SendingPausedException")), later + "SendingPausedException",
            later + "SendingPausedException", later + "SendingPausedException"},
           {gives({200, {}, ""}), later + "an answer without an id", later + "an answer without an id",
            later + "an answer without an id"},
           {gives({503, {}, ""}), later + "http-503", later + "http-503", later + "http-503"},
           {[]() -> https::Response { fail_lost(); }, later + "answer-lost: test: lost",
            later + "answer-lost: test: lost", later + "answer-lost: test: lost"},
       }) {
    answer_ = c.answer;
    const std::size_t before = http_.count();
    EXPECT_EQ(publish(), c.publish);
    EXPECT_EQ(text(), c.text);
    EXPECT_EQ(mail(), c.mail);
    EXPECT_EQ(http_.count() - before, 3u) << "each is one try";
  }
}

TEST_F(NotifierTest, WhatIsNotSetUpIsUnavailable) {
  use({.region = "eu-central-1", .topic_arn = ""});
  EXPECT_EQ(publish(), "later: notifier-unavailable there is no topic");
  EXPECT_EQ(mail(), "later: notifier-unavailable mail has no sender");
  EXPECT_EQ(http_.count(), 0u);
}

}  // namespace
}  // namespace orderly::aws
