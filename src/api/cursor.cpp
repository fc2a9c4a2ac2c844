#include "api/cursor.h"

#include "base/error.h"
#include "base/text.h"

namespace orderly::api {

namespace {

constexpr std::size_t kTagBytes = 16;

std::string to_string(const ports::Digest& digest) { return std::string(ports::bytes_of(digest)); }

}  // namespace

CursorSeal::CursorSeal(const ports::Crypto& crypto, const ports::SecretKey& master_key) : crypto_(crypto) {
  key_ =
      to_string(crypto.hmac_sha256(ports::bytes_of(master_key), "list cursors"));  // a key of its own for each purpose
}

std::string CursorSeal::tag(std::string_view cursor, std::string_view list) const {
  const std::string text = std::to_string(list.size()) + ":" + std::string(list) + std::string(cursor);
  return to_string(crypto_.hmac_sha256(key_, text)).substr(0, kTagBytes);
}

std::string CursorSeal::seal(std::string_view cursor, std::string_view list) const {
  return base64url_encode(tag(cursor, list) + std::string(cursor));
}

std::string CursorSeal::open(std::string_view text, std::string_view list) const {
  if (text.empty()) return {};
  const auto bytes = base64url_decode(text);
  if (bytes && bytes->size() > kTagBytes) {
    std::string cursor = bytes->substr(kTagBytes);
    if (ports::equal_in_constant_time(bytes->substr(0, kTagBytes), tag(cursor, list))) return cursor;
  }
  throw_invalid("?cursor", "is not a cursor of this list");
}

}  // namespace orderly::api
