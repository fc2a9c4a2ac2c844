// Who was erased, as empty objects in the shop's bucket, which a table that is restored from a backup leaves as they
// are.
#pragma once

#include "engines/aws/s3_blobs.h"
#include "ports/erasures.h"

namespace orderly::aws {

// Thread-safe.
class S3Erasures final : public ports::Erasures {
 public:
  explicit S3Erasures(S3Blobs& blobs) : blobs_(blobs) {}

  Task<void> add(std::string client_id) override;
  Task<std::vector<std::string>> all() override;

 private:
  S3Blobs& blobs_;
};

}  // namespace orderly::aws
