// Certificates made for a test: an authority of its own, and what it signs.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace orderly::https::test {

// A certificate and its private key, in PEM.
struct Identity {
  std::string certificate;
  std::string key;
};

struct Validity {
  std::chrono::seconds from{-3600};  // counted from now
  std::chrono::seconds until{3600};
};

// A file of this test run, removed with it.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& content);
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile();
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class Authority {
 public:
  Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;
  ~Authority();

  // `names` as OpenSSL writes them: "DNS:localhost,IP:127.0.0.1".
  Identity issue(const std::string& names, Validity validity = {}) const;
  // A PEM file with its own certificate.
  const std::string& root_file() const { return root_file_->path(); }

 private:
  struct Secret;
  std::unique_ptr<Secret> secret_;
  std::optional<TemporaryFile> root_file_;
};

// Signed by nobody but itself.
Identity self_signed(const std::string& names);

}  // namespace orderly::https::test
