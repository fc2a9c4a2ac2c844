// Passwords by libsodium's Argon2id, as ports::Crypto says. Blocking and heavy.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ports/crypto.h"

namespace orderly::crypto {

// OWASP's Password Storage Cheat Sheet, "Argon2id": 19 MiB and 2 passes for one lane.
struct PasswordCosts {
  std::uint32_t memory_kib = 19 * 1024;
  std::uint32_t passes = 2;
};
inline constexpr PasswordCosts kCheapestPasswords{8, 1};  // for tests: the least that Argon2 allows

std::string hash_password(std::string_view password, const ports::PasswordSalt& salt, PasswordCosts costs);
bool verify_password(std::string_view hash, std::string_view password);
bool needs_rehash(std::string_view hash, PasswordCosts costs);

}  // namespace orderly::crypto
