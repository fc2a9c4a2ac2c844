// A client's own log: what it is about to send, then what came back, as text in a file, so that a long campaign needs
// little memory and whoever looks into a failure can read it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace orderly::crash {

// Where a text lies in the file.
struct Span {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
};

// Used by one thread. Throws std::system_error when the file fails. Nothing is synced: it is the server that dies.
class Journal {
 public:
  explicit Journal(const std::filesystem::path& path);
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  ~Journal();

  // A line with `heading`, then `text`. Returns where the text is.
  Span append(std::string_view heading, std::string_view text);
  std::string read(Span span) const;

 private:
  int file_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace orderly::crash
