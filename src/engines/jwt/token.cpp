#include "engines/jwt/token.h"

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "engines/jwt/foreign_json.h"

namespace orderly::jwt {
namespace {

constexpr std::size_t kKidBytesMax = 255;
constexpr std::array<std::string_view, 7> kRefusedMembers = {"crit", "b64", "zip", "jwk", "jku", "x5u", "x5c"};

struct Parts {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
};

Parts split(std::string_view text) {
  if (text.size() > kTokenBytesMax) throw_invalid_token("it is too long");
  if (std::ranges::count(text, '.') != 2) throw_invalid_token("it has not three parts");
  const std::size_t first = text.find('.');
  const std::size_t second = text.find('.', first + 1);
  return {text.substr(0, first), text.substr(first + 1, second - first - 1), text.substr(second + 1)};
}

std::string decode(std::string_view part) {
  std::optional<std::string> bytes = base64url_decode(part);
  if (!bytes) throw_invalid_token("a part is not base64url");
  return *std::move(bytes);
}

boost::json::object decode_object(std::string_view part, const char* name) {
  std::optional<boost::json::object> object = parse_object(decode(part));
  if (!object) throw_invalid_token(std::string("its ") + name + " is no acceptable JSON object");
  return *std::move(object);
}

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

void check_type(const boost::json::object& header) {
  if (!header.contains("typ")) return;
  const std::string type = in_lower_case(text_of(header, "typ").value_or(""));
  if (type != "jwt" && type != "at+jwt") throw_invalid_token("its type is another one");
}

}  // namespace

SignedToken parse_token(std::string_view text) {
  const Parts parts = split(text);
  const boost::json::object header = decode_object(parts.header, "header");
  for (const std::string_view name : kRefusedMembers) {
    if (header.contains(name)) throw_invalid_token("its header has the member " + std::string(name));
  }
  check_type(header);
  const std::optional<Algorithm> algorithm = parse_algorithm(text_of(header, "alg").value_or(""));
  if (!algorithm) throw_invalid_token("its algorithm is neither RS256 nor ES256");
  const std::string_view kid = text_of(header, "kid").value_or("");
  if (kid.empty() || kid.size() > kKidBytesMax) throw_invalid_token("it names no key");
  return {.algorithm = *algorithm,
          .kid = std::string(kid),
          .signed_text = std::string(text.substr(0, parts.header.size() + 1 + parts.payload.size())),
          .signature = decode(parts.signature),
          .claims = decode_object(parts.payload, "payload")};
}

void throw_invalid_token(std::string reason) {
  throw Error(ErrorCode::kUnauthenticated, "invalid-token", "The token is not valid.", std::move(reason));
}

}  // namespace orderly::jwt
