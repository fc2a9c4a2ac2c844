// orderly_crash PROGRAM [options]: exit 0 when nothing was lost and nothing done twice, 1 otherwise, 2 when it could
// not be tried.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <random>

#include "base/error.h"
#include "tests/crash/campaign.h"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  orderly::crash::CampaignOptions options;
  options.seed = std::random_device()() % 1'000'000;
  CLI::App program{"Kills the server with kill -9 while clients buy, and proves that nothing was lost or doubled."};
  program.add_option("PROGRAM", options.program, "The orderly binary")->required()->check(CLI::ExistingFile);
  program.add_option("--rounds", options.rounds, "How often it is killed")->check(CLI::Range(0, 1'000'000));
  program.add_option("--clients", options.clients)->check(CLI::Range(1, 1000));
  program.add_option("--seconds-per-round", options.seconds_per_round, "The longest life of a server")
      ->check(CLI::Range(0.2, 3600.0));
  program.add_option("--seed", options.seed, "Of everything that is random here (default: random)");
  program.add_option("--folder", options.folder, "A new folder, which is kept (default: a temporary one)");
  CLI11_PARSE(program, argc, argv);
  options.program = std::filesystem::absolute(options.program);
  try {
    return orderly::crash::run_campaign(options) == 0 ? 0 : 1;
  } catch (const orderly::Error& error) {
    fmt::print(stderr, "orderly_crash: {} ({})\n", error.message(), error.detail());
  } catch (const std::exception& error) {
    fmt::print(stderr, "orderly_crash: {}\n", error.what());
  }
  return 2;
}
