// The program under test in the campaign's folder: how it serves, and its command-line tools.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tests/process/child.h"

namespace orderly::crash {

struct ToolResult {
  std::optional<int> exit_code;  // nothing: a signal ended it
  std::string output;
};

struct Program {
  std::filesystem::path path;
  std::filesystem::path folder;  // it runs there and keeps its data in folder/data, its log in folder/server.log

  // `settings`: "name=value".
  process::Command serve(std::uint16_t port, const std::vector<std::string>& settings) const;
  // Runs it to its end; what it says on standard error goes to folder/tools.log.
  ToolResult run(const std::vector<std::string>& arguments) const;
};

}  // namespace orderly::crash
