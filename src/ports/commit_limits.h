// Whether a commit keeps the limits that hold on every engine (base/limits.h) and the rules for keys. Engines ask
// before they do anything else, so that what works on one works on all.
#pragma once

#include <string_view>

#include "ports/store.h"

namespace orderly::ports {

// Throws Error(kInternal, "bad-commit" or "bad-key").
void check_commit(const Commit& commit);
void check_key(const Key& key);
// Throws Error(kInternal, "bad-key") for a query of transient records.
void check_query(const Query& query);

// Whether `text` has 1 to `bytes_max` bytes, none below 0x20.
bool is_key_part(std::string_view text, std::size_t bytes_max);

}  // namespace orderly::ports
