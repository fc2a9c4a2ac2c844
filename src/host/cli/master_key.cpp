#include <fcntl.h>
#include <unistd.h>

#include <fstream>

#include "base/error.h"
#include "base/text.h"
#include "host/cli/node.h"

namespace orderly::cli {

namespace {

[[noreturn]] void refuse(const std::filesystem::path& path, std::string_view why) {
  throw Error(ErrorCode::kUnavailable, "master-key-unusable", path.string() + " " + std::string(why));
}

// Written aside, synced, and renamed, so that there is never half a key.
void write_key(const std::filesystem::path& path, std::string_view text) {
  const std::filesystem::path aside = path.string() + ".new";
  const int file = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) refuse(path, "cannot be written");
  const bool written =
      ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
  ::close(file);
  if (!written || ::rename(aside.c_str(), path.c_str()) != 0) refuse(path, "cannot be written");
  const int folder = ::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) refuse(path, "cannot be synced");
  const bool synced = ::fsync(folder) == 0;
  ::close(folder);
  if (!synced) refuse(path, "cannot be synced");
}

ports::SecretKey parse_key(const std::filesystem::path& path, const std::string& text) {
  ports::SecretKey key;
  const auto bytes = from_hex(text);
  if (!bytes || bytes->size() != key.size()) refuse(path, "is not 64 hexadecimal digits");
  std::copy(bytes->begin(), bytes->end(), reinterpret_cast<char*>(key.data()));
  return key;
}

}  // namespace

ports::SecretKey parse_master_key(const std::string& text) { return parse_key("the master key", text); }

ports::SecretKey load_master_key(const std::filesystem::path& folder, ports::Random& random) {
  const std::filesystem::path path = folder / "master.key";
  std::ifstream file(path);
  if (file) {
    std::string text;
    std::getline(file, text);
    return parse_key(path, text);
  }
  if (std::filesystem::exists(path)) refuse(path, "cannot be read");
  // Personal data sealed under a key that is gone is gone: do not go on as if nothing were missing.
  if (std::filesystem::exists(folder / "simulated-payments")) refuse(path, "is missing from a folder that holds data");
  ports::SecretKey key;
  random.fill(key);
  write_key(path, to_hex(key) + "\n");
  return key;
}

}  // namespace orderly::cli
