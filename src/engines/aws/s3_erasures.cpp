#include "engines/aws/s3_erasures.h"

#include "base/error.h"
#include "base/text.h"

namespace orderly::aws {
namespace {

constexpr std::string_view kPrefix = "erasures/";

[[noreturn]] void throw_unavailable(const Error& cause) {
  throw Error(ErrorCode::kUnavailable, "erasures-unavailable", "The list of those who were erased cannot be used.",
              cause.detail());
}

}  // namespace

// Ids may have characters that names of files have not.
Task<void> S3Erasures::add(std::string client_id) {
  try {
    co_await blobs_.put_if_absent(std::string(kPrefix) + base64url_encode(client_id), {"", "text/plain"});
  } catch (const Error& error) {
    throw_unavailable(error);
  }
}

Task<std::vector<std::string>> S3Erasures::all() {
  std::vector<std::string> ids;
  try {
    for (const std::string& name : co_await blobs_.names(std::string(kPrefix))) {
      if (auto id = base64url_decode(name.substr(kPrefix.size()))) ids.push_back(*std::move(id));
    }
  } catch (const Error& error) {
    throw_unavailable(error);
  }
  co_return ids;
}

}  // namespace orderly::aws
