#include "engines/jwt/public_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#include <string>
#include <utility>

#include "base/error.h"

namespace orderly::jwt {
namespace {

constexpr int kModulusBitsMin = 2048;
constexpr int kModulusBitsMax = 8192;
constexpr int kExponentBitsMax = 32;
constexpr std::size_t kCoordinateBytes = 32;

template <auto kFree>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};
template <class T, auto kFree>
using Owned = std::unique_ptr<T, Freed<kFree>>;
using Number = Owned<BIGNUM, BN_free>;
using Parameters = Owned<OSSL_PARAM, OSSL_PARAM_free>;

void require(bool success, const char* what) {
  if (success) return;
  ERR_clear_error();
  throw Error(ErrorCode::kInternal, "internal", "Something went wrong.", std::string("token keys: ") + what);
}

const unsigned char* as_bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

Number make_number(std::string_view bytes) {
  Number number(BN_bin2bn(as_bytes(bytes), static_cast<int>(bytes.size()), nullptr));
  require(number != nullptr, "a number");
  return number;
}

// Nothing when the parameters are no key.
std::shared_ptr<EVP_PKEY> make_key(const char* type, OSSL_PARAM* parameters) {
  const Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  require(context && EVP_PKEY_fromdata_init(context.get()) == 1, "a key's context");
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  return {key, EVP_PKEY_free};
}

// ASN.1's SEQUENCE of two INTEGERs, which OpenSSL wants, of r and s one after the other (RFC 7518 section 3.4). It
// refuses numbers below 1 or not below the curve's order itself.
std::string to_der(std::string_view raw) {
  const Owned<ECDSA_SIG, ECDSA_SIG_free> signature(ECDSA_SIG_new());
  Number r = make_number(raw.substr(0, kCoordinateBytes));
  Number s = make_number(raw.substr(kCoordinateBytes));
  require(signature && ECDSA_SIG_set0(signature.get(), r.get(), s.get()) == 1, "a signature's numbers");
  std::ignore = r.release();  // the signature's now
  std::ignore = s.release();
  unsigned char* der = nullptr;
  const int length = i2d_ECDSA_SIG(signature.get(), &der);
  require(length > 0, "a signature's form");
  std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(length));
  OPENSSL_free(der);
  return text;
}

}  // namespace

std::optional<Algorithm> parse_algorithm(std::string_view name) {
  if (name == "RS256") return Algorithm::kRs256;
  if (name == "ES256") return Algorithm::kEs256;
  return std::nullopt;
}

std::optional<PublicKey> PublicKey::from_rsa(std::string_view modulus, std::string_view exponent) {
  // Some issuers put a zero byte before the modulus (RFC 7518 section 6.3.1.1), which changes nothing.
  if (modulus.size() > kModulusBitsMax / 8 + 1 || exponent.size() > kExponentBitsMax / 8) return std::nullopt;
  const Number n = make_number(modulus);
  const Number e = make_number(exponent);
  const int bits = BN_num_bits(n.get());
  if (bits < kModulusBitsMin || bits > kModulusBitsMax || !BN_is_odd(n.get())) return std::nullopt;
  if (!BN_is_odd(e.get()) || BN_is_one(e.get())) return std::nullopt;

  const Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder(OSSL_PARAM_BLD_new());
  require(builder && OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1 &&
              OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1,
          "an RSA key's parameters");
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  require(parameters != nullptr, "an RSA key's parameters");
  std::shared_ptr<EVP_PKEY> key = make_key("RSA", parameters.get());
  if (!key) return std::nullopt;
  return PublicKey(Algorithm::kRs256, std::move(key));
}

std::optional<PublicKey> PublicKey::from_p256(std::string_view x, std::string_view y) {
  if (x.size() != kCoordinateBytes || y.size() != kCoordinateBytes) return std::nullopt;
  std::string group = "P-256";
  std::string point = "\x04";  // uncompressed (SEC 1 section 2.3.3)
  point.append(x).append(y);
  OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
                             OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
                             OSSL_PARAM_construct_end()};
  std::shared_ptr<EVP_PKEY> key = make_key("EC", parameters);
  if (!key) return std::nullopt;
  return PublicKey(Algorithm::kEs256, std::move(key));
}

bool PublicKey::verifies(std::string_view text, std::string_view signature) const {
  const bool is_rsa = algorithm_ == Algorithm::kRs256;
  const std::size_t length = is_rsa ? static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())) : 2 * kCoordinateBytes;
  if (signature.size() != length) return false;
  const std::string form = is_rsa ? std::string(signature) : to_der(signature);

  const Owned<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* key_context = nullptr;  // belongs to `context`
  require(context && EVP_DigestVerifyInit_ex(context.get(), &key_context, "SHA256", nullptr, nullptr, key_.get(),
                                             nullptr) == 1,
          "beginning to verify");
  if (is_rsa) require(EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PADDING) == 1, "the padding");
  const bool is_good = EVP_DigestVerify(context.get(), as_bytes(form), form.size(), as_bytes(text), text.size()) == 1;
  if (!is_good) ERR_clear_error();  // so that no later call is blamed
  return is_good;
}

}  // namespace orderly::jwt
