// What a mail server said to which command, as far as it decides whether a mail may be sent again.
#pragma once

#include <string>
#include <string_view>

namespace orderly::mail {

class SmtpDialogue {
 public:
  // Lines as they go and come. What follows QUIT is nobody's concern.
  void sent(std::string_view line);
  void received(std::string_view line);

  // Whether the server refuses this mail for good: its recipient, or what it says. Other refusals are of us (a wrong
  // password, a sender or relaying that is not allowed) and may be mended, so that the mail is worth another try.
  bool is_final_refusal() const;
  // "RCPT: 550 5.1.1": command, code and enhanced code (RFC 3463), never the text, which often repeats the address.
  // Empty when nothing was said.
  std::string last() const;

 private:
  bool is_over_ = false;
  std::string command_;
  std::string code_;
  std::string enhanced_code_;
};

}  // namespace orderly::mail
