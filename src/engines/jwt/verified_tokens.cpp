#include "engines/jwt/verified_tokens.h"

#include <algorithm>
#include <chrono>

namespace orderly::jwt {
namespace {

constexpr std::chrono::minutes kKept{5};

}  // namespace

std::optional<Identity> VerifiedTokens::find(const ports::Digest& token, Time now) const {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(token);
  if (found == entries_.end() || now >= found->second.until) return std::nullopt;
  return found->second.identity;
}

void VerifiedTokens::keep(const ports::Digest& token, const Identity& identity, Time now) {
  const std::scoped_lock lock(mutex_);
  const Entry entry{identity, std::min(identity.expires_at, now + kKept)};
  if (!entries_.insert_or_assign(token, entry).second) return;
  by_age_.push_back(token);
  if (by_age_.size() <= kCountMax) return;
  entries_.erase(by_age_.front());
  by_age_.pop_front();
}

std::size_t VerifiedTokens::size() const {
  const std::scoped_lock lock(mutex_);
  return entries_.size();
}

}  // namespace orderly::jwt
