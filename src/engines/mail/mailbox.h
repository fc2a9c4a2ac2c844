// Who a mail is from or to (RFC 5322, section 3.4): an address, and perhaps a name. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace orderly::mail {

struct Mailbox {
  std::string name;  // UTF-8 without control characters; may be empty
  std::string address;

  friend bool operator==(const Mailbox&, const Mailbox&) = default;
};

// Whether `text` is an address that a mail can be sent to: a dot-atom, '@' and a host name, in ASCII, of the lengths
// that RFC 5321 section 4.5.3.1 allows. Quoted local parts and address literals are none here, nor are addresses beyond
// ASCII (RFC 6531), which few servers take: what is not listed cannot smuggle anything into a header or a command.
bool is_address(std::string_view text);

// "shop@example.com", "Shop <shop@example.com>", "\"Shop, Inc.\" <shop@example.com>"; a name has at most 200 bytes.
// Nothing for anything else.
std::optional<Mailbox> parse_mailbox(std::string_view text);

// As a header's value on one line: the name as it is, in quotes, or in encoded-words (RFC 2047).
std::string header_text(const Mailbox& mailbox);

}  // namespace orderly::mail
