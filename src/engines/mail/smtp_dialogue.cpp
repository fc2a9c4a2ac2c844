#include "engines/mail/smtp_dialogue.h"

#include <algorithm>
#include <array>

namespace orderly::mail {
namespace {

constexpr std::array<std::string_view, 9> kCommands{"EHLO", "HELO", "STARTTLS", "AUTH", "MAIL",
                                                    "RCPT", "DATA", "RSET",     "NOOP"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "5.1.1" of " 5.1.1 No such user"; empty: there is none.
std::string enhanced_code_in(std::string_view text) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789."), text.size());
  const std::string_view code = text.substr(0, end);
  const bool is_code = code.size() >= 5 && code.size() <= 9 && is_digit(code.front()) && is_digit(code.back()) &&
                       std::ranges::count(code, '.') == 2;
  return is_code ? std::string(code) : std::string();
}

}  // namespace

void SmtpDialogue::sent(std::string_view line) {
  if (is_over_) return;
  const std::string_view word = line.substr(0, line.find_first_of(" \r\n"));
  if (word == "QUIT") {
    is_over_ = true;
  } else if (std::ranges::find(kCommands, word) != kCommands.end()) {
    command_ = word;
    code_.clear();
    enhanced_code_.clear();
  }  // otherwise a line of a password, which is nowhere kept
}

void SmtpDialogue::received(std::string_view line) {
  const bool is_reply = line.size() >= 3 && std::all_of(line.begin(), line.begin() + 3, is_digit);
  if (is_over_ || !is_reply) return;
  code_ = line.substr(0, 3);
  enhanced_code_ = line.size() > 4 ? enhanced_code_in(line.substr(4)) : std::string();
}

bool SmtpDialogue::is_final_refusal() const {
  if (!code_.starts_with('5')) return false;
  if (command_ == "DATA") return code_ != "530";
  if (command_ == "MAIL") return code_ == "552";  // RFC 1870: the message is too large
  // X.7: security or policy, such as relaying that is not allowed to us (RFC 3463, section 3.8).
  return command_ == "RCPT" && code_ != "530" && !enhanced_code_.starts_with("5.7.");
}

std::string SmtpDialogue::last() const {
  if (code_.empty()) return "";
  const std::string to_what = command_.empty() ? "greeting" : command_;
  return to_what + ": " + code_ + (enhanced_code_.empty() ? "" : " " + enhanced_code_);
}

}  // namespace orderly::mail
