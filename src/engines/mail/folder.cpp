#include "engines/mail/folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

namespace orderly::mail {
namespace {

// Names neither the file nor what is in it.
[[noreturn]] void throw_failed(const char* step) {
  throw_unavailable(std::string(step) + ": " + std::strerror(errno));  // NOLINT(concurrency-mt-unsafe): glibc's is safe
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }

 private:
  int number_;
};

void write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) throw_failed("writing");
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

void write_file(int folder, const std::string& name, std::string_view text) {
  const Descriptor file(::openat(folder, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.is_open()) throw_failed("making a file");
  write_all(file.number(), text);
  if (::fsync(file.number()) != 0) throw_failed("syncing");
}

// "2026-11-21T103000.000Z": a colon is not allowed in names everywhere.
std::string file_name(const Message& message, Time now) {
  std::string name = format_time(now);
  std::erase(name, ':');
  return name + "-" + message.id.substr(0, message.id.find('@')) + ".eml";
}

}  // namespace

void put_into_folder(const std::filesystem::path& folder, const Message& message, Time now) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) throw_failed("making the folder");
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.is_open()) throw_failed("opening the folder");
  const std::string name = file_name(message, now);
  const std::string temporary = "." + name + ".new";
  try {
    write_file(opened.number(), temporary, message.text);
    if (::renameat(opened.number(), temporary.c_str(), opened.number(), name.c_str()) != 0) throw_failed("renaming");
  } catch (...) {
    ::unlinkat(opened.number(), temporary.c_str(), 0);
    throw;
  }
  if (::fsync(opened.number()) != 0) throw_failed("syncing the folder");
}

}  // namespace orderly::mail
