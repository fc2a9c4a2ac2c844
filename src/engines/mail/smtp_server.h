// Which server takes our mail, from its URL.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace orderly::mail {

enum class Security {
  kTls,       // from the first byte (RFC 8314)
  kStartTls,  // before anything else is said, or not at all (RFC 3207)
  kPlain,     // only ever to this machine
};

struct SmtpServer {
  std::string host;
  std::uint16_t port = 0;
  Security security = Security::kTls;
};

// "smtps://host[:465]": TLS from the first byte. "smtp://host[:587]": STARTTLS; on this machine (localhost, 127.0.0.1,
// [::1]), where a relay often has a certificate of its own making or none, plain. Throws Error(kInternal,
// "malformed-url") for anything else, user names and paths included.
SmtpServer parse_smtp_url(std::string_view text);

}  // namespace orderly::mail
