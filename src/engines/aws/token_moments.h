// When a commit's token was first used, so that the same commit sent again is, to the byte, the same request: DynamoDB
// refuses a token that comes with other content.
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/time.h"

namespace orderly::aws {

// Thread-safe.
class TokenMoments {
 public:
  // For how long DynamoDB remembers a token (API Reference, "TransactWriteItems").
  static constexpr std::chrono::minutes kRemembered{10};

  explicit TokenMoments(std::size_t max = 1 << 16) : max_(max) {}

  // `now`, or the moment that the token was first used with if that is less than kRemembered ago. Beyond the last `max`
  // tokens the oldest are forgotten.
  Time first_use(const std::string& token, Time now);

 private:
  const std::size_t max_;
  std::mutex mutex_;
  std::unordered_map<std::string, Time> moments_;
  std::deque<std::pair<std::string, Time>> by_age_;  // one for each that is remembered
};

}  // namespace orderly::aws
