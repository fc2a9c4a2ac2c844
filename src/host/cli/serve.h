// `orderly serve`: the shop's API, its workers and its admin socket, until SIGTERM or SIGINT.
#pragma once

#include "host/cli/config.h"

namespace orderly::cli {

// Returns the process's exit code: 0 after a graceful stop, 3 when it could not start.
int serve(const Config& config);

}  // namespace orderly::cli
