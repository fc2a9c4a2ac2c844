#include <gtest/gtest.h>

#include "base/error.h"
#include "engines/https/client.h"

namespace orderly::https {
namespace {

struct Good {
  std::string_view url;
  Endpoint endpoint;
  std::string_view target;
  std::string_view host_header;
};

TEST(Url, IsTakenApart) {
  const Good table[] = {
      {"https://example.com", {true, "example.com", 443}, "/", "example.com"},
      {"http://example.com", {false, "example.com", 80}, "/", "example.com"},
      {"https://example.com/", {true, "example.com", 443}, "/", "example.com"},
      {"HTTPS://Example.COM/Path", {true, "example.com", 443}, "/Path", "example.com"},
      {"https://example.com:443/", {true, "example.com", 443}, "/", "example.com"},
      {"https://example.com:80/", {true, "example.com", 80}, "/", "example.com:80"},
      {"http://example.com:80/", {false, "example.com", 80}, "/", "example.com"},
      {"http://example.com:443/", {false, "example.com", 443}, "/", "example.com:443"},
      {"https://example.com:65535", {true, "example.com", 65535}, "/", "example.com:65535"},
      {"https://example.com?a=b", {true, "example.com", 443}, "/?a=b", "example.com"},
      {"https://example.com/a/b?c=d&e=/f?", {true, "example.com", 443}, "/a/b?c=d&e=/f?", "example.com"},
      {"https://example.com/a@b:c", {true, "example.com", 443}, "/a@b:c", "example.com"},
      {"https://example.com/%0D%0A", {true, "example.com", 443}, "/%0D%0A", "example.com"},
      {"http://127.0.0.1:8000/x", {false, "127.0.0.1", 8000}, "/x", "127.0.0.1:8000"},
      {"http://[::1]:8000/x", {false, "::1", 8000}, "/x", "[::1]:8000"},
      {"https://[2001:DB8::1]", {true, "2001:db8::1", 443}, "/", "[2001:db8::1]"},
      {"https://a_b.example-c.com", {true, "a_b.example-c.com", 443}, "/", "a_b.example-c.com"},
  };
  for (const Good& row : table) {
    const Url url = parse_url(row.url);
    EXPECT_EQ(url.endpoint, row.endpoint) << row.url;
    EXPECT_EQ(url.target, row.target) << row.url;
    EXPECT_EQ(url.endpoint.host_header(), row.host_header) << row.url;
  }
}

TEST(Url, OtherTextIsRefusedWithoutBeingTold) {
  const std::string_view table[] = {
      "",
      "example.com",
      "//example.com",
      "https:/example.com",
      "https:example.com",
      "ftp://example.com",
      "wss://example.com",
      " https://example.com",
      "https://",
      "https:///path",
      "https://:443",
      "https://user@example.com",
      "https://user:secret@example.com/",
      "https://example.com#part",
      "https://example.com/#part",
      "https://example.com:",
      "https://example.com:/",
      "https://example.com:0",
      "https://example.com:65536",
      "https://example.com:-1",
      "https://example.com:+1",
      "https://example.com: 80",
      "https://example.com:80:80",
      "https://example.com:8x",
      "https://exa mple.com",
      "https://exa\r\nmple.com",
      "https://ex\xc3\xa4mple.com",
      "https://exa%6dple.com",
      "https://example.com/a b",
      "https://example.com/a\r\nX: y",
      "https://example.com/\xc3\xa4",
      "https://example.com\\@other.com",
      "https://::1/",
      "https://[::1",
      "https://[::1]x",
      "https://[::1%eth0]/",
      "https://[example.com]/",
      "https://[]/",
      std::string_view("https://example.com/\0", 21),
  };
  for (const std::string_view text : table) {
    try {
      parse_url(text);
      ADD_FAILURE() << "taken: " << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInternal) << text;
      EXPECT_EQ(error.slug(), "malformed-url") << text;
      EXPECT_EQ(std::string(error.what()).find("secret"), std::string::npos) << text;
    }
  }
}

}  // namespace
}  // namespace orderly::https
