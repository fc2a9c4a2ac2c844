#include "engines/aws/token_moments.h"

namespace orderly::aws {

Time TokenMoments::first_use(const std::string& token, Time now) {
  const std::lock_guard lock(mutex_);
  while (!by_age_.empty() && (by_age_.size() > max_ || by_age_.front().second + kRemembered <= now)) {
    moments_.erase(by_age_.front().first);
    by_age_.pop_front();
  }
  const auto [found, is_new] = moments_.try_emplace(token, now);
  if (is_new) by_age_.emplace_back(token, now);
  return found->second;
}

}  // namespace orderly::aws
