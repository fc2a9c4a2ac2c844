#include "bench/server_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

#include "bench/http_answer.h"
#include "bench/workloads.h"

namespace orderly::bench {

namespace {

using namespace std::chrono_literals;

constexpr auto kStartMax = 60s;
constexpr auto kStopMax = 30s;
constexpr std::streamoff kLogEndBytes = 1000;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// A connected socket, or -1.
int try_connect(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return -1;
  const timeval wait{5, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  const sockaddr_in address = loopback(port);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return socket;
  ::close(socket);
  return -1;
}

// The reply, with status 0 when there was none.
HttpReply ask(int socket, std::string_view request) {
  std::string bytes;
  if (::send(socket, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) return {};
  for (;;) {
    const ParsedAnswer answer = parse_answer(bytes);
    if (answer.state == ParsedAnswer::State::kMalformed) return {};
    if (answer.state == ParsedAnswer::State::kComplete) {
      return HttpReply{answer.status, bytes.substr(answer.head_bytes, answer.body_bytes)};
    }
    char buffer[16 * 1024];
    const ssize_t count = ::recv(socket, buffer, sizeof buffer, 0);
    if (count <= 0) return {};
    bytes.append(buffer, static_cast<std::size_t>(count));
  }
}

HttpReply try_get(std::uint16_t port, std::string_view path) {
  const int socket = try_connect(port);
  if (socket < 0) return {};
  HttpReply reply = ask(socket, get_request(path));
  ::close(socket);
  return reply;
}

std::string end_of(const std::filesystem::path& log) {
  std::ifstream file(log, std::ios::binary | std::ios::ate);
  const auto size = std::max<std::streamoff>(file.tellg(), 0);
  file.seekg(std::max<std::streamoff>(size - kLogEndBytes, 0));
  return {std::istreambuf_iterator<char>(file), {}};
}

[[noreturn]] void fail(const Command& command, const std::string& what) {
  throw std::runtime_error(command.program.string() + " " + what + ":\n" + end_of(command.log));
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

std::vector<std::string> environment_without_settings() {
  std::vector<std::string> kept;
  for (char** each = environ; *each != nullptr; ++each) {
    if (!std::string_view(*each).starts_with("ORDERLY_")) kept.emplace_back(*each);
  }
  return kept;
}

// All that a child may do between fork and exec is done with what was made before.
pid_t start(const Command& command) {
  std::vector<std::string> arguments{command.program.string()};
  arguments.insert(arguments.end(), command.arguments.begin(), command.arguments.end());
  std::vector<std::string> environment = environment_without_settings();
  const std::vector<char*> argument_pointers = pointers(arguments);
  const std::vector<char*> environment_pointers = pointers(environment);
  const int log = ::open(command.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log < 0) throw std::runtime_error("cannot write " + command.log.string());
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const bool is_ready = ::getppid() == parent && ::chdir(command.folder.c_str()) == 0 &&
                          ::dup2(log, STDOUT_FILENO) >= 0 && ::dup2(log, STDERR_FILENO) >= 0;
    if (is_ready) ::execve(argument_pointers.front(), argument_pointers.data(), environment_pointers.data());
    ::_exit(127);
  }
  ::close(log);
  if (pid < 0) throw std::runtime_error("fork failed");
  return pid;
}

double megabytes_in(const std::string& status, std::string_view name) {
  const std::size_t at = status.find(name);
  if (at == std::string::npos) return 0;
  return std::strtod(status.c_str() + at + name.size(), nullptr) / 1024;
}

}  // namespace

std::uint16_t free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  const bool is_bound = socket >= 0 && ::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
                        ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(socket);
  if (!is_bound) throw std::runtime_error("no free port on 127.0.0.1");
  return ntohs(address.sin_port);
}

HttpReply http_get(std::uint16_t port, std::string_view path) {
  HttpReply reply = try_get(port, path);
  if (reply.status == 0) throw std::runtime_error("no answer to GET " + std::string(path));
  return reply;
}

void run_command(const Command& command) {
  const pid_t pid = start(command);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) fail(command, "failed");
}

ServerProcess::ServerProcess(const Command& command, std::uint16_t port, std::string_view path)
    : command_(command), port_(port) {
  const auto begin = std::chrono::steady_clock::now();
  pid_ = start(command_);
  try {
    wait_until_answered(begin, path);
  } catch (...) {
    if (pid_ > 0) ::kill(pid_, SIGKILL);
    if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
    throw;
  }
}

ServerProcess::~ServerProcess() {
  try {
    stop();
  } catch (const std::runtime_error&) {  // whoever wants to know calls stop() first
  }
}

void ServerProcess::wait_until_answered(std::chrono::steady_clock::time_point begin, std::string_view path) {
  while (try_get(port_, path).status != 200) {
    if (has_ended()) fail(command_, "ended at once");
    if (std::chrono::steady_clock::now() - begin > kStartMax) fail(command_, "does not answer");
    std::this_thread::sleep_for(200us);
  }
  start_time_ = std::chrono::steady_clock::now() - begin;
}

bool ServerProcess::has_ended() {
  if (pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = -1;
  return pid_ < 0;
}

Memory ServerProcess::memory() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/status");
  const std::string status{std::istreambuf_iterator<char>(file), {}};
  return {megabytes_in(status, "VmRSS:"), megabytes_in(status, "VmHWM:")};
}

void ServerProcess::stop() {
  if (pid_ < 0) return;
  if (has_ended()) fail(command_, "ended before it was stopped");
  ::kill(pid_, SIGTERM);
  const auto deadline = std::chrono::steady_clock::now() + kStopMax;
  while (!has_ended()) {
    if (std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(1ms);
      continue;
    }
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
    fail(command_, "had to be killed");
  }
}

}  // namespace orderly::bench
