#include <gtest/gtest.h>

#include <vector>

#include "base/error.h"
#include "engines/mail/smtp_dialogue.h"
#include "engines/mail/smtp_server.h"

namespace orderly::mail {
namespace {

TEST(ParseSmtpUrl, SaysWhereAndHowSafely) {
  struct Case {
    std::string url, host;
    int port;
    Security security;
  };
  for (const auto& [url, host, port, security] : std::vector<Case>{
           {"smtps://mail.example.com", "mail.example.com", 465, Security::kTls},
           {"smtps://mail.example.com:2465/", "mail.example.com", 2465, Security::kTls},
           {"smtps://localhost", "localhost", 465, Security::kTls},
           {"smtp://mail.example.com", "mail.example.com", 587, Security::kStartTls},
           {"smtp://Mail.Example.com:25", "mail.example.com", 25, Security::kStartTls},
           {"smtp://mail.example.com:443", "mail.example.com", 443, Security::kStartTls},
           {"smtp://10.0.0.1", "10.0.0.1", 587, Security::kStartTls},
           {"smtp://localhost.example.com", "localhost.example.com", 587, Security::kStartTls},
           {"smtp://[2001:db8::1]:26", "2001:db8::1", 26, Security::kStartTls},
           {"smtp://localhost:1025", "localhost", 1025, Security::kPlain},
           {"smtp://127.0.0.1", "127.0.0.1", 587, Security::kPlain},
           {"smtp://[::1]", "::1", 587, Security::kPlain},
       }) {
    const SmtpServer server = parse_smtp_url(url);
    EXPECT_EQ(server.host, host) << url;
    EXPECT_EQ(server.port, port) << url;
    EXPECT_EQ(server.security, security) << url;
  }
}

TEST(ParseSmtpUrl, RefusesEverythingElse) {
  for (const char* bad :
       {"", "mail.example.com", "smtp:", "smtp://", "smtp:///", "https://mail.example.com", "SMTP://mail.example.com",
        "smtp://user:secret@mail.example.com", "smtp://mail.example.com/path", "smtp://mail.example.com?x",
        "smtp://a b", "smtp://mail.example.com:0", "smtp://mail.example.com:70000", "smtp://mail.example.com:",
        "smtp://[::1", "smtp://mail.example.com\r\n", "smtp://mail.example.com#x", " smtp://mail.example.com"}) {
    EXPECT_THROW(parse_smtp_url(bad), Error) << bad;
  }
}

SmtpDialogue talk(const std::vector<std::string>& lines) {
  SmtpDialogue dialogue;
  for (const std::string& line : lines) {
    if (line.starts_with("> ")) {
      dialogue.sent(line.substr(2) + "\r\n");
    } else {
      dialogue.received(line + "\r\n");
    }
  }
  return dialogue;
}

TEST(SmtpDialogue, KnowsWhatNoRetryMends) {
  struct Case {
    std::vector<std::string> lines;
    bool is_final;
    std::string last;
  };
  for (const auto& [lines, is_final, last] : std::vector<Case>{
           {{}, false, ""},
           {{"554 5.7.1 you are on a list"}, false, "greeting: 554 5.7.1"},
           {{"220 hello", "> EHLO shop", "250-mail", "250 SIZE 1"}, false, "EHLO: 250"},
           {{"> AUTH PLAIN", "334 ", "> AHNlY3JldA==", "535 5.7.8 wrong"}, false, "AUTH: 535 5.7.8"},
           {{"> MAIL FROM:<a@b>", "550 5.7.1 no"}, false, "MAIL: 550 5.7.1"},
           {{"> MAIL FROM:<a@b> SIZE=9", "552 5.3.4 too big"}, true, "MAIL: 552 5.3.4"},
           {{"> RCPT TO:<a@b>", "550 5.1.1 <a@b>: unknown"}, true, "RCPT: 550 5.1.1"},
           {{"> RCPT TO:<a@b>", "550-5.1.1 unknown", "550 5.1.1 really"}, true, "RCPT: 550 5.1.1"},
           {{"> RCPT TO:<a@b>", "550 no such user"}, true, "RCPT: 550"},
           {{"> RCPT TO:<a@b>", "550"}, true, "RCPT: 550"},
           {{"> RCPT TO:<a@b>", "550 192.0.2.1 is not in the SPF"}, true, "RCPT: 550"},
           {{"> RCPT TO:<a@b>", "451 4.7.1 greylisted"}, false, "RCPT: 451 4.7.1"},
           {{"> RCPT TO:<a@b>", "530 5.7.0 sign in first"}, false, "RCPT: 530 5.7.0"},
           {{"> RCPT TO:<a@b>", "554 5.7.1 relaying denied"}, false, "RCPT: 554 5.7.1"},
           {{"> RCPT TO:<a@b>", "250 ok", "> DATA", "354 go on", "554 5.7.1 spam"}, true, "DATA: 554 5.7.1"},
           {{"> RCPT TO:<a@b>", "250 ok", "> DATA", "354 go on"}, false, "DATA: 354"},
           {{"> RCPT TO:<a@b>", "550 5.1.1 no", "> QUIT", "221 bye"}, true, "RCPT: 550 5.1.1"},
           {{"> RCPT TO:<a@b>", "nonsense"}, false, ""},
       }) {
    const SmtpDialogue dialogue = talk(lines);
    EXPECT_EQ(dialogue.is_final_refusal(), is_final) << last;
    EXPECT_EQ(dialogue.last(), last);
  }
}

}  // namespace
}  // namespace orderly::mail
