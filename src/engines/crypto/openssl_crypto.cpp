#include "engines/crypto/openssl_crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "base/error.h"

namespace orderly::crypto {
namespace {

constexpr std::size_t kNonceBytes = std::tuple_size_v<ports::Nonce>;
constexpr std::size_t kTagBytes = 16;

template <auto kFree>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};
template <class T, auto kFree>
using Owned = std::unique_ptr<T, Freed<kFree>>;

// `what` names the step. OpenSSL's queue of errors is emptied, so that none is blamed on a later call.
void require(bool success, const char* what) {
  if (success) return;
  char reason[256] = "no reason given";
  if (const unsigned long code = ERR_get_error(); code != 0) ERR_error_string_n(code, reason, sizeof reason);
  ERR_clear_error();
  throw Error(ErrorCode::kInternal, "internal", "Something went wrong.", std::string(what) + ": " + reason);
}

const unsigned char* as_bytes(std::string_view text) {
  // OpenSSL takes a null pointer for "not given" where an empty text is meant.
  return reinterpret_cast<const unsigned char*>(text.data() != nullptr ? text.data() : "");
}
unsigned char* as_bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

// EVP takes lengths as int.
int checked_length(std::string_view text) {
  require(text.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max()), "length of a text to seal");
  return static_cast<int>(text.size());
}

}  // namespace

struct OpenSslCrypto::Algorithms {
  Owned<EVP_MD, EVP_MD_free> sha256{EVP_MD_fetch(nullptr, "SHA256", nullptr)};
  Owned<EVP_MAC, EVP_MAC_free> hmac{EVP_MAC_fetch(nullptr, "HMAC", nullptr)};
  Owned<EVP_CIPHER, EVP_CIPHER_free> aes_256_gcm{EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr)};
};

// Contexts hold references to their algorithms and take new keys at each use, so that one set per thread serves all
// objects of the class.
struct OpenSslCrypto::Contexts {
  explicit Contexts(const Algorithms& algorithms) : hmac(EVP_MAC_CTX_new(algorithms.hmac.get())) {
    require(digest && hmac && cipher, "a context");
    char name[] = "SHA256";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                                     OSSL_PARAM_construct_end()};
    require(EVP_MAC_CTX_set_params(hmac.get(), parameters) == 1, "HMAC's digest");
  }

  Owned<EVP_MD_CTX, EVP_MD_CTX_free> digest{EVP_MD_CTX_new()};
  Owned<EVP_MAC_CTX, EVP_MAC_CTX_free> hmac;
  Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free> cipher{EVP_CIPHER_CTX_new()};
};

OpenSslCrypto::OpenSslCrypto(PasswordCosts password_costs)
    : algorithms_(std::make_unique<Algorithms>()), password_costs_(password_costs) {
  require(algorithms_->sha256 && algorithms_->hmac && algorithms_->aes_256_gcm, "fetching algorithms");
}

OpenSslCrypto::~OpenSslCrypto() = default;

OpenSslCrypto::Contexts& OpenSslCrypto::contexts() const {
  thread_local Contexts contexts(*algorithms_);
  return contexts;
}

ports::Digest OpenSslCrypto::sha256(std::string_view bytes) const {
  EVP_MD_CTX* const context = contexts().digest.get();
  ports::Digest digest;
  require(EVP_DigestInit_ex2(context, algorithms_->sha256.get(), nullptr) == 1 &&
              EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1 &&
              EVP_DigestFinal_ex(context, digest.data(), nullptr) == 1,
          "SHA-256");
  return digest;
}

ports::Digest OpenSslCrypto::hmac_sha256(std::string_view key, std::string_view bytes) const {
  EVP_MAC_CTX* const context = contexts().hmac.get();
  ports::Digest digest;
  std::size_t length = 0;
  require(EVP_MAC_init(context, as_bytes(key), key.size(), nullptr) == 1 &&
              EVP_MAC_update(context, as_bytes(bytes), bytes.size()) == 1 &&
              EVP_MAC_final(context, digest.data(), &length, digest.size()) == 1 && length == digest.size(),
          "HMAC-SHA-256");
  return digest;
}

std::string OpenSslCrypto::seal(const ports::SecretKey& key, const ports::Nonce& nonce, std::string_view plaintext,
                                std::string_view context) const {
  EVP_CIPHER_CTX* const cipher = contexts().cipher.get();
  std::string sealed(kNonceBytes + plaintext.size() + kTagBytes, '\0');
  std::ranges::copy(nonce, as_bytes(sealed));
  unsigned char* const ciphertext = as_bytes(sealed) + kNonceBytes;
  unsigned char* const tag = ciphertext + plaintext.size();
  int written = 0;
  require(EVP_EncryptInit_ex2(cipher, algorithms_->aes_256_gcm.get(), key.data(), nonce.data(), nullptr) == 1,
          "AES-256-GCM key");
  require(EVP_EncryptUpdate(cipher, nullptr, &written, as_bytes(context), checked_length(context)) == 1,
          "AES-256-GCM context");
  require(EVP_EncryptUpdate(cipher, ciphertext, &written, as_bytes(plaintext), checked_length(plaintext)) == 1,
          "AES-256-GCM");
  require(EVP_EncryptFinal_ex(cipher, tag, &written) == 1 &&
              EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, kTagBytes, tag) == 1,
          "AES-256-GCM tag");
  return sealed;
}

std::optional<std::string> OpenSslCrypto::open(const ports::SecretKey& key, std::string_view sealed,
                                               std::string_view context) const {
  if (sealed.size() < kNonceBytes + kTagBytes) return std::nullopt;
  const std::string_view nonce = sealed.substr(0, kNonceBytes);
  const std::string_view ciphertext = sealed.substr(kNonceBytes, sealed.size() - kNonceBytes - kTagBytes);
  std::string tag(sealed.substr(sealed.size() - kTagBytes));  // a copy: the call below takes it as not const

  EVP_CIPHER_CTX* const cipher = contexts().cipher.get();
  std::string plaintext(ciphertext.size(), '\0');
  int written = 0;
  require(EVP_DecryptInit_ex2(cipher, algorithms_->aes_256_gcm.get(), key.data(), as_bytes(nonce), nullptr) == 1,
          "AES-256-GCM key");
  require(EVP_DecryptUpdate(cipher, nullptr, &written, as_bytes(context), checked_length(context)) == 1,
          "AES-256-GCM context");
  require(
      EVP_DecryptUpdate(cipher, as_bytes(plaintext), &written, as_bytes(ciphertext), checked_length(ciphertext)) == 1,
      "AES-256-GCM");
  require(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()) == 1, "AES-256-GCM tag");
  unsigned char nothing_left[1];
  if (EVP_DecryptFinal_ex(cipher, nothing_left, &written) == 1) return plaintext;
  OPENSSL_cleanse(plaintext.data(), plaintext.size());  // nobody may see what was not authenticated
  ERR_clear_error();
  return std::nullopt;
}

std::string OpenSslCrypto::hash_password(std::string_view password, const ports::PasswordSalt& salt) const {
  return crypto::hash_password(password, salt, password_costs_);
}

bool OpenSslCrypto::verify_password(std::string_view hash, std::string_view password) const {
  return crypto::verify_password(hash, password);
}

bool OpenSslCrypto::needs_rehash(std::string_view hash) const { return crypto::needs_rehash(hash, password_costs_); }

}  // namespace orderly::crypto
