#include "tests/process/child.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string_view>
#include <thread>

namespace orderly::process {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::streamoff kLogEndBytes = 1000;

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

// Closed in a child by itself.
class AppendedFile {
 public:
  explicit AppendedFile(const std::filesystem::path& path)
      : descriptor_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
    if (descriptor_ < 0) throw std::runtime_error("cannot write " + path.string());
  }
  AppendedFile(const AppendedFile&) = delete;
  AppendedFile& operator=(const AppendedFile&) = delete;
  ~AppendedFile() { ::close(descriptor_); }

  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

// Between fork and exec a child of a program with threads may only do what is safe in a signal handler, so everything
// is made before.
pid_t spawn(const Command& command) {
  std::vector<std::string> words{command.program.string()};
  words.insert(words.end(), command.arguments.begin(), command.arguments.end());
  std::vector<std::string> environment = environment_without_settings();
  const std::vector<char*> word_pointers = pointers(words);
  const std::vector<char*> environment_pointers = pointers(environment);
  const AppendedFile output(command.output);
  const AppendedFile errors(command.errors);
  const pid_t parent = ::getpid();
  const pid_t id = ::fork();
  if (id == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const bool is_ready = ::getppid() == parent && ::chdir(command.folder.c_str()) == 0 &&
                          ::dup2(output.descriptor(), STDOUT_FILENO) >= 0 &&
                          ::dup2(errors.descriptor(), STDERR_FILENO) >= 0;
    if (is_ready) ::execve(word_pointers.front(), word_pointers.data(), environment_pointers.data());
    ::_exit(127);
  }
  if (id < 0) throw std::runtime_error("cannot start " + command.program.string());
  return id;
}

}  // namespace

Child::Child(const Command& command) : id_(spawn(command)) {}

bool Child::has_ended() {
  if (!has_ended_) has_ended_ = ::waitpid(id_, &wait_status_, WNOHANG) == id_;
  return has_ended_;
}

void Child::wait() {
  if (has_ended_) return;
  while (::waitpid(id_, &wait_status_, 0) < 0 && errno == EINTR) {
  }
  has_ended_ = true;
}

void Child::kill() {
  if (has_ended()) return;
  ::kill(id_, SIGKILL);
  wait();
}

bool Child::stop(std::chrono::nanoseconds limit) {
  if (has_ended()) return false;
  ::kill(id_, SIGTERM);
  const auto deadline = Clock::now() + limit;
  while (!has_ended()) {
    if (Clock::now() > deadline) {
      kill();
      return false;
    }
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

std::optional<int> Child::exit_code() const {
  if (!has_ended_ || !WIFEXITED(wait_status_)) return std::nullopt;
  return WEXITSTATUS(wait_status_);
}

std::optional<int> run(const Command& command) {
  Child child(command);
  child.wait();
  return child.exit_code();
}

std::string end_of(const std::filesystem::path& log) {
  std::ifstream file(log, std::ios::binary | std::ios::ate);
  const auto size = std::max<std::streamoff>(file.tellg(), 0);
  file.seekg(std::max<std::streamoff>(size - kLogEndBytes, 0));
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace orderly::process
