#include "engines/embedded/erasure_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "base/error.h"

namespace orderly::embedded {
namespace {

[[noreturn]] void throw_unavailable(const std::string& path, int reason) {
  throw Error(ErrorCode::kUnavailable, "erasures-unavailable", "The list of those who were erased cannot be used.",
              path + ": " + std::generic_category().message(reason));
}

class Descriptor {
 public:
  Descriptor(const std::string& path, int flags) : descriptor_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

void sync(const std::string& path, int flags) {
  const Descriptor opened(path, flags);
  if (opened.get() < 0 || ::fsync(opened.get()) != 0) throw_unavailable(path, errno);
}

// A line that a crash left without its end is none.
std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t start = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', start)) {
    if (end > start) lines.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return lines;
}

}  // namespace

std::string ErasureFile::read() const {
  const Descriptor file(path_, O_RDONLY);
  if (file.get() < 0) {
    if (errno == ENOENT) return "";
    throw_unavailable(path_, errno);
  }
  std::string text;
  std::array<char, 64 * 1024> chunk;
  while (true) {
    const ssize_t count = ::read(file.get(), chunk.data(), chunk.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_unavailable(path_, errno);
    if (count == 0) return text;
    text.append(chunk.data(), static_cast<std::size_t>(count));
  }
}

// Written with one call, so that two processes' lines do not mix.
Task<void> ErasureFile::add(std::string client_id) {
  ORDERLY_ASSERT(!client_id.empty() && client_id.find('\n') == std::string::npos);
  const std::lock_guard lock(mutex_);
  const std::string before = read();
  const std::vector<std::string> known = lines_of(before);
  if (std::ranges::find(known, client_id) != known.end()) co_return;
  const bool is_torn = !before.empty() && before.back() != '\n';
  const std::string line = (is_torn ? "\n" : "") + client_id + "\n";
  {
    const Descriptor file(path_, O_WRONLY | O_CREAT | O_APPEND);
    if (file.get() < 0) throw_unavailable(path_, errno);
    const ssize_t written = ::write(file.get(), line.data(), line.size());
    if (written != static_cast<ssize_t>(line.size())) throw_unavailable(path_, written < 0 ? errno : ENOSPC);
    if (::fsync(file.get()) != 0) throw_unavailable(path_, errno);
  }
  const std::string folder = std::filesystem::path(path_).parent_path().string();
  sync(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY);
}

Task<std::vector<std::string>> ErasureFile::all() {
  const std::lock_guard lock(mutex_);
  co_return lines_of(read());
}

}  // namespace orderly::embedded
