// JSON of others, of which we know some members only: a token's header and claims (RFC 7515, RFC 7519) and an issuer's
// keys (RFC 7517). Documents of ours are read by their descriptions instead (base/json.h). Pure functions.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string_view>

namespace orderly::jwt {

// One JSON object and nothing after it but white space. Nothing when `text` is anything else, is not UTF-8, is nested
// deeper than limits::kJsonDepthMax, or when an object in it names a member twice: readers differ about which one
// counts (RFC 7519 section 4, RFC 7517 section 4).
std::optional<boost::json::object> parse_object(std::string_view text);

// Nothing when there is no such member or it is not a string. Points into `object`.
std::optional<std::string_view> text_of(const boost::json::object& object, std::string_view name);
std::optional<std::string_view> text_of(const boost::json::value& value);

}  // namespace orderly::jwt
