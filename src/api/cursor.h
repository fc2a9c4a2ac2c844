// List cursors as callers see them: opaque and authenticated. A cursor holds for the list it was given with (route,
// filters, caller), so that nobody can make one up or carry it over.
#pragma once

#include <string>
#include <string_view>

#include "ports/crypto.h"

namespace orderly::api {

class CursorSeal {
 public:
  CursorSeal(const ports::Crypto& crypto, const ports::SecretKey& master_key);

  std::string seal(std::string_view cursor, std::string_view list) const;
  // "" for "". Throws Error(kInvalidRequest) at "?cursor" for anything that seal() did not make for that list.
  std::string open(std::string_view text, std::string_view list) const;

 private:
  std::string tag(std::string_view cursor, std::string_view list) const;

  const ports::Crypto& crypto_;
  std::string key_;
};

}  // namespace orderly::api
