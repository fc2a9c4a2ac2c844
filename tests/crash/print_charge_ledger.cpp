// Prints the simulated provider's ledger as lines of JSON, for tests that are no C++: print_charge_ledger DATA_FOLDER.
#include <fmt/format.h>

#include <cstdio>
#include <iostream>

#include "base/error.h"
#include "engines/simulated_payments/charge_ledger.h"

int main(int count, char** arguments) {
  using namespace orderly;  // NOLINT(google-build-using-namespace)
  if (count != 2) {
    fmt::print(stderr, "usage: print_charge_ledger DATA_FOLDER\n");
    return 2;
  }
  try {
    const std::filesystem::path data(arguments[1]);
    simulated::export_json_lines(*simulated::open_ledger(data / "simulated-payments"), std::cout);
  } catch (const Error& error) {
    fmt::print(stderr, "{}: {} {}\n", error.slug(), error.message(), error.detail());
    return 1;
  }
  return 0;
}
