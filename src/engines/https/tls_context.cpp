#include "engines/https/tls_context.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <filesystem>

#include "base/error.h"

namespace orderly::https {
namespace {

namespace ssl = boost::asio::ssl;

constexpr std::array<const char*, 3> kSystemRootFiles{
    "/etc/ssl/certs/ca-certificates.crt",                 // Debian
    "/etc/pki/tls/certs/ca-bundle.crt",                   // Amazon Linux 2
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // Amazon Linux 2023
};
constexpr std::array<unsigned char, 9> kProtocols{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};  // RFC 7301

void require(bool done, const char* what) {
  if (!done) throw Error(ErrorCode::kInternal, "internal", "Something went wrong.", std::string("TLS: ") + what);
}

bool exists(const std::string& file) {
  std::error_code ignored;
  return std::filesystem::exists(file, ignored);
}

}  // namespace

TlsContext::TlsContext(std::vector<std::string> root_files) : context_(ssl::context::tls_client) {
  SSL_CTX* const context = context_.native_handle();
  require(SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1, "the least version");
  require(SSL_CTX_set_alpn_protos(context, kProtocols.data(), kProtocols.size()) == 0, "the protocol's name");
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);

  const bool is_system = root_files.empty();
  if (is_system) root_files = {system_root_file()};
  for (const std::string& file : root_files) {
    if (!exists(file)) continue;
    has_roots_ = SSL_CTX_load_verify_file(context, file.c_str()) == 1;
    break;
  }
  if (!has_roots_ && !is_system) {
    throw Error(ErrorCode::kInternal, "no-trusted-roots", "There are no trusted root certificates.",
                root_files.front());
  }
}

std::string system_root_file() {
  const auto found = std::ranges::find_if(kSystemRootFiles, exists);
  return found == kSystemRootFiles.end() ? "" : *found;
}

void expect_peer(SSL* ssl, const std::string& host) {
  boost::system::error_code error;
  boost::asio::ip::make_address(host, error);
  if (!error) {
    require(X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1, "the peer's address");
    return;
  }
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  require(SSL_set1_host(ssl, host.c_str()) == 1, "the peer's name");
  require(SSL_set_tlsext_host_name(ssl, host.c_str()) == 1, "the peer's name");
}

std::string handshake_fault(SSL* ssl, const boost::system::error_code& error) {
  const long verdict = SSL_get_verify_result(ssl);
  if (verdict != X509_V_OK) return std::string("not trusted: ") + X509_verify_cert_error_string(verdict);
  return "TLS: " + error.message();
}

}  // namespace orderly::https
