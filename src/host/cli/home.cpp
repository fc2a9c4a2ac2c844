#include "host/cli/home.h"

namespace orderly::cli {

std::unique_ptr<Home> open_home(const Config& config, HomeParts parts) {
  switch (config.engine) {
    case EngineKind::kEmbedded: return open_embedded_home(config, parts);
    case EngineKind::kAws: return open_aws_home(config, parts);
  }
  throw Error(ErrorCode::kInternal, "internal", "Something went wrong.", "an engine that is none");
}

}  // namespace orderly::cli
