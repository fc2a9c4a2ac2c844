#include "api/rate_limiter.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <cmath>
#include <functional>

namespace orderly::api {

std::string counted_as(std::string_view address) {
  boost::system::error_code error;
  const auto parsed = boost::asio::ip::make_address(address, error);
  if (error || parsed.is_v4()) return std::string(address);
  if (parsed.to_v6().is_v4_mapped()) {
    return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, parsed.to_v6()).to_string();
  }
  auto bytes = parsed.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), 0);
  return boost::asio::ip::address_v6(bytes).to_string() + "/64";
}

std::optional<Duration> RateLimiter::take(std::string_view who, Rate rate, Time now) {
  if (rate.per_second <= 0) return std::nullopt;
  const double interval_ms = 1000 / rate.per_second;
  const double ahead_max_ms = interval_ms * (std::max(rate.burst, 1.0) - 1);
  const auto now_ms = static_cast<double>(now.ms);
  Shard& shard = shards_[std::hash<std::string_view>{}(who) % kShards];
  const std::lock_guard lock(shard.mutex);
  double& due_ms = shard.due_ms_of(who, now_ms);
  due_ms = std::max(due_ms, now_ms);
  const double early_ms = due_ms - ahead_max_ms - now_ms;
  if (early_ms > 0) return Duration{static_cast<std::int64_t>(std::ceil(early_ms))};
  due_ms += interval_ms;
  return std::nullopt;
}

void RateLimiter::give_back(std::string_view who, Rate rate, Time now) {
  if (rate.per_second <= 0) return;
  Shard& shard = shards_[std::hash<std::string_view>{}(who) % kShards];
  const std::lock_guard lock(shard.mutex);
  shard.due_ms_of(who, static_cast<double>(now.ms)) -= 1000 / rate.per_second;
}

double& RateLimiter::Shard::due_ms_of(std::string_view who, double now_ms) {
  std::string name(who);
  if (const auto known = recent.find(name); known != recent.end()) return known->second;
  if (recent.size() >= kCallersMax / kShards / 2) {
    older = std::move(recent);
    recent.clear();
  }
  const auto before = older.find(name);
  const double due_ms = before == older.end() ? now_ms : before->second;
  return recent.emplace(std::move(name), due_ms).first->second;
}

}  // namespace orderly::api
