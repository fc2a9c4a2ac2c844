#include "base/id.h"

#include <algorithm>

#include "base/error.h"

namespace orderly {
namespace {

using Wide = unsigned __int128;

// Crockford's base32: no I, L, O, U. Its characters sort as their values do.
constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::uint8_t kNoValue = 0xff;

constexpr std::array<std::uint8_t, 256> make_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoValue);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}
constexpr std::array<std::uint8_t, 256> kValues = make_values();

std::uint8_t value_of(char c) { return kValues[static_cast<unsigned char>(c)]; }

constexpr std::size_t kTimeCharacters = 10;        // 50 bits, of which the first two are zero
constexpr std::size_t kTransactionCharacters = 2;  // ten bits at the end
constexpr int kTransactionsMax = 1023;

void require(bool condition, const char* what) {
  if (!condition) throw Error(ErrorCode::kInternal, "bad-id", "An id was used in a way that it does not allow.", what);
}

}  // namespace

std::string encode_id(Time time, const IdEntropy& entropy) {
  require(time.ms >= 0 && time.ms >> 48 == 0, "the time does not fit 48 bits");
  Wide bits = static_cast<Wide>(time.ms);
  for (const std::uint8_t byte : entropy) bits = bits << 8 | byte;
  std::string text(kIdCharacters, '0');
  for (std::size_t i = kIdCharacters; i-- > 0; bits >>= 5) text[i] = kAlphabet[static_cast<std::size_t>(bits & 31)];
  return text;
}

bool is_encoded_id(std::string_view text) {
  // 26 characters are 130 bits, of which the first two must be zero.
  return text.size() == kIdCharacters && text.front() <= '7' &&
         std::ranges::all_of(text, [](char c) { return value_of(c) != kNoValue; });
}

Time time_of_encoded_id(std::string_view encoded) {
  require(is_encoded_id(encoded), "not an encoded id");
  std::int64_t ms = 0;
  for (const char c : encoded.substr(0, kTimeCharacters)) ms = ms << 5 | value_of(c);
  return {ms};
}

OrderId make_order_id(Time time, IdEntropy entropy) {
  entropy[8] &= 0xfc;
  entropy[9] = 0;
  return OrderId::make(time, entropy);
}

TransactionId transaction_id(const OrderId& order, int number) {
  require(order.text.ends_with("00"), "not an order's own id");
  require(number >= 1 && number <= kTransactionsMax, "a transaction's number is 1 to 1023");
  std::string text(TransactionTag::kPrefix);
  text += order.encoded();
  text[text.size() - 2] = kAlphabet[static_cast<std::size_t>(number) >> 5];
  text[text.size() - 1] = kAlphabet[static_cast<std::size_t>(number) & 31];
  return {std::move(text)};
}

OrderId order_of(const TransactionId& transaction) {
  require(!transaction.empty(), "no transaction");
  std::string text(OrderTag::kPrefix);
  text += transaction.encoded();
  text.replace(text.size() - kTransactionCharacters, kTransactionCharacters, "00");
  return {std::move(text)};
}

int number_of(const TransactionId& transaction) {
  require(!transaction.empty(), "no transaction");
  const std::string_view last = transaction.encoded().substr(kIdCharacters - kTransactionCharacters);
  return value_of(last[0]) << 5 | value_of(last[1]);
}

}  // namespace orderly
