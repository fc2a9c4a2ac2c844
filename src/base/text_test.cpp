#include "base/text.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <vector>

namespace orderly {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

TEST(Utf8, IsValidAsRfc3629HasIt) {
  for (const std::string_view text :
       {""sv, "plain"sv, "Zoë – 東京 🛒"sv, "\0"sv, "\x7f"sv, "\xc2\x80"sv, "\xdf\xbf"sv, "\xe0\xa0\x80"sv,
        "\xed\x9f\xbf"sv, "\xee\x80\x80"sv, "\xef\xbf\xbf"sv, "\xf0\x90\x80\x80"sv, "\xf4\x8f\xbf\xbf"sv}) {
    EXPECT_TRUE(is_valid_utf8(text)) << text;
  }
  for (const std::string_view text :
       {"\x80"sv, "\xbf"sv, "\xc0\x80"sv, "\xc1\xbf"sv, "\xc2"sv, "\xc2\x41"sv, "\xc2\xc2"sv, "\xe0\x9f\xbf"sv,
        "\xe0\xa0"sv, "\xe1\x80\x41"sv, "\xed\xa0\x80"sv, "\xed\xbf\xbf"sv, "\xf0\x8f\xbf\xbf"sv, "\xf0\x90\x80"sv,
        "\xf4\x90\x80\x80"sv, "\xf5\x80\x80\x80"sv, "\xfe"sv, "\xff"sv, "\xf8\x88\x80\x80\x80"sv}) {
    EXPECT_FALSE(is_valid_utf8(text)) << to_hex(text);
    for (std::size_t before = 0; before < 17; ++before) {  // past the stride of eight
      EXPECT_FALSE(is_valid_utf8(std::string(before, 'a') + std::string(text))) << to_hex(text) << " at " << before;
      EXPECT_FALSE(is_valid_utf8(std::string(text) + std::string(before, 'a'))) << to_hex(text);
    }
  }
}

TEST(Utf8, AcceptsEveryCodePointButSurrogates) {
  for (std::uint32_t point = 0x800; point < 0x10000; ++point) {
    const std::string text = {static_cast<char>(0xe0 | point >> 12), static_cast<char>(0x80 | (point >> 6 & 0x3f)),
                              static_cast<char>(0x80 | (point & 0x3f))};
    ASSERT_EQ(is_valid_utf8(text), point < 0xd800 || point > 0xdfff) << point;
  }
}

TEST(Utf8, IsCountedInCodePoints) {
  EXPECT_EQ(utf8_length(""), 0u);
  EXPECT_EQ(utf8_length("abc"), 3u);
  EXPECT_EQ(utf8_length("Zoë"), 3u);
  EXPECT_EQ(utf8_length("東京🛒"), 3u);
}

TEST(ControlCharacters, AreC0DelAndC1) {
  for (const std::string_view text : {"a\nb"sv, "\t"sv, "\0"sv, "\x1f"sv, "a\x7f"sv, "\xc2\x80"sv, "a\xc2\x9f"sv}) {
    EXPECT_TRUE(has_control_characters(text)) << to_hex(text);
  }
  for (const std::string_view text : {""sv, "a b~"sv, "\xc2\xa0"sv, "Zoë"sv, "東京"sv, "\xe2\x80\x80"sv}) {
    EXPECT_FALSE(has_control_characters(text)) << to_hex(text);
  }
}

// The networks' published test numbers.
TEST(CardNumbers, AreFoundBareAndGrouped) {
  for (const std::string_view text :
       {"4242424242424242", "4242 4242 4242 4242", "4242-4242-4242-4242", "please charge 4111 1111 1111 1111, thanks",
        "card:5555555555554444.", "2223003122003222", "3782 822463 10005", "371449635398431", "6011111111111117",
        "3056 9300 0902 0004", "30569309025904", "36227206271667", "3566002020360505", "6200000000000005",
        "6205500000000000004", "flat 12 4242 4242 4242 4242", "4242424242424242 12/29 123", "SKU4242424242424242"}) {
    EXPECT_TRUE(holds_card_number(text)) << text;
  }
}

TEST(CardNumbers, AreNotWhatOnlyLooksLikeOne) {
  for (const std::string_view text :
       {"", "4242424242424241",    // Luhn
        "4222222222222",           // 13 digits
        "42424242424242424242",    // 20 digits in one
        "9999999999999995",        // no card's range
        "0000000000000000",        // passes Luhn
        "1234567812345670",        // passes Luhn
        "2721000000000004",        // one past Mastercard
        "4242  4242  4242  4242",  // two spaces
        "4242.4242.4242.4242", "4242a4242a4242a4242", "+49 30 1234567", "2026-11-20", "order 12, 4 pieces at 199.99"}) {
    EXPECT_FALSE(holds_card_number(text)) << text;
  }
}

TEST(Hex, GoesThereAndBack) {
  EXPECT_EQ(to_hex("\x00\xff\x1a"sv), "00ff1a");
  EXPECT_EQ(to_hex(std::array<std::uint8_t, 2>{0xab, 0x01}), "ab01");
  EXPECT_EQ(from_hex("00fF1A"), "\x00\xff\x1a"s);
  EXPECT_EQ(from_hex(""), "");
  for (const std::string_view text : {"0", "000", "0g", "g0", " 00", "0x", "-1"}) {
    EXPECT_EQ(from_hex(text), std::nullopt) << text;
  }
}

TEST(Base64, HasTheVectorsOfRfc4648) {
  struct Case {
    std::string_view bytes, text;
  };
  for (const auto& [bytes, text] : std::vector<Case>{{"", ""},
                                                     {"f", "Zg=="},
                                                     {"fo", "Zm8="},
                                                     {"foo", "Zm9v"},
                                                     {"foob", "Zm9vYg=="},
                                                     {"fooba", "Zm9vYmE="},
                                                     {"foobar", "Zm9vYmFy"},
                                                     {"\xfb\xff\xfe", "+//+"}}) {
    EXPECT_EQ(base64_encode(bytes), text);
    EXPECT_EQ(base64_decode(text), bytes) << text;
  }
  EXPECT_EQ(base64url_encode("\xfb\xff\xfe"sv), "-__-");
  EXPECT_EQ(base64url_encode(std::array<std::uint8_t, 1>{'f'}), "Zg");
  EXPECT_EQ(base64_encode(std::array<std::uint8_t, 1>{'f'}), "Zg==");
}

TEST(Base64, HasOneTextForTheSameBytes) {
  for (const std::string_view text :
       {"Zg", "Zg=", "Zg===", "Z===", "=", "====", "Zh==", "Zm9=", "Zm9v\n", "Zm 9v", "Zm9-", "Zg==Zg==", "Z=g="}) {
    EXPECT_EQ(base64_decode(text), std::nullopt) << text;
  }
  for (const std::string_view text :
       {"Z", "Zg==", "Zh", "Zm9", "Zm9+", "Zm9/", "Zm9vY", "Zm9v\n", "\xff\xff\xff\xff"}) {
    EXPECT_EQ(base64url_decode(text), std::nullopt) << text;
  }
}

TEST(Base64, BringsRandomBytesBack) {
  std::mt19937_64 random(5);
  for (std::size_t size = 0; size < 300; ++size) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    ASSERT_EQ(base64_decode(base64_encode(bytes)), bytes);
    ASSERT_EQ(base64url_decode(base64url_encode(bytes)), bytes);
    ASSERT_EQ(from_hex(to_hex(bytes)), bytes);
  }
}

TEST(FoldName, MakesEqualWhatAPersonReadsAsEqual) {
  EXPECT_EQ(fold_name("  Blue\t Mug \n"), "blue mug");
  EXPECT_EQ(fold_name("BLUE MUG"), "blue mug");
  EXPECT_EQ(fold_name("Käse"), "käse");
  EXPECT_EQ(fold_name("ÄA"), "Äa");
  EXPECT_EQ(fold_name("   "), "");
  EXPECT_EQ(fold_name(""), "");
}

}  // namespace
}  // namespace orderly
