#include "engines/aws/s3_blobs.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "engines/aws/lease.h"
#include "engines/aws/own_records.h"

namespace orderly::aws {
namespace {

constexpr std::size_t kNameBytesMax = 512;
constexpr Duration kTimeout{60'000};
constexpr Duration kFirstByteTimeout{20'000};
constexpr int kPutsMax = 6;  // while others put the same name
constexpr std::string_view kPutId = "x-amz-meta-put";

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
         c == '/' || c == '-';
}

void check_name(std::string_view name) {
  const bool is_ours = !name.empty() && name.size() <= kNameBytesMax && name.find("..") == std::string_view::npos &&
                       std::ranges::all_of(name, is_name_character);
  if (!is_ours) throw Error(ErrorCode::kInternal, "bad-blob-name", "A file has a bad name.");
}

[[noreturn]] void throw_unavailable(std::string_view action, const https::Response& response) {
  throw_refused("files-unavailable", action, read_error(response));
}

// The texts of all elements of that name.
void append_elements(std::string_view xml, std::string_view name, std::vector<std::string>& texts) {
  const std::string opening = "<" + std::string(name) + ">";
  const std::string closing = "</" + std::string(name) + ">";
  for (std::size_t start = xml.find(opening); start != std::string_view::npos; start = xml.find(opening, start)) {
    start += opening.size();
    const std::size_t end = xml.find(closing, start);
    if (end == std::string_view::npos) return;
    texts.emplace_back(xml.substr(start, end - start));
  }
}

bool is_success(const https::Response& response) { return response.status / 100 == 2; }

}  // namespace

std::string bucket_url(std::string_view bucket, std::string_view region) {
  std::string url = "https://";
  url.append(bucket).append(".");
  return url + service_url("s3", region).substr(url.find("//") + 2);
}

https::Request S3Blobs::request(std::string method, std::string_view name) const {
  https::Request request;
  request.method = std::move(method);
  request.target = service_.base_path() + "/";
  if (place_ == BucketPlace::kPath) request.target += bucket_ + (name.empty() ? "" : "/");
  request.target += name;
  request.timeout = kTimeout;
  request.first_byte_timeout = kFirstByteTimeout;
  request.body_bytes_max = kBytesMax;
  return request;
}

// A put that is repeated after a lost answer may meet its own object: the object says whose it is.
Task<bool> S3Blobs::put_if_absent(std::string name, ports::Blob blob) {
  check_name(name);
  const std::string put_id = random_id(service_.context().random);
  for (int tries = 1;; ++tries) {
    https::Request put = request("PUT", name);
    put.headers = {{"Content-Type", blob.content_type},
                   {"If-None-Match", "*"},
                   {"x-amz-server-side-encryption", "AES256"},
                   {std::string(kPutId), put_id}};
    put.body = blob.bytes;
    const https::Response response = co_await service_.send(std::move(put), Repeat::kSafe);
    if (is_success(response)) co_return true;
    if (response.status == 412) co_return co_await was_put_by(name, put_id);
    if (response.status != 409 || tries == kPutsMax) throw_unavailable("PutObject", response);
    co_await back_off(service_.context(), tries);
  }
}

Task<bool> S3Blobs::was_put_by(std::string name, std::string put_id) {
  const https::Response response = co_await service_.send(request("HEAD", name), Repeat::kSafe);
  co_return is_success(response) && response.header(kPutId) == put_id;
}

Task<std::optional<ports::Blob>> S3Blobs::get(std::string name) {
  check_name(name);
  https::Response response = co_await service_.send(request("GET", name), Repeat::kSafe);
  if (response.status == 404) {
    if (read_error(response).error == "NoSuchBucket") throw_unavailable("GetObject", response);
    co_return std::nullopt;
  }
  if (!is_success(response)) throw_unavailable("GetObject", response);
  std::string content_type(response.header("content-type").value_or("application/octet-stream"));
  co_return ports::Blob{std::move(response.body), std::move(content_type)};
}

// ListObjectsV2, page after page. Names of ours need no escaping in XML.
Task<std::vector<std::string>> S3Blobs::names(std::string prefix) {
  check_name(prefix);
  std::vector<std::string> names;
  while (true) {
    https::Request list = request("GET", "");
    list.target += "?list-type=2&prefix=" + uri_encode(prefix);
    if (!names.empty()) list.target += "&start-after=" + uri_encode(names.back());
    const https::Response response = co_await service_.send(std::move(list), Repeat::kSafe);
    if (!is_success(response)) throw_unavailable("ListObjectsV2", response);
    const std::size_t known = names.size();
    append_elements(response.body, "Key", names);
    std::vector<std::string> is_truncated;
    append_elements(response.body, "IsTruncated", is_truncated);
    const bool has_more = is_truncated == std::vector<std::string>{"true"};
    if (!has_more || names.size() == known) co_return names;
  }
}

Task<SignedTransfer> S3Blobs::sign_upload(std::string name, std::string content_type, std::uint64_t bytes,
                                          Duration valid_for) {
  check_name(name);
  SignedTransfer transfer{"PUT", {}, {}};
  transfer.headers = {
      {"Content-Type", std::move(content_type)}, {"If-None-Match", "*"}, {"x-amz-server-side-encryption", "AES256"}};
  https::Request put = request("PUT", name);
  put.headers = transfer.headers;
  put.headers.emplace_back("Content-Length", std::to_string(bytes));
  transfer.url = co_await service_.presign(std::move(put), valid_for);
  co_return transfer;
}

Task<SignedTransfer> S3Blobs::sign_download(std::string name, Duration valid_for, std::string file_name) {
  check_name(name);
  https::Request get = request("GET", name);
  if (!file_name.empty()) {
    const bool is_plain = std::ranges::all_of(file_name, [](char c) { return is_name_character(c) && c != '/'; });
    if (!is_plain) throw Error(ErrorCode::kInternal, "bad-file-name", "A file is to be saved under a bad name.");
    get.target += "?response-content-disposition=" + uri_encode("attachment; filename=\"" + file_name + "\"");
  }
  SignedTransfer transfer{"GET", {}, {}};
  transfer.url = co_await service_.presign(std::move(get), valid_for);
  co_return transfer;
}

Task<void> S3Blobs::create_bucket(std::string region) {
  https::Request put = request("PUT", "");
  if (region != "us-east-1") {  // which is the default, and may not be named
    put.body = "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><LocationConstraint>" +
               region + "</LocationConstraint></CreateBucketConfiguration>";
  }
  const https::Response response = co_await service_.send(std::move(put), Repeat::kSafe);
  const bool is_there = response.status == 409 && read_error(response).error == "BucketAlreadyOwnedByYou";
  if (!is_success(response) && !is_there) throw_unavailable("CreateBucket", response);
}

Task<void> S3Blobs::verify() {
  const https::Response response = co_await service_.send(request("HEAD", ""), Repeat::kSafe);
  if (is_success(response)) co_return;
  throw Error(ErrorCode::kUnavailable, "bucket-missing", "The shop's bucket for files is missing.", bucket_);
}

}  // namespace orderly::aws
