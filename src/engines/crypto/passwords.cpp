#include "engines/crypto/passwords.h"

#include <fmt/format.h>
#include <sodium.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <optional>

#include "base/error.h"
#include "base/limits.h"

namespace orderly::crypto {
namespace {

constexpr std::string_view kPrefix = "$argon2id$v=19$m=";  // version 1.3, RFC 9106
constexpr std::size_t kHashBytes = 32;
constexpr std::size_t kTextBytesMax = 512;
// Of a hash that is verified: one damaged, or put there by somebody, must not cost what its text asks for.
constexpr PasswordCosts kCostsMax{64 * 1024, 10};

static_assert(std::tuple_size_v<ports::PasswordSalt> == crypto_pwhash_argon2id_SALTBYTES);

void require_sodium() {
  static const bool is_ready = sodium_init() >= 0;
  if (!is_ready) throw Error(ErrorCode::kInternal, "internal", "Something went wrong.", "libsodium does not start");
}

[[noreturn]] void throw_out_of_memory() {
  throw Error(ErrorCode::kUnavailable, "overloaded", "The server is busy; try again.",
              "no memory for a password's hash");
}

template <class Bytes>
std::string unpadded_base64(const Bytes& bytes) {
  constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
  std::string text(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), kVariant);
  text.pop_back();  // the NUL
  return text;
}

// Takes a number and what follows it from the front.
std::optional<std::uint32_t> take_number(std::string_view& text, std::string_view end) {
  std::uint32_t number = 0;
  const auto [after, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(after - text.data()));
  if (!text.starts_with(end)) return std::nullopt;
  text.remove_prefix(end.size());
  return number;
}

// Of "$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>"; nothing: it is none. Salt and hash are libsodium's to read.
std::optional<PasswordCosts> costs_of(std::string_view hash) {
  if (hash.size() > kTextBytesMax || hash.find('\0') != std::string_view::npos) return std::nullopt;
  if (!hash.starts_with(kPrefix)) return std::nullopt;
  hash.remove_prefix(kPrefix.size());
  const auto memory = take_number(hash, ",t=");
  const auto passes = memory ? take_number(hash, ",p=") : std::nullopt;
  if (!passes || !take_number(hash, "$")) return std::nullopt;
  return PasswordCosts{*memory, *passes};
}

// libsodium wants a place even for nothing.
const char* bytes_of(std::string_view password) { return password.empty() ? "" : password.data(); }

}  // namespace

std::string hash_password(std::string_view password, const ports::PasswordSalt& salt, PasswordCosts costs) {
  require_sodium();
  if (password.size() > limits::kPasswordBytesMax) {
    throw Error(ErrorCode::kInternal, "internal", "Something went wrong.", "a password longer than the limit");
  }
  std::array<unsigned char, kHashBytes> hash{};
  if (crypto_pwhash_argon2id(hash.data(), hash.size(), bytes_of(password), password.size(), salt.data(), costs.passes,
                             std::size_t{costs.memory_kib} * 1024, crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0) {
    throw_out_of_memory();
  }
  return fmt::format("{}{},t={},p=1${}${}", kPrefix, costs.memory_kib, costs.passes, unpadded_base64(salt),
                     unpadded_base64(hash));
}

bool verify_password(std::string_view hash, std::string_view password) {
  require_sodium();
  const auto costs = costs_of(hash);
  if (!costs || costs->memory_kib > kCostsMax.memory_kib || costs->passes > kCostsMax.passes) return false;
  if (password.size() > limits::kPasswordBytesMax) return false;
  const std::string text(hash);
  errno = 0;
  if (crypto_pwhash_argon2id_str_verify(text.c_str(), bytes_of(password), password.size()) == 0) return true;
  if (errno == ENOMEM) throw_out_of_memory();  // says nothing of the password
  return false;
}

bool needs_rehash(std::string_view hash, PasswordCosts costs) {
  require_sodium();
  if (!costs_of(hash)) return true;
  const std::string text(hash);
  return crypto_pwhash_argon2id_str_needs_rehash(text.c_str(), costs.passes, std::size_t{costs.memory_kib} * 1024) != 0;
}

}  // namespace orderly::crypto
