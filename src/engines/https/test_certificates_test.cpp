#include "engines/https/test_certificates.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace orderly::https::test {
namespace {

template <auto free>
struct Free {
  template <class T>
  void operator()(T* object) const {
    free(object);
  }
};
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Memory = std::unique_ptr<BIO, Free<BIO_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>>;

void require(bool done) {
  if (!done) throw std::runtime_error("OpenSSL refused to make a certificate");
}

Key make_key() {
  Key key(EVP_EC_gen("P-256"));
  require(key != nullptr);
  return key;
}

Certificate make_certificate(const std::string& name, EVP_PKEY* key, Validity validity) {
  static std::atomic<long> serial = 1;
  Certificate certificate(X509_new());
  require(certificate != nullptr && X509_set_version(certificate.get(), X509_VERSION_3) == 1);
  require(ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), ++serial) == 1);
  require(X509_gmtime_adj(X509_getm_notBefore(certificate.get()), validity.from.count()) != nullptr);
  require(X509_gmtime_adj(X509_getm_notAfter(certificate.get()), validity.until.count()) != nullptr);
  const auto* text = reinterpret_cast<const unsigned char*>(name.c_str());
  require(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC, text, -1, -1, 0) ==
          1);
  require(X509_set_pubkey(certificate.get(), key) == 1);
  return certificate;
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  require(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1);
}

void sign(X509* certificate, X509* issuer, EVP_PKEY* issuer_key) {
  require(X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1);
  require(X509_sign(certificate, issuer_key, EVP_sha256()) > 0);
}

template <class Write>
std::string pem(Write write) {
  const Memory memory(BIO_new(BIO_s_mem()));
  require(memory != nullptr && write(memory.get()) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

Identity identity_of(X509* certificate, EVP_PKEY* key) {
  return {pem([&](BIO* out) { return PEM_write_bio_X509(out, certificate); }),
          pem([&](BIO* out) { return PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr); })};
}

}  // namespace

struct Authority::Secret {
  Key key = make_key();
  Certificate certificate;
};

Authority::Authority() : secret_(std::make_unique<Secret>()) {
  // No two of one name: a chain would be looked for under the wrong one.
  static std::atomic<int> made = 0;
  secret_->certificate = make_certificate("A test's authority " + std::to_string(++made), secret_->key.get(), {});
  X509* const own = secret_->certificate.get();
  add_extension(own, own, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(own, own, NID_key_usage, "critical,keyCertSign");
  sign(own, own, secret_->key.get());
  root_file_.emplace(identity_of(own, secret_->key.get()).certificate);
}

Authority::~Authority() = default;

Identity Authority::issue(const std::string& names, Validity validity) const {
  const Key key = make_key();
  const Certificate certificate = make_certificate("A test's peer", key.get(), validity);
  add_extension(certificate.get(), secret_->certificate.get(), NID_subject_alt_name, names);
  sign(certificate.get(), secret_->certificate.get(), secret_->key.get());
  return identity_of(certificate.get(), key.get());
}

Identity self_signed(const std::string& names) {
  const Key key = make_key();
  const Certificate certificate = make_certificate("A test's lonely peer", key.get(), {});
  add_extension(certificate.get(), certificate.get(), NID_subject_alt_name, names);
  sign(certificate.get(), certificate.get(), key.get());
  return identity_of(certificate.get(), key.get());
}

TemporaryFile::TemporaryFile(const std::string& content) {
  static std::atomic<int> made = 0;
  const auto name = "orderly-https-test-" + std::to_string(::getpid()) + "-" + std::to_string(++made) + ".pem";
  path_ = (std::filesystem::temp_directory_path() / name).string();
  std::ofstream(path_) << content;
}

TemporaryFile::~TemporaryFile() {
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

}  // namespace orderly::https::test
