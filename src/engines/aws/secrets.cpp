#include "engines/aws/secrets.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "base/error.h"

namespace orderly::aws {
namespace {

constexpr std::string_view kSecretsManager = "secretsmanager:";
constexpr std::string_view kParameterStore = "ssm:";

using Place = SecretReference::Place;

[[noreturn]] void throw_unreadable(const SecretReference& reference, std::string_view why) {
  throw Error(ErrorCode::kUnavailable, "secret-unreadable", "A secret cannot be read.",
              reference.name + (reference.member.empty() ? "" : "#" + reference.member) + ": " + std::string(why));
}

// The text at a path of members, if it is there.
std::optional<std::string> text_at(const boost::json::object& body, std::initializer_list<std::string_view> path) {
  const boost::json::object* object = &body;
  const boost::json::value* value = nullptr;
  for (const std::string_view name : path) {
    value = object == nullptr ? nullptr : object->if_contains(name);
    object = value == nullptr ? nullptr : value->if_object();
  }
  const boost::json::string* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::nullopt : std::optional<std::string>(*text);
}

std::string member_of(const SecretReference& reference, const std::string& document) {
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse(document, error);
  if (error || !value.is_object()) throw_unreadable(reference, "it is no JSON object");
  std::optional<std::string> text = text_at(value.as_object(), {reference.member});
  if (!text) throw_unreadable(reference, "it has no such member, or none that is a text");
  return *std::move(text);
}

Task<Answer> ask(Context& context, const SecretReference& reference, std::string_view region, const SecretsUrls& urls) {
  const bool is_parameter = reference.place == Place::kParameterStore;
  const std::string name = is_parameter ? "ssm" : "secretsmanager";
  const std::string& own_url = is_parameter ? urls.ssm : urls.secretsmanager;
  Service service(context, own_url.empty() ? service_url(name, region) : own_url, {std::string(region), name});
  if (is_parameter)
    co_return co_await service.call("AmazonSSM", "1.1", "GetParameter",
                                    {{"Name", reference.name}, {"WithDecryption", true}}, Repeat::kSafe);
  co_return co_await service.call("secretsmanager", "1.1", "GetSecretValue", {{"SecretId", reference.name}},
                                  Repeat::kSafe);
}

}  // namespace

bool is_secret_reference(std::string_view text) {
  return text.starts_with(kSecretsManager) || text.starts_with(kParameterStore);
}

SecretReference parse_secret_reference(std::string_view text) {
  SecretReference reference;
  if (text.starts_with(kParameterStore)) {
    reference.place = Place::kParameterStore;
    reference.name = text.substr(kParameterStore.size());
  } else if (text.starts_with(kSecretsManager)) {
    text.remove_prefix(kSecretsManager.size());
    const std::size_t hash = std::min(text.find('#'), text.size());  // no name or ARN has one
    reference.name = text.substr(0, hash);
    reference.member = text.substr(std::min(hash + 1, text.size()));
    if (hash < text.size() && reference.member.empty()) reference.name.clear();
  }
  if (reference.name.empty())
    throw Error(ErrorCode::kInternal, "malformed-secret-reference",
                "A secret is named secretsmanager:NAME, secretsmanager:NAME#member or ssm:NAME.");
  return reference;
}

Task<std::string> read_secret(Context& context, std::string region, SecretsUrls urls, std::string reference) {
  const SecretReference parsed = parse_secret_reference(reference);
  const Answer answer = co_await ask(context, parsed, region, urls);
  if (!answer.ok()) throw_unreadable(parsed, answer.error);
  std::optional<std::string> secret = parsed.place == Place::kParameterStore
                                          ? text_at(answer.body, {"Parameter", "Value"})
                                          : text_at(answer.body, {"SecretString"});
  if (!secret) throw_unreadable(parsed, "it is no text");
  co_return parsed.member.empty() ? *std::move(secret) : member_of(parsed, *secret);
}

}  // namespace orderly::aws
