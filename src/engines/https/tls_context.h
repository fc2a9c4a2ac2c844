// Trust, for all TLS connections of one client: TLS 1.2 and later, the peer's chain and name always verified.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>
#include <string>
#include <vector>

namespace orderly::https {

class TlsContext {
 public:
  // The first of `root_files` that exists holds the roots, in PEM; none named: the system's. Throws Error(kInternal,
  // "no-trusted-roots") when named files are missing or hold no certificate. A system without roots only shows when a
  // TLS connection is opened: peers on this machine need none.
  explicit TlsContext(std::vector<std::string> root_files);

  boost::asio::ssl::context& context() { return context_; }
  bool has_roots() const { return has_roots_; }

 private:
  boost::asio::ssl::context context_;
  bool has_roots_ = false;
};

// The PEM file with the roots that this system trusts; empty: there is none where systems have it.
std::string system_root_file();

// Sets whom the peer must prove to be: a name, also told to the peer (SNI, RFC 6066), or an address (RFC 9110 section
// 4.3.4, 4.3.5).
void expect_peer(SSL* ssl, const std::string& host);

// Why a handshake failed, in words.
std::string handshake_fault(SSL* ssl, const boost::system::error_code& error);

}  // namespace orderly::https
