#include "tests/crash/journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace orderly::crash {

namespace {

[[noreturn]] void fail() { throw std::system_error(errno, std::generic_category(), "a client's journal"); }

}  // namespace

Journal::Journal(const std::filesystem::path& path)
    : file_(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) {
  if (file_ < 0) fail();
}

Journal::~Journal() { ::close(file_); }

Span Journal::append(std::string_view heading, std::string_view text) {
  std::string bytes;
  bytes.reserve(heading.size() + text.size() + 2);
  bytes.append(heading).append("\n").append(text).append("\n");
  if (::write(file_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) fail();
  const Span span{size_ + heading.size() + 1, text.size()};
  size_ += bytes.size();
  return span;
}

std::string Journal::read(Span span) const {
  std::string text(span.bytes, '\0');
  const ssize_t count = ::pread(file_, text.data(), text.size(), static_cast<off_t>(span.offset));
  if (count != static_cast<ssize_t>(text.size())) fail();
  return text;
}

}  // namespace orderly::crash
