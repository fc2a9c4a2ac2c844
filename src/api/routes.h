// Every route there is, with the roles that may call it and what it takes and answers: the API at a glance.
#pragma once

#include <vector>

#include "api/router.h"

namespace orderly::api {

std::vector<Route> all_routes();

}  // namespace orderly::api
