// ports::Crypto by OpenSSL 3, and for passwords by libsodium (passwords.h). Algorithms are fetched once; each thread
// keeps its contexts between calls, so that a hash of a few hundred bytes costs well under a microsecond.
#pragma once

#include <memory>

#include "engines/crypto/passwords.h"
#include "ports/crypto.h"

namespace orderly::crypto {

// Thread-safe. Throws Error(kInternal) where OpenSSL itself fails (out of memory, no provider).
class OpenSslCrypto final : public ports::Crypto {
 public:
  explicit OpenSslCrypto(PasswordCosts password_costs = {});
  ~OpenSslCrypto() override;

  ports::Digest sha256(std::string_view bytes) const override;
  ports::Digest hmac_sha256(std::string_view key, std::string_view bytes) const override;

  // Sealed: 12 bytes of nonce, the ciphertext, 16 bytes of tag.
  std::string seal(const ports::SecretKey& key, const ports::Nonce& nonce, std::string_view plaintext,
                   std::string_view context) const override;
  std::optional<std::string> open(const ports::SecretKey& key, std::string_view sealed,
                                  std::string_view context) const override;

  std::string hash_password(std::string_view password, const ports::PasswordSalt& salt) const override;
  bool verify_password(std::string_view hash, std::string_view password) const override;
  bool needs_rehash(std::string_view hash) const override;

 private:
  struct Algorithms;
  struct Contexts;
  Contexts& contexts() const;  // this thread's

  std::unique_ptr<Algorithms> algorithms_;
  PasswordCosts password_costs_;
};

}  // namespace orderly::crypto
