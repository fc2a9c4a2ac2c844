// Files: PDFs now, product images later. Written once under a name, never changed.
#pragma once

#include <optional>
#include <string>

#include "ports/task.h"

namespace orderly::ports {

struct Blob {
  std::string bytes;
  std::string content_type;
};

class Blobs {
 public:
  virtual ~Blobs() = default;

  // Durable when it returns. True: written now. False: there was one of that name already, untouched. Names are made by
  // us ([A-Za-z0-9._/-], no "..", at most 512 bytes); a name of another form throws Error(kInternal). Safe to repeat.
  virtual Task<bool> put_if_absent(std::string name, Blob blob) = 0;
  virtual Task<std::optional<Blob>> get(std::string name) = 0;
};

}  // namespace orderly::ports
