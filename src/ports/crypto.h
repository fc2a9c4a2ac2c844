// The cryptography that use cases need, so that no vendor's header reaches them. Pure functions of their arguments,
// chance included; thread-safe.
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

// Of a digest or a key, for as long as that lives.
inline std::string_view bytes_of(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}
using PasswordSalt = std::array<std::uint8_t, 16>;

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

  // --- Passwords ---
  // The first two are meant to be slow: tens of milliseconds and 19 MiB each. Call them on the offload pool, never on
  // an I/O thread, and one at a time in a process, so that a flood of sign-ins can't take all memory and every core.

  // What to keep of a password: Argon2id (RFC 9106), 19 MiB, 2 passes, 1 lane, as the text that begins with
  // "$argon2id$" and holds costs and salt too. A salt is chance, fresh for each hash. The password is its bytes as they
  // are. Throws Error(kInternal) for one longer than limits::kPasswordBytesMax, and Error(kUnavailable, "overloaded")
  // when there is not enough memory.
  virtual std::string hash_password(std::string_view password, const PasswordSalt& salt) const = 0;
  // Whether it is the password of that hash, which may have been made by another program at other costs, up to 64 MiB
  // and 10 passes. False for a hash that is none, for costs beyond, and for a password that is too long. Throws
  // Error(kUnavailable, "overloaded") when there is not enough memory.
  virtual bool verify_password(std::string_view hash, std::string_view password) const = 0;
  // Whether the hash should be replaced, by one of the password once that is known: its costs are others than
  // hash_password's, or it is none. Fast.
  virtual bool needs_rehash(std::string_view hash) const = 0;
};

// Without a branch on the content; lengths may leak.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace orderly::ports
