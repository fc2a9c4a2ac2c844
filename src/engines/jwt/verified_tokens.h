// Who the tokens that were verified lately speak for, so that a signature is not verified at each request.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <optional>

#include "base/time.h"
#include "engines/jwt/verification.h"
#include "ports/crypto.h"

namespace orderly::jwt {

// By the token's SHA-256: tokens themselves are not kept. Thread-safe.
class VerifiedTokens {
 public:
  static constexpr std::size_t kCountMax = 10'000;  // the oldest go first; a kilobyte or two each

  // Nothing when it is not known, was kept more than five minutes ago, or has expired.
  std::optional<Identity> find(const ports::Digest& token, Time now) const;
  void keep(const ports::Digest& token, const Identity& identity, Time now);
  std::size_t size() const;

 private:
  struct Entry {
    Identity identity;
    Time until;
  };

  mutable std::mutex mutex_;
  std::map<ports::Digest, Entry> entries_;
  std::deque<ports::Digest> by_age_;  // the oldest first
};

}  // namespace orderly::jwt
