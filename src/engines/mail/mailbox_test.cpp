#include "engines/mail/mailbox.h"

#include <gtest/gtest.h>

namespace orderly::mail {
namespace {

TEST(IsAddress, TakesWhatServersTake) {
  for (const std::string& good :
       {std::string("a@b"), std::string("shop@localhost"), std::string("ann.b+orders@mail.example.com"),
        std::string("o'neil_1/2=3@x-y.example"), std::string("!#$%&'*+-/=?^_`{|}~@example.com"),
        std::string(64, 'a') + "@example.com", "a@" + std::string(63, 'b') + ".example"}) {
    EXPECT_TRUE(is_address(good)) << good;
  }
}

TEST(IsAddress, TakesNothingElse) {
  for (const std::string& bad : {std::string(),
                                 std::string("@"),
                                 std::string("a@"),
                                 std::string("@b"),
                                 std::string("a"),
                                 std::string("a@b@c"),
                                 std::string(".a@b"),
                                 std::string("a.@b"),
                                 std::string("a..b@c"),
                                 std::string("a@.b"),
                                 std::string("a@b."),
                                 std::string("a@-b"),
                                 std::string("a@b-"),
                                 std::string("a b@c"),
                                 std::string("a@b c"),
                                 std::string("a\r\n@b"),
                                 std::string("a@b\r\n"),
                                 std::string("a@b\0", 4),
                                 std::string("<a@b>"),
                                 std::string("a,b@c"),
                                 std::string("a@b_c"),
                                 std::string("\"a\"@b"),
                                 std::string("a@[::1]"),
                                 std::string("ü@b"),
                                 std::string("a@ü"),
                                 std::string(65, 'a') + "@example.com",
                                 "a@" + std::string(64, 'b') + ".example",
                                 "a@" + std::string(126, 'b') + std::string(127, '.')}) {
    EXPECT_FALSE(is_address(bad)) << bad;
  }
  std::string longest = "a@";
  while (longest.size() < 252) longest += "b.";
  EXPECT_TRUE(is_address(longest + "bb")) << longest.size();
  EXPECT_FALSE(is_address(longest + "bbb"));
}

TEST(ParseMailbox, TakesAnAddressWithOrWithoutAName) {
  struct Case {
    std::string text;
    Mailbox mailbox;
  };
  for (const auto& [text, mailbox] :
       {Case{"shop@example.com", {"", "shop@example.com"}}, Case{"  shop@example.com ", {"", "shop@example.com"}},
        Case{"<shop@example.com>", {"", "shop@example.com"}},
        Case{"Shop <shop@example.com>", {"Shop", "shop@example.com"}},
        Case{"Läden & Söhne <a@b>", {"Läden & Söhne", "a@b"}}, Case{"Shop, Inc. <a@b>", {"Shop, Inc.", "a@b"}},
        Case{"\"Shop <1>\" <a@b>", {"Shop <1>", "a@b"}}, Case{"\"A \\\"B\\\" \\\\C\" <a@b>", {"A \"B\" \\C", "a@b"}}}) {
    EXPECT_EQ(parse_mailbox(text), mailbox) << text;
  }
}

TEST(ParseMailbox, TakesNothingElse) {
  for (const std::string& bad :
       {std::string(), std::string("Shop"), std::string("Shop <>"), std::string("Shop <a@b"), std::string("Shop a@b>"),
        std::string("a@b, c@d"), std::string("A <a@b> <c@d>"), std::string("\"A <a@b>"), std::string("\"A\" B <a@b>"),
        std::string("A\r\nB <a@b>"), std::string("A\tB <a@b>"), std::string("\xff <a@b>"),
        std::string("A\xc2\x85 <a@b>"), std::string(201, 'n') + " <a@b>"}) {
    EXPECT_EQ(parse_mailbox(bad), std::nullopt) << bad;
  }
}

TEST(HeaderText, QuotesOrEncodesWhatIsNoPlainName) {
  EXPECT_EQ(header_text({"", "a@b"}), "a@b");
  EXPECT_EQ(header_text({"The Shop", "a@b"}), "The Shop <a@b>");
  EXPECT_EQ(header_text({"Shop, Inc.", "a@b"}), "\"Shop, Inc.\" <a@b>");
  EXPECT_EQ(header_text({"a \"b\" \\", "a@b"}), "\"a \\\"b\\\" \\\\\" <a@b>");
  EXPECT_EQ(header_text({"Łódź", "a@b"}), "=?UTF-8?B?xYHDs2TFug==?= <a@b>");
  EXPECT_EQ(header_text({"=?UTF-8?B?", "a@b"}), "=?UTF-8?B?PT9VVEYtOD9CPw==?= <a@b>");
}

}  // namespace
}  // namespace orderly::mail
