// A program run as a child process. It never outlives the thread that started it: the system kills it when that ends.
// ORDERLY_* variables are not passed on: what the command line says is what runs.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace orderly::process {

struct Command {
  std::filesystem::path program;
  std::vector<std::string> arguments;
  std::filesystem::path folder;  // it runs there, so that no settings file of the caller's is found
  std::filesystem::path output;  // takes its standard output, behind what is there already
  std::filesystem::path errors;  // and its standard error; may be the same file
};

// Used by one thread, which must outlive the process. Killed at the latest when this object ends.
class Child {
 public:
  // Throws std::runtime_error when no process can be made. That the program cannot be run shows as exit code 127.
  explicit Child(const Command& command);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() { kill(); }

  pid_t id() const { return id_; }
  bool has_ended();
  // Waits until it ends by itself.
  void wait();
  // kill -9, and waits until the process is gone.
  void kill();
  // SIGTERM. False: it had ended before, or has not ended within `limit` and was killed.
  bool stop(std::chrono::nanoseconds limit);
  // Nothing: it has not ended yet, or a signal ended it.
  std::optional<int> exit_code() const;

 private:
  pid_t id_ = -1;
  bool has_ended_ = false;
  int wait_status_ = 0;
};

// Runs it to its end; its exit code, or nothing when a signal ended it.
std::optional<int> run(const Command& command);

// The last kilobyte of a file, or what there is of it: what a program said before it failed.
std::string end_of(const std::filesystem::path& log);

}  // namespace orderly::process
