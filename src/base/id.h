// Typed ids. `ord_01J…`: a prefix that names the type, then 26 characters of Crockford base32: 48 bits of milliseconds
// and 80 random ones (the layout of a ULID), so that ids sort by the time they were made.
//
// An order's id ends in ten zero bits ("00"). Its payment attempts and refunds count in those bits: `txn_` ids share
// the order's 24 first characters, so that a transaction's id leads to its order without a lookup record.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace orderly {

inline constexpr std::size_t kIdCharacters = 26;

// Ten bytes of randomness make one id.
using IdEntropy = std::array<std::uint8_t, 10>;

// 26 characters for `time` and `entropy`.
std::string encode_id(Time time, const IdEntropy& entropy);
// Whether `text` is 26 characters of canonical (upper case) Crockford base32 that fit 128 bits.
bool is_encoded_id(std::string_view text);
// The moment in an encoded id's first 48 bits; the id must be valid.
Time time_of_encoded_id(std::string_view encoded);

template <class Tag>
struct Id {
  std::string text;  // the whole id with its prefix; empty: none

  static Id make(Time time, const IdEntropy& entropy) { return {std::string(Tag::kPrefix) + encode_id(time, entropy)}; }
  // Nothing when the prefix is another one or the rest is not 26 canonical characters.
  static std::optional<Id> parse(std::string_view text) {
    if (!text.starts_with(Tag::kPrefix) || !is_encoded_id(text.substr(Tag::kPrefix.size()))) return std::nullopt;
    return Id{std::string(text)};
  }

  bool empty() const { return text.empty(); }
  std::string_view encoded() const { return std::string_view(text).substr(Tag::kPrefix.size()); }

  friend auto operator<=>(const Id&, const Id&) = default;
};

struct OrderTag {
  static constexpr std::string_view kPrefix = "ord_";
};
struct TransactionTag {
  static constexpr std::string_view kPrefix = "txn_";
};
struct EventTag {
  static constexpr std::string_view kPrefix = "evt_";
};
struct MessageTag {
  static constexpr std::string_view kPrefix = "msg_";
};
struct ClientTag {
  static constexpr std::string_view kPrefix = "cli_";
};
struct ApiKeyTag {
  static constexpr std::string_view kPrefix = "key_";
};

struct SessionTag {
  static constexpr std::string_view kPrefix = "ses_";
};

using OrderId = Id<OrderTag>;
using TransactionId = Id<TransactionTag>;
using EventId = Id<EventTag>;
using MessageId = Id<MessageTag>;
using ClientId = Id<ClientTag>;
using ApiKeyId = Id<ApiKeyTag>;
using SessionId = Id<SessionTag>;

// A fresh order id: like make, with the last ten bits zero.
OrderId make_order_id(Time time, IdEntropy entropy);
// The id of an order's transaction number 1..1023.
TransactionId transaction_id(const OrderId& order, int number);
// The order that a transaction belongs to, and its number there.
OrderId order_of(const TransactionId& transaction);
int number_of(const TransactionId& transaction);

}  // namespace orderly
