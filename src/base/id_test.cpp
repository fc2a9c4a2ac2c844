#include "base/id.h"

#include <gtest/gtest.h>

#include <random>

#include "base/error.h"

namespace orderly {
namespace {

constexpr Time kLastTime{(std::int64_t{1} << 48) - 1};
constexpr IdEntropy kZeros{};
constexpr IdEntropy kOnes{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

class Draw {
 public:
  Time time() { return {static_cast<std::int64_t>(random_() >> 16)}; }
  IdEntropy entropy() {
    IdEntropy bytes{};
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random_());
    return bytes;
  }

 private:
  std::mt19937_64 random_{3};
};

TEST(EncodeId, HasTheLayoutOfAUlid) {
  EXPECT_EQ(encode_id({0}, kZeros), "00000000000000000000000000");
  EXPECT_EQ(encode_id(kLastTime, kOnes), "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
  // The example of the ULID specification: 2016-07-30T23:54:10.259Z.
  EXPECT_EQ(encode_id({1'469'922'850'259}, kZeros), "01ARZ3NDEK0000000000000000");
  EXPECT_EQ(encode_id({0}, {0, 0, 0, 0, 0, 0, 0, 0, 0x04, 0x01}), "00000000000000000000000101");
}

TEST(EncodeId, RefusesTimesThatDoNotFit) {
  EXPECT_THROW(encode_id({-1}, kZeros), Error);
  EXPECT_THROW(encode_id({kLastTime.ms + 1}, kZeros), Error);
}

TEST(EncodeId, SortsByTimeAndGivesItBack) {
  Draw draw;
  for (int i = 0; i < 20'000; ++i) {
    const Time a = draw.time();
    const Time b = i % 2 == 0 ? draw.time() : a + Duration{1};
    if (a == b || b > kLastTime) continue;
    const std::string id_a = encode_id(a, draw.entropy());
    const std::string id_b = encode_id(b, draw.entropy());
    ASSERT_EQ(a < b, id_a < id_b);
    ASSERT_TRUE(is_encoded_id(id_a));
    ASSERT_EQ(time_of_encoded_id(id_a), a);
  }
}

TEST(IsEncodedId, IsOneTextForOneId) {
  EXPECT_TRUE(is_encoded_id("01ARZ3NDEKTSV4RRFFQ69G5FAV"));
  EXPECT_TRUE(is_encoded_id("7ZZZZZZZZZZZZZZZZZZZZZZZZZ"));
  for (const std::string_view text :
       {"", "01ARZ3NDEKTSV4RRFFQ69G5FA", "01ARZ3NDEKTSV4RRFFQ69G5FAVV",  // length
        "01arz3ndektsv4rrffq69g5fav", "01ARZ3NDEKTSV4RRFFQ69G5FAv",      // lower case
        "01ARZ3NDEKTSV4RRFFQ69G5FAI", "01ARZ3NDEKTSV4RRFFQ69G5FAL",      // read as 1
        "01ARZ3NDEKTSV4RRFFQ69G5FAO", "01ARZ3NDEKTSV4RRFFQ69G5FAU",      // read as 0; not used
        "80000000000000000000000000", "ZZZZZZZZZZZZZZZZZZZZZZZZZZ",      // over 128 bits
        "01ARZ3NDEKTSV4RRFFQ69G5FA ", "01ARZ3NDEK-SV4RRFFQ69G5FAV", "01ARZ3NDEKTSV4RRFFQ69G5FA\xff"}) {
    EXPECT_FALSE(is_encoded_id(text)) << text;
  }
  EXPECT_THROW(time_of_encoded_id("80000000000000000000000000"), Error);
}

TEST(Id, ParsesOnlyItsOwnKind) {
  const OrderId id = OrderId::make({1'795'167'000'000}, kOnes);
  EXPECT_EQ(OrderId::parse(id.text), id);
  EXPECT_EQ(time_of_encoded_id(id.encoded()).ms, 1'795'167'000'000);
  EXPECT_FALSE(TransactionId::parse(id.text));
  EXPECT_FALSE(OrderId::parse(id.encoded()));
  EXPECT_FALSE(OrderId::parse("ORD_" + std::string(id.encoded())));
  EXPECT_FALSE(OrderId::parse(id.text + "0"));
  EXPECT_FALSE(OrderId::parse("ord_"));
  EXPECT_FALSE(OrderId::parse(""));
  EXPECT_TRUE(OrderId().empty());
}

TEST(OrderId, LeavesTenBitsForItsTransactions) {
  const OrderId order = make_order_id(kLastTime, kOnes);
  EXPECT_EQ(order.text, "ord_7ZZZZZZZZZZZZZZZZZZZZZZZ00");
}

TEST(TransactionId, LeadsToItsOrder) {
  Draw draw;
  const OrderId order = make_order_id(draw.time(), draw.entropy());
  std::string previous;
  for (int number = 1; number <= 1023; ++number) {
    const TransactionId transaction = transaction_id(order, number);
    ASSERT_EQ(TransactionId::parse(transaction.text), transaction);
    ASSERT_EQ(order_of(transaction), order);
    ASSERT_EQ(number_of(transaction), number);
    ASSERT_LT(previous, transaction.text);  // they sort by number
    previous = transaction.text;
  }
}

TEST(TransactionId, HasANumberFrom1To1023OfARealOrder) {
  const OrderId order = make_order_id({1}, kOnes);
  EXPECT_THROW(transaction_id(order, 0), Error);
  EXPECT_THROW(transaction_id(order, -1), Error);
  EXPECT_THROW(transaction_id(order, 1024), Error);
  EXPECT_THROW(transaction_id(OrderId{}, 1), Error);
  EXPECT_THROW(transaction_id(OrderId::make({1}, kOnes), 1), Error);
  EXPECT_THROW(order_of(TransactionId{}), Error);
  EXPECT_THROW(number_of(TransactionId{}), Error);
}

}  // namespace
}  // namespace orderly
