// What the figures were measured on.
#pragma once

#include <cstddef>
#include <string>

namespace orderly::bench {

struct Machine {
  std::string cpu;
  std::size_t cores = 0;
  double memory_gb = 0;
  std::string kernel;
  std::string date;         // RFC 3339, UTC
  double load_average = 0;  // of the minute before: above a few tenths, others were at work

  std::string line() const;
};

Machine this_machine();

}  // namespace orderly::bench
