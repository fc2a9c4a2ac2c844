#include "host/server/system_random.h"

#include <string.h>
#include <sys/random.h>

#include <array>
#include <cerrno>

#include "base/error.h"

namespace orderly::server {

namespace {

void fetch(std::span<std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = ::getrandom(bytes.data(), bytes.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    ORDERLY_ASSERT(got > 0);  // the kernel has no other way to fail here, and going on without would be unsafe
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
}

class Page {
 public:
  ~Page() { ::explicit_bzero(bytes_.data(), bytes_.size()); }

  void take(std::span<std::uint8_t> wanted) {
    if (wanted.size() > bytes_.size() - used_) {
      fetch(bytes_);  // what was left of it is overwritten, never handed out
      used_ = 0;
    }
    std::copy_n(bytes_.data() + used_, wanted.size(), wanted.data());
    ::explicit_bzero(bytes_.data() + used_, wanted.size());
    used_ += wanted.size();
  }

  static constexpr std::size_t kBytes = 2048;

 private:
  std::array<std::uint8_t, kBytes> bytes_{};
  std::size_t used_ = kBytes;
};

}  // namespace

void SystemRandom::fill(std::span<std::uint8_t> bytes) {
  if (bytes.empty()) return;
  if (bytes.size() > Page::kBytes / 4) return fetch(bytes);
  thread_local Page page;
  page.take(bytes);
}

}  // namespace orderly::server
