#include "engines/aws/lease.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "base/error.h"
#include "engines/aws/item.h"
#include "engines/aws/layout.h"
#include "engines/aws/message_item.h"

namespace orderly::aws {
namespace {

constexpr std::string_view kPartition = "~LEASE";

ItemCondition is_free_or_of(std::string_view holder, Time now) {
  return {"attribute_not_exists(#pk) OR #until < :now OR #holder = :holder",
          {{"#pk", layout::kPartition}, {"#until", "until"}, {"#holder", "holder"}},
          {{":now", number_attribute(now.ms)}, {":holder", text_attribute(holder)}}};
}

}  // namespace

std::string random_id(ports::Random& random) {
  std::array<std::uint8_t, 16> bytes;
  random.fill(bytes);
  std::string id;
  for (const std::uint8_t byte : bytes) id += fmt::format("{:02x}", byte);
  return id;
}

Lease::Lease(OwnRecords& records, std::string name, Duration duration)
    : records_(records), name_(std::move(name)), duration_(duration), holder_(random_id(records.context().random)) {}

Task<bool> Lease::hold() {
  const Time now = clock().now();
  if (now < renew_at_) co_return true;
  try {
    const bool is_taken = co_await take(now + duration_);
    renew_at_ = is_taken ? now + duration_ / 3 : Time{};
    until_ = is_taken ? now + duration_ : Time{};
    co_return is_taken;
  } catch (const Error&) {
    if (clock().now() >= until_) throw;
  }
  co_return true;
}

Task<bool> Lease::take(Time until) {
  Item item = to_key_item({std::string(kPartition), name_});
  item["holder"] = text_attribute(holder_);
  item["until"] = number_attribute(until.ms);
  return records_.put(std::move(item), is_free_or_of(holder_, clock().now()));
}

Task<void> Lease::release() {
  if (until_ == Time{}) co_return;
  renew_at_ = until_ = Time{};
  ItemCondition is_ours{"#holder = :holder", {{"#holder", "holder"}}, {{":holder", text_attribute(holder_)}}};
  try {
    co_await records_.remove({std::string(kPartition), name_}, std::move(is_ours));
  } catch (const Error&) {  // it ends by itself
  }
}

}  // namespace orderly::aws
