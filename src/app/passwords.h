// Passwords: hashed on the offload pool, never on an I/O thread. A few at a time; more are turned away at once, so that
// a flood of them keeps nothing else waiting.
#pragma once

#include <optional>
#include <string>

#include "app/app.h"

namespace orderly::app {

// What to store. Throws Error(kUnavailable, "overloaded").
Task<std::string> hash_password(App& app, std::string password);

struct PasswordVerdict {
  bool is_right = false;
  bool is_outdated = false;  // the hash: made at other costs than today's
};
// Takes the same time where there is no hash, which no password is right for, and for one that is too long. Throws
// Error(kUnavailable, "overloaded").
Task<PasswordVerdict> verify_password(App& app, std::optional<std::string> hash, std::string password);

// Throws Error(kInvalidRequest) at `pointer`: too short, or too long.
void require_good_password(const std::string& password, std::string pointer);

}  // namespace orderly::app
