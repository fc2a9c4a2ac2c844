// ports::Blobs on Amazon S3: one bucket, private, encrypted by S3 (SSE-S3). Sources: Amazon S3 API Reference, PutObject
// (If-None-Match), GetObject; User Guide, "Conditional requests", "Presigned URLs".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engines/aws/service.h"
#include "ports/blobs.h"

namespace orderly::aws {

// What somebody else needs to send or fetch one file without credentials.
struct SignedTransfer {
  std::string method;  // "PUT", "GET"
  std::string url;
  https::Headers headers;  // must be sent as they are. Content-Length is not among them: every client sends it itself
};

// How the bucket is named in requests: in the path for peers on this machine, else in the host.
enum class BucketPlace { kPath, kHost };

// Thread-safe.
class S3Blobs final : public ports::Blobs {
 public:
  S3Blobs(Service& service, std::string bucket, BucketPlace place)
      : service_(service), bucket_(std::move(bucket)), place_(place) {}

  // Both throw Error(kUnavailable, "files-unavailable") when S3 refuses. Who asks must be allowed to list the bucket,
  // or S3 says of a file that is not there that it is forbidden.
  Task<bool> put_if_absent(std::string name, ports::Blob blob) override;
  Task<std::optional<ports::Blob>> get(std::string name) override;

  // Of all files whose names begin so, sorted. Throws like get.
  Task<std::vector<std::string>> names(std::string prefix);

  // A file of exactly `bytes` bytes and that type, sent by somebody else within `valid_for` (1 s to 7 days), as long as
  // there is none of that name.
  Task<SignedTransfer> sign_upload(std::string name, std::string content_type, std::uint64_t bytes, Duration valid_for);
  // `file_name`: under which a browser saves it ([A-Za-z0-9._-]); empty: as the browser likes.
  Task<SignedTransfer> sign_download(std::string name, Duration valid_for, std::string file_name);

  // Makes the bucket if it is missing; for local peers.
  Task<void> create_bucket(std::string region);
  // Throws Error(kUnavailable, "bucket-missing").
  Task<void> verify();

  static constexpr std::size_t kBytesMax = std::size_t{64} << 20;

 private:
  https::Request request(std::string method, std::string_view name) const;
  Task<bool> was_put_by(std::string name, std::string put_id);

  Service& service_;
  const std::string bucket_;
  const BucketPlace place_;
};

// S3's own endpoint of a bucket in a region.
std::string bucket_url(std::string_view bucket, std::string_view region);

}  // namespace orderly::aws
