// Handing a message to a mail server (RFC 5321), by libcurl.
#pragma once

#include <stop_token>
#include <string>

#include "base/time.h"
#include "engines/mail/message.h"
#include "engines/mail/smtp_server.h"
#include "ports/clock.h"

namespace orderly::mail {

struct SmtpOptions {
  SmtpServer server;
  std::string user;  // empty: the server asks for none
  std::string password;
  std::string root_file;  // the trusted roots, in PEM; empty: the system's
  Duration connect_timeout{10'000};
  // For all of it, the wait for a thread too: less than limits::kVisibilityTimeout, or another worker would send it
  // again.
  Duration timeout{25'000};
};

// Blocks, up to the timeout; some 3 seconds longer after `stop`. `sender` is the address that failures are returned to.
// What it throws is said at ports::Notifier.
void send_by_smtp(const SmtpOptions& options, const std::string& sender, const Message& message, Duration timeout,
                  const ports::Clock& clock, const std::stop_token& stop);

}  // namespace orderly::mail
