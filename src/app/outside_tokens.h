// Callers who sign in with an outside issuer.
#pragma once

#include <string>

#include "app/app.h"

namespace orderly::app {

// Who has the token. Their client id follows from issuer and subject alone, and tells neither. Of the roles that the
// issuer names, those are ours that are spelt so; the first of owner, staff, approver and provider that is there
// counts, and everybody else is a client. Throws what ports::Tokens::verify does.
Task<Caller> caller_of_token(App& app, std::string token);

}  // namespace orderly::app
