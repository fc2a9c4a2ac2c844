#include "engines/mail/message.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "engines/mail/encoding.h"

namespace orderly::mail {
namespace {

const Mailbox kShop{"Shop", "shop@example.com"};
const Time kNow = parse_time("2026-11-01T08:05:09.999Z").value();

std::string slug_of(const ports::Mail& mail) {
  try {
    make_message(mail, kShop, kNow, "0a");
    return "";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kRefused);
    return error.slug();
  }
}

TEST(MakeMessage, IsAnInternetMessage) {
  const Message message = make_message({"ann@example.org", "Your order", "Thank you.\n", ""}, kShop, kNow, "0a1b");
  EXPECT_EQ(message.id, "0a1b@example.com");
  EXPECT_EQ(message.to, "ann@example.org");
  EXPECT_EQ(message.text,
            "Date: Sun, 01 Nov 2026 08:05:09 +0000\r\n"
            "From: Shop <shop@example.com>\r\n"
            "To: ann@example.org\r\n"
            "Subject: Your order\r\n"
            "Message-ID: <0a1b@example.com>\r\n"
            "Auto-Submitted: auto-generated\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n"
            "\r\n"
            "Thank you.\r\n");
}

TEST(MakeMessage, HasBothKindsOfText) {
  const Message message = make_message({"Ann <ann@example.org>", "", "Hi ü\n", "<p>"}, kShop, kNow, "0a1b");
  EXPECT_EQ(message.to, "ann@example.org");
  EXPECT_NE(message.text.find("\r\nTo: Ann <ann@example.org>\r\n"), std::string::npos);
  const std::string boundary = "Content-Type: multipart/alternative; boundary=\"=_0a1b\"\r\n";
  ASSERT_NE(message.text.find(boundary), std::string::npos) << message.text;
  EXPECT_EQ(
      message.text.substr(message.text.find(boundary) + boundary.size()),
      "\r\n--=_0a1b\r\n"
      "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nHi =C3=BC\r\n"
      "\r\n--=_0a1b\r\n"
      "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>\r\n"
      "\r\n--=_0a1b--\r\n");
}

TEST(MakeMessage, RefusesWhatCannotBeAMail) {
  EXPECT_EQ(slug_of({"ann@example.org", "Hi", "text", ""}), "");
  EXPECT_EQ(slug_of({"ann", "Hi", "text", ""}), "notice-refused");
  EXPECT_EQ(slug_of({"ann@example.org", "Hi\r\nBcc: eve@example.org", "text", ""}), "notice-refused");
  EXPECT_EQ(slug_of({"ann@example.org", "Hi\n there", "text", ""}), "notice-refused");
  EXPECT_EQ(slug_of({"ann@example.org", "\xff", "text", ""}), "notice-refused");
  EXPECT_EQ(slug_of({"ann@example.org", "Hi", "\xed\xa0\x80", ""}), "notice-refused");
  EXPECT_EQ(slug_of({"ann@example.org", "Hi", "text", "\xc0\x80"}), "notice-refused");
}

TEST(EncodedWords, CutNoCharacterInTwo) {
  EXPECT_EQ(encoded_words("Grüße", " "), "=?UTF-8?B?R3LDvMOfZQ==?=");
  // 39 bytes would end within the twentieth letter.
  EXPECT_EQ(encoded_words("a" + std::string("éééééééééééééééééééé"), "|").find('|'),
            encoded_words("a" + std::string("ééééééééééééééééééé"), "|").size());
}

TEST(QuotedPrintable, KeepsEveryLineShort) {
  EXPECT_EQ(quoted_printable(""), "");
  EXPECT_EQ(quoted_printable("a=b\r\nc \n\t\n"), "a=3Db\r\nc=20\r\n=09\r\n");
  EXPECT_EQ(quoted_printable("a\rb"), "a=0Db\r\n");
  EXPECT_EQ(quoted_printable(std::string(76, 'x')), std::string(76, 'x') + "\r\n");
  EXPECT_EQ(quoted_printable(std::string(77, 'x')), std::string(75, 'x') + "=\r\nxx\r\n");
  EXPECT_EQ(quoted_printable(std::string(74, 'x') + "=="), std::string(74, 'x') + "=\r\n=3D=3D\r\n");
  EXPECT_EQ(quoted_printable(std::string(75, 'x') + " "), std::string(75, 'x') + "=\r\n=20\r\n");
}

}  // namespace
}  // namespace orderly::mail
