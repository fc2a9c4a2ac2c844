#include "tests/crash/server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <fstream>
#include <iterator>
#include <random>
#include <stdexcept>
#include <thread>

#include "tests/crash/connection.h"

namespace orderly::crash {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

struct Files {
  std::filesystem::path folder;
  std::filesystem::path output;
  std::filesystem::path errors;
};

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

int open_for_appending(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) throw std::runtime_error("cannot write " + path.string());
  return file;
}

// Between fork and exec the child does only what is allowed in a program with threads.
pid_t spawn(const std::filesystem::path& program, const std::vector<std::string>& arguments, const Files& files) {
  std::vector<std::string> words{program.string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> environment = environment_without_settings();
  const std::vector<char*> word_pointers = pointers(words);
  const std::vector<char*> environment_pointers = pointers(environment);
  const int output = open_for_appending(files.output);
  const int errors = open_for_appending(files.errors);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const bool is_ready = ::getppid() == parent && ::chdir(files.folder.c_str()) == 0 &&
                          ::dup2(output, STDOUT_FILENO) >= 0 && ::dup2(errors, STDERR_FILENO) >= 0;
    if (is_ready) ::execve(word_pointers.front(), word_pointers.data(), environment_pointers.data());
    ::_exit(127);
  }
  ::close(output);
  ::close(errors);
  if (pid < 0) throw std::runtime_error("cannot start " + program.string());
  return pid;
}

void wait_for(pid_t pid, int& status) {
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
}

bool can_bind(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool is_bound = ::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(socket);
  return is_bound;
}

}  // namespace

std::uint16_t free_port() {
  std::random_device chance;
  for (int tries = 0; tries < 1000; ++tries) {
    const auto port = static_cast<std::uint16_t>(20'000 + chance() % 10'000);
    if (can_bind(port)) return port;
  }
  throw std::runtime_error("no free port on 127.0.0.1");
}

ToolResult run_tool(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                    const std::filesystem::path& folder, const std::filesystem::path& log) {
  const std::filesystem::path output = folder / "tool-output";
  std::filesystem::remove(output);
  int status = 0;
  wait_for(spawn(program, arguments, {folder, output, log}), status);
  std::ifstream file(output, std::ios::binary);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, {std::istreambuf_iterator<char>(file), {}}};
}

void Server::start(const std::vector<std::string>& settings) {
  std::vector<std::string> arguments{"serve", "--data", "data", "--listen", "127.0.0.1:" + std::to_string(place_.port)};
  for (const std::string& setting : settings) {
    arguments.emplace_back("--set");
    arguments.push_back(setting);
  }
  const std::filesystem::path log = place_.folder / "server.log";
  started_ = Clock::now();
  pid_ = spawn(place_.program, arguments, {place_.folder, log, log});
}

std::optional<std::chrono::nanoseconds> Server::wait_until_ready(std::chrono::nanoseconds limit) {
  const std::string request = make_request("GET", "/readyz", "", "");
  while (!has_ended()) {
    const auto answer = Connection(place_.port).exchange(request);
    const auto now = Clock::now();
    if (answer && answer->status == 200) return now - started_;
    if (now - started_ >= limit) return std::nullopt;
    std::this_thread::sleep_for(500us);
  }
  return std::nullopt;
}

bool Server::has_ended() {
  if (pid_ > 0 && ::waitpid(pid_, &wait_status_, WNOHANG) == pid_) pid_ = -1;
  return pid_ < 0;
}

void Server::kill() {
  if (has_ended()) return;
  ::kill(pid_, SIGKILL);
  wait_for(pid_, wait_status_);
  pid_ = -1;
}

std::optional<int> Server::stop() {
  if (has_ended()) return std::nullopt;
  ::kill(pid_, SIGTERM);
  const auto deadline = Clock::now() + 30s;
  while (!has_ended()) {
    if (Clock::now() > deadline) {
      kill();
      return std::nullopt;
    }
    std::this_thread::sleep_for(1ms);
  }
  if (!WIFEXITED(wait_status_)) return std::nullopt;
  return WEXITSTATUS(wait_status_);
}

}  // namespace orderly::crash
