#include "engines/embedded/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "base/error.h"

namespace orderly::embedded {
namespace {

[[noreturn]] void throw_unusable(const std::string& folder, const std::string& reason) {
  throw Error(ErrorCode::kUnavailable, "data-folder-unusable", "The data folder " + folder + " cannot be used.",
              reason);
}

}  // namespace

FolderLock::FolderLock(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw_unusable(folder, error.message());
  const std::string path = folder + "/LOCK.orderly";
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor_ < 0) throw_unusable(folder, std::generic_category().message(errno));
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return;
  const int reason = errno;
  ::close(descriptor_);
  if (reason != EWOULDBLOCK) throw_unusable(folder, std::generic_category().message(reason));
  throw Error(ErrorCode::kUnavailable, "data-folder-in-use",
              "The data folder " + folder + " is in use by another process.");
}

FolderLock::~FolderLock() { ::close(descriptor_); }

}  // namespace orderly::embedded
