// orderly_bench: measures the release program and prints a table. `script/bench` builds everything and calls it.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "bench/scenarios.h"

namespace {

using orderly::bench::BenchOptions;

struct Arguments {
  BenchOptions bench;
  std::string folder = ".";
  std::string json;
  std::vector<std::string> parts;
  bool quick = false;
  int repeat = 1;
  double seconds = 0;
};

// A folder that nobody else has, removed at the end.
class OwnFolder {
 public:
  explicit OwnFolder(const std::filesystem::path& parent) {
    std::string name = (std::filesystem::absolute(parent) / "bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a folder in " + parent.string());
    path_ = name;
  }
  OwnFolder(const OwnFolder&) = delete;
  OwnFolder& operator=(const OwnFolder&) = delete;
  ~OwnFolder() {
    std::error_code ignored;  // nothing is left to do about it
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

void add_options(CLI::App& program, Arguments& arguments) {
  BenchOptions& bench = arguments.bench;
  program.add_flag("--quick", arguments.quick, "About a quarter of a minute: that it works, not how fast it is");
  program.add_option("--repeat", arguments.repeat, "Rounds; with several, medians and best values are shown")
      ->check(CLI::Range(1, 20));
  program.add_option("--json", arguments.json, "Writes the figures to this file as well");
  program.add_option("--only", arguments.parts, "Only these parts: start, place, keys, read, busy, lives, limits")
      ->delimiter(',')
      ->check(CLI::IsMember(
          std::vector<std::string>(std::begin(orderly::bench::kParts), std::end(orderly::bench::kParts))));
  program.add_option("--seconds", arguments.seconds, "How long each load lasts")->check(CLI::Range(0.1, 3600.0));
  program.add_option("--products", bench.products, "Products in the catalog")->check(CLI::Range(20, 1'000'000));
  program.add_option("--connections", bench.connections, "Connections of most loads")->check(CLI::Range(1, 1000));
  program.add_option("--under-way", bench.lives_under_way_max, "Whole lives: orders placed and not yet finished")
      ->check(CLI::Range(1, 100'000));
  program.add_option("--rate", bench.open_loop_rate, "Also places orders in an open loop, this many a second")
      ->check(CLI::Range(1.0, 1'000'000.0));
  program.add_flag("--with-address", bench.with_address, "Orders carry a shipping address, which is sealed");
  program.add_option("--set", bench.settings, "A setting of every server, NAME=VALUE");
  program.add_option("--folder", arguments.folder, "On the disk to be measured; a folder in it is made and removed");
}

BenchOptions options_of(const Arguments& arguments, const std::filesystem::path& folder) {
  BenchOptions options = arguments.bench;
  options.folder = folder;
  options.programs = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  options.parts.insert(arguments.parts.begin(), arguments.parts.end());
  if (options.parts.empty()) options.parts.insert(std::begin(orderly::bench::kParts), std::end(orderly::bench::kParts));
  if (arguments.quick) {
    options.warm_up = std::chrono::milliseconds(250);
    options.duration = std::chrono::seconds(1);
    options.products = std::min<std::size_t>(options.products, 1'000);
    options.recorded_orders = 3'200;
    options.recorded_lives = 320;
  }
  if (arguments.seconds > 0) options.duration = std::chrono::milliseconds(static_cast<int>(arguments.seconds * 1000));
  return options;
}

// 0: measured; 1: measured, but there were errors; whether goals were reached makes no difference.
int run(const Arguments& arguments) {
  const OwnFolder folder(arguments.folder);
  const BenchOptions options = options_of(arguments, folder.path());
  orderly::bench::Run run;
  run.machine = orderly::bench::this_machine();
  run.conditions = orderly::bench::conditions(options);
  orderly::bench::make_catalog(options);
  for (int round = 1; round <= arguments.repeat; ++round) {
    if (arguments.repeat > 1) fmt::print(stderr, "bench: round {} of {}\n", round, arguments.repeat);
    run.rounds.push_back(orderly::bench::measure(options));
  }
  fmt::print("{}", orderly::bench::to_table(run));
  std::fflush(stdout);
  if (!arguments.json.empty()) {
    std::ofstream file(arguments.json);
    file << orderly::bench::to_json(run);
    file.close();
    if (!file) throw std::runtime_error("cannot write " + arguments.json);
  }
  const std::uint64_t errors = orderly::bench::errors_in(run);
  if (errors > 0) fmt::print(stderr, "bench: {} errors: the figures mean nothing until they are gone\n", errors);
  return errors > 0 ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  CLI::App program{"Measures Orderly: orders placed, whole lives, reads, memory, start, and this machine's limits."};
  Arguments arguments;
  add_options(program, arguments);
  CLI11_PARSE(program, argc, argv);
  try {
    return run(arguments);
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench: {}\n", error.what());
    return 2;
  }
}
