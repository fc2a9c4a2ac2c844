// A mail as it travels: an Internet message (RFC 5322) with MIME bodies (RFC 2045, 2046). A pure function.
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "engines/mail/mailbox.h"
#include "ports/notifier.h"

namespace orderly::mail {

struct Message {
  std::string id;  // its Message-ID, without brackets: "<token>@<the sender's domain>"
  std::string to;  // the address alone
  std::string text;
};

// Lines end in CRLF and are at most 998 bytes of ASCII. `token` makes the message's id and the boundary between its
// parts: chance in hexadecimal digits, another one for each. `mail.to` may have a name beside the address.
//
// Throws Error(kRefused, "notice-refused") when `mail.to` is no mailbox, the subject has control characters (line
// breaks among them, so that it cannot bring headers of its own), or a text is not UTF-8.
Message make_message(const ports::Mail& mail, const Mailbox& from, Time now, std::string_view token);

// `detail` is for the log: nothing of the mail.
[[noreturn]] void throw_refused(std::string detail);
[[noreturn]] void throw_unavailable(std::string detail);

}  // namespace orderly::mail
