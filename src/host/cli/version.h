#pragma once

#include <string_view>

namespace orderly::cli {

inline constexpr std::string_view kVersion = ORDERLY_VERSION;

}  // namespace orderly::cli
