// The keys that an issuer publishes: a JSON Web Key Set (RFC 7517).
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "engines/jwt/public_key.h"

namespace orderly::jwt {

inline constexpr std::size_t kKeySetBytesMax = std::size_t{128} << 10;
inline constexpr std::size_t kKeysMax = 100;

// The usable keys by their kid. Of several with one kid the set's first usable one counts: RFC 7517 section 4.5 wants
// them distinct, so that any choice is a guess, but refusing all would let one slip of an issuer lock everybody out.
class KeySet {
 public:
  // {"keys": […]}. A key is left out, as section 5 wants it, unless it
  //   - has a kid, which a token can name;
  //   - is one that PublicKey takes: kty RSA, or kty EC with crv P-256;
  //   - is for verifying signatures: `use` absent or "sig", `key_ops` absent or with "verify";
  //   - has no `alg` or its own algorithm's.
  // Throws Error(kUnavailable, "issuer-unavailable") when the text is longer than kKeySetBytesMax, is no such object,
  // or lists more than kKeysMax. A set without usable keys is one: its issuer has withdrawn them.
  static KeySet parse(std::string_view text);

  // nullptr: there is none. Lives as long as the set.
  const PublicKey* find(std::string_view kid) const;
  std::size_t size() const { return keys_.size(); }

 private:
  std::map<std::string, PublicKey, std::less<>> keys_;
};

// `detail` is for the log.
[[noreturn]] void throw_issuer_unavailable(std::string detail);

}  // namespace orderly::jwt
