// Invariant 11: what must not be readable in the store.
#pragma once

#include <string>
#include <string_view>

#include "app/check_context.h"

namespace orderly::app::checks {

enum class Privacy {
  kSecretsOnly,  // any document: no key of ours or of a provider
  kSealed,       // orders, clients, their events, messages: no field of an address or of who a client is, no card
                 // number in free text, either
};

// Adds a finding for each such thing, and one (of invariant 10) for a document that is not JSON. Values are never
// shown, only where they are.
void find_private(Findings& findings, const std::string& where, std::string_view document, Privacy privacy);

}  // namespace orderly::app::checks
