#include "engines/mail/mailbox.h"

#include <algorithm>

#include "base/text.h"
#include "engines/mail/encoding.h"

namespace orderly::mail {
namespace {

constexpr std::size_t kLocalPartMax = 64;
constexpr std::size_t kAddressMax = 254;  // a path of 256 without its brackets
constexpr std::size_t kLabelMax = 63;
constexpr std::size_t kNameBytesMax = 200;

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }
bool is_atom_character(char c) {
  return is_alphanumeric(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

// Whether each of the parts between dots is good.
template <class IsGood>
bool all_between_dots(std::string_view text, IsGood is_good) {
  while (true) {
    const std::size_t end = std::min(text.find('.'), text.size());
    if (!is_good(text.substr(0, end))) return false;
    if (end == text.size()) return true;
    text.remove_prefix(end + 1);
  }
}

bool is_atom(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_atom_character); }

bool is_label(std::string_view text) {
  return !text.empty() && text.size() <= kLabelMax && text.front() != '-' && text.back() != '-' &&
         std::ranges::all_of(text, [](char c) { return is_alphanumeric(c) || c == '-'; });
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// The name before the bracket, out of its quotes if it is in some.
std::optional<std::string> parse_name(std::string_view text) {
  text = trimmed(text);
  if (!text.starts_with('"')) {
    if (text.find_first_of("\"<>\\") != std::string_view::npos) return std::nullopt;
    return std::string(text);
  }
  std::string name;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') return i + 1 == text.size() ? std::optional(name) : std::nullopt;
    if (text[i] == '\\') ++i;
    if (i < text.size()) name += text[i];
  }
  return std::nullopt;
}

bool is_plain_phrase(std::string_view name) {
  const bool has_gaps = name.find("  ") != std::string_view::npos || name.front() == ' ' || name.back() == ' ';
  return !has_gaps && name.find("=?") == std::string_view::npos &&
         std::ranges::all_of(name, [](char c) { return is_atom_character(c) || c == ' '; });
}

std::string quoted(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + '"';
}

}  // namespace

bool is_address(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at > kLocalPartMax || text.size() > kAddressMax) return false;  // without an '@' it is npos
  return all_between_dots(text.substr(0, at), is_atom) && all_between_dots(text.substr(at + 1), is_label);
}

std::optional<Mailbox> parse_mailbox(std::string_view text) {
  if (!is_valid_utf8(text) || has_control_characters(text)) return std::nullopt;
  Mailbox mailbox;
  std::string_view address = trimmed(text);
  if (address.ends_with('>')) {
    const std::size_t bracket = address.rfind('<');
    if (bracket == std::string_view::npos) return std::nullopt;
    auto name = parse_name(address.substr(0, bracket));
    if (!name || name->size() > kNameBytesMax) return std::nullopt;
    mailbox.name = *std::move(name);
    address = address.substr(bracket + 1, address.size() - bracket - 2);
  }
  if (!is_address(address)) return std::nullopt;
  mailbox.address = address;
  return mailbox;
}

std::string header_text(const Mailbox& mailbox) {
  if (mailbox.name.empty()) return mailbox.address;
  std::string name;
  if (is_plain_phrase(mailbox.name)) {
    name = mailbox.name;
  } else if (is_printable_ascii(mailbox.name) && mailbox.name.find("=?") == std::string::npos) {
    name = quoted(mailbox.name);
  } else {
    name = encoded_words(mailbox.name, " ");
  }
  return name + " <" + mailbox.address + ">";
}

}  // namespace orderly::mail
