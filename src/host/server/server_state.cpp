#include "host/server/server_state.h"

#include <array>

#include "host/server/connection.h"
#include "host/server/response_head.h"
#include "host/server/system_random.h"

namespace orderly::server {

namespace {

constexpr std::string_view kDigits = "0123456789abcdefghjkmnpqrstvwxyz";  // Crockford's base 32, in lower case
constexpr std::size_t kIdPrefixLength = 8;  // with 7 digits of a counter, an id needs no memory of its own

std::string random_prefix() {
  std::array<std::uint8_t, kIdPrefixLength> bytes{};
  SystemRandom().fill(bytes);
  std::string prefix;
  for (const std::uint8_t byte : bytes) prefix += kDigits[byte % kDigits.size()];
  return prefix;
}

}  // namespace

std::string_view Shard::date_at(Time now) {
  const std::int64_t second = now.ms / 1000;
  if (second != date_second) {
    date_second = second;
    date = http_date(now);
  }
  return date;
}

std::string Shard::make_request_id() {
  std::array<char, 13> digits;  // 13 times 5 bits hold any counter
  std::size_t begin = digits.size();
  std::uint64_t rest = ids_made++;
  do {
    digits[--begin] = kDigits[rest % kDigits.size()];
    rest /= kDigits.size();
  } while (rest > 0);
  std::string id = id_prefix;
  id.append(digits.data() + begin, digits.size() - begin);
  return id;
}

ServerState::ServerState(ServerParts server_parts, ServerLimits server_limits)
    : parts(server_parts), limits(server_limits) {
  for (std::size_t i = 0; i < parts.io.count(); ++i) {
    shards.push_back(std::make_unique<Shard>(parts.io.executor(i), parts.request_log.buffer(i),
                                             parts.metrics.requests(i), random_prefix()));
  }
}

}  // namespace orderly::server
