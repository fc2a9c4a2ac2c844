// What a commit must keep on every engine, however lenient one alone might be: base/limits.h and ports/store.h.
#pragma once

#include "ports/store.h"

namespace orderly::fakes {

// Throws Error(kInternal, "bad-commit").
void check_commit_rules(const ports::Commit& commit);

const ports::Key& key_of(const ports::Write& write);

}  // namespace orderly::fakes
