// Mails as files, for trying things out.
#pragma once

#include <filesystem>

#include "base/time.h"
#include "engines/mail/message.h"

namespace orderly::mail {

// Writes "<moment>-<token>.eml" into the folder, made at first with mode 0700; the file has mode 0600 and is there
// whole and synced, or not at all. Blocks. Throws Error(kUnavailable, "notifier-unavailable").
void put_into_folder(const std::filesystem::path& folder, const Message& message, Time now);

}  // namespace orderly::mail
