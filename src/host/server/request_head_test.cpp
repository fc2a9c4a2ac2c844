#include "host/server/request_head.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/limits.h"

namespace orderly::server {
namespace {

// The status with which these bytes are refused; 0: accepted; -1: no whole head in them.
int status_of(std::string_view bytes) {
  HeadScanner scanner;
  if (const auto fault = scanner.scan(bytes)) return fault->status;
  if (scanner.head_bytes() == 0) return -1;
  RequestHead head;
  const auto fault = parse_request_head(bytes.substr(0, scanner.head_bytes()), head);
  return fault ? fault->status : 0;
}

RequestHead parse(std::string_view bytes) {
  RequestHead head;
  const auto fault = parse_request_head(bytes, head);
  EXPECT_FALSE(fault) << fault->detail;
  return head;
}

struct Case {
  const char* what;
  std::string bytes;
  int status;
};

void expect_statuses(const std::vector<Case>& cases) {
  for (const Case& c : cases) EXPECT_EQ(status_of(c.bytes), c.status) << c.what << ": " << c.bytes.substr(0, 200);
}

// A request with one more field after Host.
std::string with(const std::string& field) { return "POST /a HTTP/1.1\r\nHost: h\r\n" + field + "\r\n\r\n"; }
std::string with_host(const std::string& host) { return "GET / HTTP/1.1\r\nHost:" + host + "\r\n\r\n"; }
std::string with_target(const std::string& target) { return "GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n"; }
std::string with_line(const std::string& line) { return line + "\r\nHost: h\r\n\r\n"; }

TEST(RequestHead, AcceptsWhatOrdinaryClientsSend) {
  expect_statuses({
      {"a browser", "GET /orders?status=paid&x=%C3%A9 HTTP/1.1\r\nHost: shop.example:8080\r\nAccept: */*\r\n\r\n", 0},
      {"HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", 0},
      {"a body", with("Content-Length: 12"), 0},
      {"a chunked body", with("Transfer-Encoding: chunked"), 0},
      {"chunked in capitals", with("TRANSFER-ENCODING: Chunked"), 0},
      {"an empty value", with("X-Empty:"), 0},
      {"spaces around a value", with("X-A: \t b \t "), 0},
      {"a tab within a value", with("X-A: b\tc"), 0},
      {"bytes above ASCII in a value", with("X-A: \xc3\xa9"), 0},
      {"every byte of a token", with("!#$%&'*+-.^_`|~0aZ: x"), 0},
      {"brackets in a query", with_target("/a?b[]=1"), 0},
  });
}

TEST(RequestHead, RefusesALineEndThatIsNotCrLf) {
  expect_statuses({
      {"bare LF after the request line", "GET / HTTP/1.1\nHost: h\r\n\r\n", 400},
      {"bare LF after a field", "GET / HTTP/1.1\r\nHost: h\n\r\n\r\n", 400},
      {"bare LF at the end, at once", "GET / HTTP/1.1\r\nHost: h\r\n\n", 400},
      {"bare LF alone", "\n", 400},
      {"bare CR in a value", with("X-A: b\rX-B: c"), 400},
      {"bare CR in the target", with_target("/a\rb"), 400},
      {"CR CR LF", "GET / HTTP/1.1\r\r\nHost: h\r\n\r\n", 400},
      {"an empty line first", "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
  });
}

TEST(RequestHead, RefusesControlBytes) {
  for (int byte = 0; byte < 0x20; ++byte) {
    if (byte == '\t' || byte == '\r' || byte == '\n') continue;
    const std::string text(1, static_cast<char>(byte));
    EXPECT_EQ(status_of(with("X-A: b" + text + "c")), 400) << "in a value: " << byte;
    EXPECT_EQ(status_of(with("X-" + text + "A: b")), 400) << "in a name: " << byte;
    EXPECT_EQ(status_of(with_target("/a" + text)), 400) << "in a target: " << byte;
    EXPECT_EQ(status_of("GE" + text + with_line("T / HTTP/1.1")), 400) << "in a method: " << byte;
  }
  expect_statuses({{"DEL in a value", with("X-A: \x7f"), 400}, {"a tab in a target", with_target("/a\tb"), 400}});
}

TEST(RequestHead, RefusesFieldsThatTwoServersCouldReadDifferently) {
  expect_statuses({
      {"a folded line", with("X-A: b\r\n c"), 400},
      {"a folded line by tab", with("X-A: b\r\n\tc"), 400},
      {"the first field folded", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400},
      {"a space before the colon", with("Content-Length : 3"), 400},
      {"a tab before the colon", with("Transfer-Encoding\t: chunked"), 400},
      {"no name", with(": b"), 400},
      {"no colon", with("X-A"), 400},
      {"a name of a bad character", with("X(A): b"), 400},
      {"a name above ASCII", with("X-\xc3\xa9: b"), 400},
  });
}

TEST(RequestHead, WantsExactlyOneGoodHost) {
  expect_statuses({
      {"a name", with_host(" shop.example"), 0},
      {"a name and a port", with_host("localhost:65535"), 0},
      {"an IPv4 address", with_host(" 127.0.0.1:80"), 0},
      {"an IPv6 address", with_host(" [::1]:80"), 0},
      {"an IPv6 address alone", with_host(" [2001:db8::1]"), 0},
      {"none", "GET / HTTP/1.1\r\nAccept: */*\r\n\r\n", 400},
      {"none at all", "GET / HTTP/1.1\r\n\r\n", 400},
      {"empty", with_host(" "), 400},
      {"two", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"two equal ones", "GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", 400},
      {"two in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"a list", with_host(" a, b"), 400},
      {"a space", with_host(" a b"), 400},
      {"a path", with_host(" a/b"), 400},
      {"a user", with_host(" u@a"), 400},
      {"a port too large", with_host(" a:65536"), 400},
      {"a port of letters", with_host(" a:http"), 400},
      {"an empty port", with_host(" a:"), 400},
      {"a port alone", with_host(" :80"), 400},
      {"two ports", with_host(" a:1:2"), 400},
      {"an open bracket", with_host(" [::1"), 400},
      {"nothing in brackets", with_host(" []"), 400},
      {"text after the bracket", with_host(" [::1]a"), 400},
  });
}

TEST(RequestHead, RefusesAnyDoubtAboutTheBodysLength) {
  expect_statuses({
      {"conflicting lengths", with("Content-Length: 3\r\nContent-Length: 4"), 400},
      {"equal lengths twice", with("Content-Length: 3\r\nContent-Length: 3"), 400},
      {"a list of lengths", with("Content-Length: 3, 3"), 400},
      {"a sign", with("Content-Length: +3"), 400},
      {"a negative length", with("Content-Length: -3"), 400},
      {"hexadecimal", with("Content-Length: 0x3"), 400},
      {"a fraction", with("Content-Length: 3.0"), 400},
      {"an empty length", with("Content-Length:"), 400},
      {"a space within", with("Content-Length: 3 3"), 400},
      {"more than 64 bits", with("Content-Length: 18446744073709551617"), 400},
      {"coding and length", with("Transfer-Encoding: chunked\r\nContent-Length: 3"), 400},
      {"length and coding", with("Content-Length: 3\r\nTransfer-Encoding: chunked"), 400},
      {"unknown coding and length", with("Content-Length: 3\r\nTransfer-Encoding: xchunked"), 400},
      {"coding twice", with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), 400},
      {"coding repeated in a list", with("Transfer-Encoding: chunked, chunked"), 400},
      {"another coding", with("Transfer-Encoding: gzip"), 400},
      {"another coding first", with("Transfer-Encoding: gzip, chunked"), 400},
      {"identity", with("Transfer-Encoding: identity"), 400},
      {"an empty coding", with("Transfer-Encoding:"), 400},
      {"a coding with a parameter", with("Transfer-Encoding: chunked;q=1"), 400},
      {"a coding in quotes", with("Transfer-Encoding: \"chunked\""), 400},
      {"a coding behind a vertical tab", with("Transfer-Encoding: \vchunked"), 400},
      {"a coding in HTTP/1.0", "POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
  });
}

TEST(RequestHead, RefusesABrokenRequestLine) {
  expect_statuses({
      {"no version", with_line("GET /"), 400},
      {"HTTP/0.9", "GET /\r\n\r\n", 400},
      {"two spaces", with_line("GET  / HTTP/1.1"), 400},
      {"two spaces before the version", with_line("GET /  HTTP/1.1"), 400},
      {"a space at the end", with_line("GET / HTTP/1.1 "), 400},
      {"a space at the start", with_line(" GET / HTTP/1.1"), 400},
      {"a tab for a space", with_line("GET\t/ HTTP/1.1"), 400},
      {"a space in the target", with_line("GET /a b HTTP/1.1"), 400},
      {"a version in lower case", with_line("GET / http/1.1"), 400},
      {"a version of two digits", with_line("GET / HTTP/1.10"), 400},
      {"a version without a dot", with_line("GET / HTTP/11"), 400},
      {"a method of a bad character", with_line("G(T / HTTP/1.1"), 400},
      {"HTTP/1.2", with_line("GET / HTTP/1.2"), 505},
      {"HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"an unknown method", with_line("BREW / HTTP/1.1"), 501},
      {"a method in lower case", with_line("get / HTTP/1.1"), 501},
      {"CONNECT", with_line("CONNECT h:443 HTTP/1.1"), 501},
  });
}

TEST(RequestHead, WantsAPathForATarget) {
  expect_statuses({
      {"absolute form", with_target("http://h/"), 400},
      {"an asterisk", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"no slash", with_target("a"), 400},
      {"a fragment", with_target("/a#b"), 400},
      {"bytes above ASCII", with_target("/\xc3\xa9"), 400},
      {"a backslash", with_target("/a\\b"), 400},
      {"a quotation mark", with_target("/a\"b"), 400},
      {"a percent sign alone", with_target("/a%"), 400},
      {"one digit", with_target("/a%2"), 400},
      {"no hexadecimal digits", with_target("/a%zz"), 400},
      {"one hexadecimal digit", with_target("/a%2g"), 400},
      {"in the query", with_target("/a?b=%"), 400},
  });
}

TEST(RequestHead, KeepsItsLimits) {
  const std::size_t around = std::string("GET / HTTP/1.1").size();
  const std::string longest(limits::kRequestLineBytesMax - around, 'a');
  std::string fields;
  for (std::size_t i = 1; i < limits::kHeaderCountMax; ++i) fields += "X: y\r\n";
  const std::string start = "GET / HTTP/1.1\r\nHost: h\r\n";
  const std::string fill(limits::kHeaderBytesMax - start.size() - std::string("X: \r\n\r\n").size(), 'a');
  expect_statuses({
      {"a request line of 8 KiB", with_target("/" + longest), 0},
      {"one byte more", with_target("/" + longest + "a"), 414},
      {"one byte more, still coming", "GET /" + longest + std::string(20, 'a'), 414},
      {"100 fields", start + fields + "\r\n", 0},
      {"101 fields", start + fields + "X: y\r\n\r\n", 431},
      {"a head of 16 KiB", start + "X: " + fill + "\r\n\r\n", 0},
      {"one byte more", start + "X: " + fill + "a\r\n\r\n", 431},
      {"16 KiB without an end", start + "X: " + fill + "aaaaaa", 431},
  });
}

TEST(RequestHead, ComesInPiecesOfAnySize) {
  const std::string bytes = "POST /orders HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}";
  HeadScanner scanner;
  for (std::size_t length = 1; length <= bytes.size(); ++length) {
    ASSERT_FALSE(scanner.scan(bytes.substr(0, length)));
    EXPECT_EQ(scanner.head_bytes(), length < bytes.size() - 2 ? 0 : bytes.size() - 2) << length;
  }
}

TEST(RequestHead, SaysWhatWasSent) {
  const std::string bytes =
      "PATCH /a%20b?c=d HTTP/1.1\r\nHost: h\r\nX-First:  1 \r\nContent-Length: 007\r\nexpect: 100-Continue\r\n\r\n";
  const RequestHead head = parse(bytes);
  EXPECT_EQ(head.method, api::Method::kPatch);
  EXPECT_EQ(parse("TRACE / HTTP/1.1\r\nHost: h\r\n\r\n").method, api::Method::kTrace);
  EXPECT_EQ(head.target, "/a%20b?c=d");
  EXPECT_EQ(head.content_length, 7u);
  EXPECT_TRUE(head.expects_continue);
  EXPECT_TRUE(head.keeps_alive);
  EXPECT_FALSE(head.is_chunked);
  ASSERT_EQ(head.fields.size(), 4u);
  EXPECT_EQ(head.fields[1].name, "X-First");
  EXPECT_EQ(head.fields[1].value, "1");
}

TEST(RequestHead, KnowsWhenTheConnectionIsToStayOpen) {
  EXPECT_TRUE(parse("GET / HTTP/1.1\r\nHost: h\r\n\r\n").keeps_alive);
  EXPECT_FALSE(parse("GET / HTTP/1.1\r\nHost: h\r\nConnection: Close\r\n\r\n").keeps_alive);
  EXPECT_FALSE(parse("GET / HTTP/1.1\r\nHost: h\r\nConnection: x, ,close\r\n\r\n").keeps_alive);
  EXPECT_FALSE(parse("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nConnection: keep-alive\r\n\r\n").keeps_alive);
  EXPECT_FALSE(parse("GET / HTTP/1.0\r\n\r\n").keeps_alive);
  EXPECT_TRUE(parse("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keeps_alive);
}

TEST(RequestHead, KnowsOneExpectation) {
  EXPECT_EQ(status_of(with("Expect: 200-ok")), 417);
  EXPECT_EQ(status_of(with("Expect: 100-continue, x")), 417);
  EXPECT_FALSE(parse("POST / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n").expects_continue);
}

TEST(RequestHead, NothingOfTheLastRequestStays) {
  RequestHead head;
  ASSERT_FALSE(parse_request_head("POST / HTTP/1.0\r\nHost: h\r\nContent-Length: 5\r\n\r\n", head));
  ASSERT_FALSE(parse_request_head("GET /b HTTP/1.1\r\nHost: h\r\n\r\n", head));
  EXPECT_EQ(head.content_length, 0u);
  EXPECT_EQ(head.fields.size(), 1u);
  EXPECT_FALSE(head.is_http_1_0);
  EXPECT_TRUE(head.keeps_alive);
}

}  // namespace
}  // namespace orderly::server
