#include "bench/machine.h"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "base/time.h"

namespace orderly::bench {

namespace {

std::string cpu_model() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown CPU";
}

}  // namespace

Machine this_machine() {
  Machine machine;
  machine.cpu = cpu_model();
  machine.cores = std::thread::hardware_concurrency();
  machine.memory_gb =
      static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGE_SIZE)) / (1 << 30);
  utsname names{};
  if (::uname(&names) == 0) machine.kernel = fmt::format("{} {}", names.sysname, names.release);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  machine.date = format_time({std::chrono::floor<std::chrono::milliseconds>(now).count()});
  double loads[1] = {0};
  if (::getloadavg(loads, 1) == 1) machine.load_average = loads[0];
  return machine;
}

std::string Machine::line() const {
  return fmt::format("{}, {} cores, {:.0f} GB, {}, {}, load before {:.2f}", cpu, cores, memory_gb, kernel, date,
                     load_average);
}

}  // namespace orderly::bench
