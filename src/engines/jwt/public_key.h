// Keys of issuers, and whether a signature is one of theirs: RS256 and ES256 (RFC 7518 sections 3.3 and 3.4).
#pragma once

#include <openssl/types.h>

#include <memory>
#include <optional>
#include <string_view>

namespace orderly::jwt {

enum class Algorithm {
  kRs256,  // RSASSA-PKCS1-v1_5 with SHA-256
  kEs256,  // ECDSA on P-256 with SHA-256
};

// "RS256" and "ES256" as they are written. Nothing for all others: none signs nothing, and the HMAC ones would take a
// public key for a secret.
std::optional<Algorithm> parse_algorithm(std::string_view name);

// A key serves one algorithm, whatever a token says (RFC 8725 section 3.1). Cheap to copy; thread-safe. All throw
// Error(kInternal) where OpenSSL itself fails.
class PublicKey {
 public:
  // Big-endian modulus and exponent. Nothing unless the modulus is odd and has 2048 (RFC 7518 section 3.3) to 8192 bits
  // (more would be slow to use) and the exponent is odd and between 3 and 2^32.
  static std::optional<PublicKey> from_rsa(std::string_view modulus, std::string_view exponent);
  // Coordinates of 32 bytes each (RFC 7518 section 6.2.1.2). Nothing unless they are a point of the curve.
  static std::optional<PublicKey> from_p256(std::string_view x, std::string_view y);

  Algorithm algorithm() const { return algorithm_; }

  // `signature`: as long as the modulus, or r and s of 32 bytes each; any other length is none.
  bool verifies(std::string_view text, std::string_view signature) const;

 private:
  PublicKey(Algorithm algorithm, std::shared_ptr<EVP_PKEY> key) : algorithm_(algorithm), key_(std::move(key)) {}

  Algorithm algorithm_;
  std::shared_ptr<EVP_PKEY> key_;
};

}  // namespace orderly::jwt
