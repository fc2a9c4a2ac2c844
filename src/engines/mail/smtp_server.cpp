#include "engines/mail/smtp_server.h"

#include <boost/asio/ip/address.hpp>

#include "base/error.h"
#include "engines/https/client.h"

namespace orderly::mail {
namespace {

constexpr std::uint16_t kSubmissionsPort = 465;  // RFC 8314, section 3.3
constexpr std::uint16_t kSubmissionPort = 587;   // RFC 6409

[[noreturn]] void throw_malformed(const char* what) {
  throw Error(ErrorCode::kInternal, "malformed-url", "An address is not a usable URL.", what);
}

bool is_this_machine(const std::string& host) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  return host == "localhost" || (!error && address.is_loopback());
}

bool names_a_port(std::string_view authority) {
  const std::size_t colon = authority.rfind(':');
  const std::size_t bracket = authority.rfind(']');
  return colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
}

}  // namespace

SmtpServer parse_smtp_url(std::string_view text) {
  const bool is_tls = text.starts_with("smtps://");
  if (!is_tls && !text.starts_with("smtp://")) throw_malformed("the scheme is neither smtps nor smtp");
  std::string_view authority = text.substr(text.find("//") + 2);
  if (authority.ends_with('/')) authority.remove_suffix(1);
  if (authority.find_first_of("/?#") != std::string_view::npos) throw_malformed("a path means nothing here");
  // What may stand between is the same in both kinds of URL.
  const https::Url url = https::parse_url("https://" + std::string(authority));
  SmtpServer server;
  server.host = url.endpoint.host;
  server.port = is_tls ? kSubmissionsPort : kSubmissionPort;
  if (names_a_port(authority)) server.port = url.endpoint.port;
  if (!is_tls) server.security = is_this_machine(server.host) ? Security::kPlain : Security::kStartTls;
  return server;
}

}  // namespace orderly::mail
