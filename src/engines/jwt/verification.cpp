#include "engines/jwt/verification.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "engines/jwt/foreign_json.h"

namespace orderly::jwt {
namespace {

using boost::json::object;
using boost::json::value;

constexpr std::chrono::seconds kLeeway{30};
constexpr std::int64_t kYear10000 = 253'402'300'800;  // in seconds
constexpr std::size_t kSubjectBytesMax = 255;         // OpenID Connect Core 1.0 section 2
constexpr std::size_t kRolesMax = 100;                // identities are kept in memory
constexpr std::size_t kEmailBytesMax = 254;           // RFC 5321 section 4.5.3.1.3, without the angle brackets

void check_signature(const SignedToken& token, const KeySet& keys) {
  const PublicKey* key = keys.find(token.kid);
  if (key == nullptr) throw_invalid_token("its issuer has no such key");
  if (key->algorithm() != token.algorithm) throw_invalid_token("its algorithm is not its key's");
  if (!key->verifies(token.signed_text, token.signature)) throw_invalid_token("its signature is not its key's");
}

// One string, or an array of nothing but strings. Nothing for anything else.
std::optional<std::vector<std::string_view>> texts_of(const value& claim) {
  if (const std::optional<std::string_view> text = text_of(claim)) return std::vector{*text};
  const boost::json::array* list = claim.if_array();
  if (list == nullptr) return std::nullopt;
  std::vector<std::string_view> texts;
  for (const value& each : *list) {
    const std::optional<std::string_view> text = text_of(each);
    if (!text) return std::nullopt;
    texts.push_back(*text);
  }
  return texts;
}

void check_audience(const object& claims, const IssuerSettings& settings) {
  const value* claim = claims.if_contains(settings.audience_claim);
  const auto audiences = claim == nullptr ? std::nullopt : texts_of(*claim);
  if (!audiences || std::ranges::find(*audiences, settings.audience) == audiences->end())
    throw_invalid_token("it is for another audience");
}

// Nothing for what is no number between 1970 and the end of 9999. Fractions are cut to milliseconds.
std::optional<Time> read_date(const value& claim) {
  if (const std::int64_t* seconds = claim.if_int64()) {
    if (*seconds < 0 || *seconds >= kYear10000) return std::nullopt;
    return Time{*seconds * 1000};
  }
  const double* seconds = claim.if_double();
  const bool is_in_range = seconds != nullptr && *seconds >= 0 && *seconds < static_cast<double>(kYear10000);
  if (!is_in_range) return std::nullopt;
  return Time{static_cast<std::int64_t>(*seconds * 1000)};
}

// Nothing when there is no such claim.
std::optional<Time> date_of(const object& claims, std::string_view name) {
  const value* claim = claims.if_contains(name);
  if (claim == nullptr) return std::nullopt;
  const std::optional<Time> date = read_date(*claim);
  if (!date) throw_invalid_token("its " + std::string(name) + " is no time");
  return date;
}

Time check_dates(const object& claims, Time now) {
  const std::optional<Time> expires_at = date_of(claims, "exp");
  if (!expires_at) throw_invalid_token("it has no exp");
  if (now >= *expires_at + kLeeway) throw_invalid_token("it has expired");
  for (const std::string_view name : {"nbf", "iat"}) {
    const std::optional<Time> begin = date_of(claims, name);
    if (begin && *begin > now + kLeeway) throw_invalid_token("its " + std::string(name) + " is in the future");
  }
  return *expires_at;
}

std::string subject_of(const object& claims) {
  const std::string_view subject = text_of(claims, "sub").value_or("");
  // It will be part of keys and of the log.
  if (subject.empty() || subject.size() > kSubjectBytesMax || has_control_characters(subject))
    throw_invalid_token("it has no usable sub");
  return std::string(subject);
}

std::optional<std::string> email_of(const object& claims) {
  const value* is_verified = claims.if_contains("email_verified");
  if (is_verified == nullptr || !is_verified->is_bool() || !is_verified->get_bool()) return std::nullopt;
  const std::string_view email = text_of(claims, "email").value_or("");
  if (email.empty() || email.size() > kEmailBytesMax || has_control_characters(email)) return std::nullopt;
  return std::string(email);
}

const value* find_claim(const value& claims, const std::string& name) {
  if (!name.starts_with('/')) return claims.get_object().if_contains(name);
  boost::system::error_code error;
  return claims.find_pointer(name, error);
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

std::vector<std::string> roles_of(const value& claims, const IssuerSettings& settings) {
  const value* claim = settings.roles_claim.empty() ? nullptr : find_claim(claims, settings.roles_claim);
  if (claim == nullptr) return {};
  std::vector<std::string> roles;
  if (const std::optional<std::string_view> text = text_of(*claim)) {
    roles = words_of(*text);
  } else if (const auto list = texts_of(*claim)) {
    roles.assign(list->begin(), list->end());
  } else {
    throw_invalid_token("its roles are no list of strings");
  }
  if (roles.size() > kRolesMax) throw_invalid_token("it has too many roles");
  return roles;
}

}  // namespace

Identity verify(const SignedToken& token, const KeySet& keys, const IssuerSettings& settings, Time now) {
  check_signature(token, keys);
  const object& claims = token.claims.get_object();
  if (text_of(claims, "iss") != settings.issuer) throw_invalid_token("it is of another issuer");
  check_audience(claims, settings);
  return {.issuer = settings.issuer,
          .subject = subject_of(claims),
          .expires_at = check_dates(claims, now),
          .email = email_of(claims),
          .roles = roles_of(token.claims, settings)};
}

}  // namespace orderly::jwt
