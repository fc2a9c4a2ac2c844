#include "engines/jwt/key_set.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "engines/jwt/foreign_json.h"

namespace orderly::jwt {
namespace {

// A member that may be absent.
bool is_absent_or(const boost::json::object& key, std::string_view name, std::string_view value) {
  return !key.contains(name) || text_of(key, name) == value;
}

bool may_verify(const boost::json::object& key) {
  if (!is_absent_or(key, "use", "sig")) return false;
  const boost::json::value* operations = key.if_contains("key_ops");
  if (operations == nullptr) return true;
  const boost::json::array* list = operations->if_array();
  return list != nullptr &&
         std::ranges::any_of(*list, [](const boost::json::value& each) { return text_of(each) == "verify"; });
}

std::optional<std::string> bytes_of(const boost::json::object& key, std::string_view name) {
  const std::optional<std::string_view> text = text_of(key, name);
  return text ? base64url_decode(*text) : std::nullopt;
}

std::optional<PublicKey> read_rsa(const boost::json::object& key) {
  const std::optional<std::string> modulus = bytes_of(key, "n");
  const std::optional<std::string> exponent = bytes_of(key, "e");
  if (!modulus || !exponent || !is_absent_or(key, "alg", "RS256")) return std::nullopt;
  return PublicKey::from_rsa(*modulus, *exponent);
}

std::optional<PublicKey> read_p256(const boost::json::object& key) {
  const std::optional<std::string> x = bytes_of(key, "x");
  const std::optional<std::string> y = bytes_of(key, "y");
  if (!x || !y || text_of(key, "crv") != "P-256" || !is_absent_or(key, "alg", "ES256")) return std::nullopt;
  return PublicKey::from_p256(*x, *y);
}

std::optional<PublicKey> read_key(const boost::json::object& key) {
  if (!may_verify(key)) return std::nullopt;
  const std::optional<std::string_view> type = text_of(key, "kty");
  if (type == "RSA") return read_rsa(key);
  if (type == "EC") return read_p256(key);
  return std::nullopt;
}

}  // namespace

KeySet KeySet::parse(std::string_view text) {
  if (text.size() > kKeySetBytesMax) throw_issuer_unavailable("the key set is too large");
  const std::optional<boost::json::object> document = parse_object(text);
  const boost::json::value* member = document ? document->if_contains("keys") : nullptr;
  const boost::json::array* list = member == nullptr ? nullptr : member->if_array();
  if (list == nullptr) throw_issuer_unavailable("the key set is no JSON object with a list of keys");
  if (list->size() > kKeysMax) throw_issuer_unavailable("the key set lists too many keys");

  KeySet set;
  for (const boost::json::value& each : *list) {
    const boost::json::object* object = each.if_object();
    const std::string_view kid = object == nullptr ? "" : text_of(*object, "kid").value_or("");
    if (kid.empty()) continue;
    // Does nothing where the kid has a key already.
    if (std::optional<PublicKey> key = read_key(*object)) set.keys_.emplace(kid, *std::move(key));
  }
  return set;
}

const PublicKey* KeySet::find(std::string_view kid) const {
  const auto found = keys_.find(kid);
  return found == keys_.end() ? nullptr : &found->second;
}

void throw_issuer_unavailable(std::string detail) {
  throw Error(ErrorCode::kUnavailable, "issuer-unavailable", "The issuer of the token cannot be asked for its keys.",
              std::move(detail));
}

}  // namespace orderly::jwt
