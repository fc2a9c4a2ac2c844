#include "tests/crash/program.h"

#include <fstream>
#include <iterator>

namespace orderly::crash {

process::Command Program::serve(std::uint16_t port, const std::vector<std::string>& settings) const {
  const std::filesystem::path log = folder / "server.log";
  process::Command command{
      path, {"serve", "--data", "data", "--listen", "127.0.0.1:" + std::to_string(port)}, folder, log, log};
  for (const std::string& setting : settings) {
    command.arguments.emplace_back("--set");
    command.arguments.push_back(setting);
  }
  return command;
}

ToolResult Program::run(const std::vector<std::string>& arguments) const {
  const std::filesystem::path output = folder / "tool-output";
  std::filesystem::remove(output);
  const std::optional<int> exit_code = process::run({path, arguments, folder, output, folder / "tools.log"});
  std::ifstream file(output, std::ios::binary);
  return {exit_code, {std::istreambuf_iterator<char>(file), {}}};
}

}  // namespace orderly::crash
