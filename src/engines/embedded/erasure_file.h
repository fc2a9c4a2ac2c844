// Who was erased, one id a line, in a file beside the data folder: a copy of the folder that is put back leaves it as
// it is.
#pragma once

#include <mutex>
#include <string>

#include "ports/erasures.h"

namespace orderly::embedded {

// Thread-safe. Blocks its caller for a sync; people are seldom erased. Two processes may append to one file.
class ErasureFile final : public ports::Erasures {
 public:
  // The file is made by the first add.
  explicit ErasureFile(std::string path) : path_(std::move(path)) {}

  Task<void> add(std::string client_id) override;
  Task<std::vector<std::string>> all() override;

 private:
  std::string read() const;

  const std::string path_;
  std::mutex mutex_;
};

}  // namespace orderly::embedded
