#include "engines/aws/notifier.h"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <span>
#include <utility>

#include "base/error.h"

namespace orderly::aws {
namespace {

constexpr std::string_view kSnsVersion = "2010-03-31";
constexpr std::string_view kMailTarget = "/v2/email/outbound-emails";

// Errors that say that this number, address or text will never do.
constexpr std::array<std::string_view, 5> kTextRefusals = {
    "InvalidParameter", "InvalidParameterException", "InvalidParameterValue", "OptedOut", "ParameterValueInvalid"};
constexpr std::array<std::string_view, 2> kMailRefusals = {"BadRequestException", "MessageRejected"};

[[noreturn]] void throw_unavailable(std::string detail) {
  throw Error(ErrorCode::kUnavailable, "notifier-unavailable", "The notice could not be sent now.", std::move(detail));
}

// A body of form parameters (application/x-www-form-urlencoded), as SNS's Query protocol wants it.
class Form {
 public:
  explicit Form(std::string_view action) {
    add("Action", action);
    add("Version", kSnsVersion);
  }
  void add(std::string_view name, std::string_view value) {
    if (!text_.empty()) text_ += '&';
    text_.append(name).append("=").append(uri_encode(value));
  }
  void add_attribute(std::string_view name, std::string_view value) {
    const std::string entry = "MessageAttributes.entry." + std::to_string(++attributes_) + '.';
    add(entry + "Name", name);
    add(entry + "Value.DataType", "String");
    add(entry + "Value.StringValue", value);
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
  int attributes_ = 0;
};

boost::json::object utf8(std::string_view text) { return {{"Data", text}, {"Charset", "UTF-8"}}; }

boost::json::object simple_mail(const ports::Mail& mail, std::string_view from) {
  boost::json::object body = {{"Text", utf8(mail.text)}};
  if (!mail.html.empty()) body["Html"] = utf8(mail.html);
  boost::json::object simple = {{"Subject", utf8(mail.subject)}, {"Body", std::move(body)}};
  return {{"FromEmailAddress", from},
          {"Destination", {{"ToAddresses", boost::json::array{mail.to}}}},
          {"Content", {{"Simple", std::move(simple)}}}};
}

// SES answers in JSON, SNS in XML.
std::string id_in(const https::Response& response) {
  if (!response.body.starts_with('{')) return xml_text(response.body, "MessageId");
  return first_text(read_answer(response).body, {"MessageId"});
}

class AwsNotifier final : public ports::Notifier {
 public:
  AwsNotifier(NotifierOptions options, Context& context)
      : options_(std::move(options)),
        sns_(context, options_.sns_url.empty() ? service_url("sns", options_.region) : options_.sns_url,
             {options_.region, "sns"}),
        // The endpoint's name is not the service's.
        ses_(context, options_.ses_url.empty() ? service_url("email", options_.region) : options_.ses_url,
             {options_.region, "ses"}) {}

  Task<std::string> publish_event(ports::EventNotice notice) override {
    if (options_.topic_arn.empty()) throw_unavailable("there is no topic");
    Form form("Publish");
    form.add("TopicArn", options_.topic_arn);
    form.add("Message", notice.body);
    for (const auto& [name, value] : notice.attributes) form.add_attribute(name, value);
    if (options_.topic_arn.ends_with(".fifo")) {
      form.add("MessageDeduplicationId", notice.event_id);
      form.add("MessageGroupId", notice.subject_id);
    }
    co_return co_await publish(form.take(), {});
  }

  Task<std::string> send_sms(ports::TextMessage message) override {
    Form form("Publish");
    form.add("PhoneNumber", message.phone);
    form.add("Message", message.text);
    form.add_attribute("AWS.SNS.SMS.SMSType", "Transactional");
    co_return co_await publish(form.take(), kTextRefusals);
  }

  Task<std::string> send_mail(ports::Mail mail) override {
    if (options_.mail_from.empty()) throw_unavailable("mail has no sender");
    https::Request request;
    request.method = "POST";
    request.target = ses_.base_path() + std::string(kMailTarget);
    request.headers = {{"Content-Type", "application/json"}};
    request.body = boost::json::serialize(simple_mail(mail, options_.mail_from));
    co_return co_await send(ses_, std::move(request), kMailRefusals);
  }

 private:
  Task<std::string> publish(std::string form, std::span<const std::string_view> refusals) {
    https::Request request;
    request.method = "POST";
    request.target = sns_.base_path() + "/";
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
    request.body = std::move(form);
    return send(sns_, std::move(request), refusals);
  }

  // The message's id; throws what the port says.
  static Task<std::string> send(Service& service, https::Request request, std::span<const std::string_view> refusals) {
    https::Response response;
    std::string id;
    try {
      response = co_await service.send(std::move(request), Repeat::kNever);
      id = id_in(response);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kUnavailable) throw;
      throw_unavailable(error.slug() + ": " + error.detail());
    }
    const Answer answer = read_error(response);
    if (std::ranges::find(refusals, answer.error) != refusals.end())
      throw Error(ErrorCode::kRefused, "notice-refused", "The notice cannot be sent.", answer.error);
    if (!answer.ok()) throw_unavailable(answer.error);
    if (id.empty()) throw_unavailable("an answer without an id");
    co_return id;
  }

  const NotifierOptions options_;
  Service sns_;
  Service ses_;
};

}  // namespace

std::unique_ptr<ports::Notifier> make_notifier(NotifierOptions options, Context& context) {
  return std::make_unique<AwsNotifier>(std::move(options), context);
}

}  // namespace orderly::aws
