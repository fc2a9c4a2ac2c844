// The cryptography that use cases need, so that no vendor's header reaches them. Pure functions of their arguments;
// thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace orderly::ports {

using Digest = std::array<std::uint8_t, 32>;
using SecretKey = std::array<std::uint8_t, 32>;
using Nonce = std::array<std::uint8_t, 12>;

class Crypto {
 public:
  virtual ~Crypto() = default;

  virtual Digest sha256(std::string_view bytes) const = 0;
  virtual Digest hmac_sha256(std::string_view key, std::string_view bytes) const = 0;

  // AES-256-GCM (NIST SP 800-38D): nonce, ciphertext and tag in one string. A nonce must never serve twice under one
  // key. `context` is authenticated with it and must be the same when opened.
  virtual std::string seal(const SecretKey& key, const Nonce& nonce, std::string_view plaintext,
                           std::string_view context) const = 0;
  // Nothing when the key or context is another one or a bit was changed.
  virtual std::optional<std::string> open(const SecretKey& key, std::string_view sealed,
                                          std::string_view context) const = 0;
};

// Without a branch on the content; lengths may leak.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace orderly::ports
