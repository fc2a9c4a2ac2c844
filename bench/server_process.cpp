#include "bench/server_process.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "bench/http_answer.h"
#include "tests/process/loopback.h"

namespace orderly::bench {

namespace {

using namespace std::chrono_literals;

constexpr auto kStartMax = 60s;
constexpr auto kStopMax = 30s;

[[noreturn]] void fail(const process::Command& command, const std::string& what) {
  throw std::runtime_error(command.program.string() + " " + what + ":\n" + process::end_of(command.errors));
}

double megabytes_in(const std::string& status, std::string_view name) {
  const std::size_t at = status.find(name);
  if (at == std::string::npos) return 0;
  return std::strtod(status.c_str() + at + name.size(), nullptr) / 1024;
}

}  // namespace

HttpReply http_get(std::uint16_t port, std::string_view path) {
  const std::string bytes = process::get(port, path);
  const ParsedAnswer answer = parse_answer(bytes);
  if (answer.state != ParsedAnswer::State::kComplete) throw std::runtime_error("no answer to GET " + std::string(path));
  return {answer.status, bytes.substr(answer.head_bytes, answer.body_bytes)};
}

void run_command(const process::Command& command) {
  if (process::run(command) != 0) fail(command, "failed");
}

ServerProcess::ServerProcess(process::Command command, std::uint16_t port, std::string path)
    : command_(std::move(command)), server_(command_, port, std::move(path)) {
  const auto time = server_.wait_until_ready(kStartMax);
  if (!time) fail(command_, server_.has_ended() ? "ended at once" : "does not answer");
  start_time_ = *time;
}

ServerProcess::~ServerProcess() {
  try {
    stop();
  } catch (const std::runtime_error&) {  // whoever wants to know calls stop() first
  }
}

Memory ServerProcess::memory() const {
  std::ifstream file("/proc/" + std::to_string(server_.id()) + "/status");
  const std::string status{std::istreambuf_iterator<char>(file), {}};
  return {megabytes_in(status, "VmRSS:"), megabytes_in(status, "VmHWM:")};
}

double ServerProcess::cpu_seconds() const {
  clockid_t clock{};
  timespec time{};
  if (clock_getcpuclockid(server_.id(), &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

void ServerProcess::stop() {
  if (std::exchange(is_stopped_, true)) return;
  if (server_.has_ended()) fail(command_, "ended before it was stopped");
  if (!server_.stop(kStopMax)) fail(command_, "had to be killed");
}

}  // namespace orderly::bench
