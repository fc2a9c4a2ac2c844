// Walks over everything that the store holds, as of one moment.
#pragma once

#include <memory>

#include "engines/embedded/blobs.h"
#include "engines/embedded/key_value.h"
#include "ports/inspection.h"

namespace orderly::embedded {

// Thread-safe; what it is given must outlive it and its inspections. Large blobs are files, which are not part of the
// picture of the moment; they never change.
class EmbeddedInspectable : public ports::Inspectable {
 public:
  EmbeddedInspectable(const KeyValue& store, const BlobFolder& folder) : store_(store), folder_(folder) {}
  std::unique_ptr<ports::Inspection> inspect() override;

 private:
  const KeyValue& store_;
  const BlobFolder& folder_;
};

}  // namespace orderly::embedded
