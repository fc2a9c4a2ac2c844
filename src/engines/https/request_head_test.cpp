#include "engines/https/request_head.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace orderly::https {
namespace {

Request request(std::string method, std::string body = "") {
  Request made;
  made.method = std::move(method);
  made.endpoint = {true, "example.com", 443};
  made.body = std::move(body);
  return made;
}

TEST(RequestHead, IsWhatTheRequestSays) {
  Request made = request("POST", "12345");
  made.endpoint.port = 8443;
  made.target = "/a?b=c";
  made.headers = {{"X-One", "1"}, {"x-two", "a\tb \xc3\xa4"}, {"X-Empty", ""}};
  EXPECT_EQ(make_request_head(made),
            "POST /a?b=c HTTP/1.1\r\nHost: example.com:8443\r\nX-One: 1\r\nx-two: a\tb \xc3\xa4\r\nX-Empty: \r\n"
            "Content-Length: 5\r\n\r\n");
}

TEST(RequestHead, AnnouncesAnEmptyBodyWhereOneIsExpected) {
  for (const char* method : {"POST", "PUT", "PATCH"}) {
    EXPECT_NE(make_request_head(request(method)).find("\r\nContent-Length: 0\r\n\r\n"), std::string::npos) << method;
  }
  for (const char* method : {"GET", "HEAD", "DELETE"}) {
    EXPECT_EQ(make_request_head(request(method)).find("Content-Length"), std::string::npos) << method;
    EXPECT_NE(make_request_head(request(method, "x")).find("\r\nContent-Length: 1\r\n\r\n"), std::string::npos);
  }
}

void expect_refused(const Request& made, const std::string& what) {
  try {
    make_request_head(made);
    ADD_FAILURE() << "taken: " << what;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInternal) << what;
    EXPECT_EQ(error.slug(), "malformed-request") << what;
  }
}

TEST(RequestHead, NothingCanBeSmuggledIn) {
  using namespace std::string_literals;
  for (const std::string& bad : {"\r"s, "\n"s, "\r\nX: y"s, "\0"s, "\x7f"s, "\x01"s}) {
    Request made = request("GET" + bad);
    expect_refused(made, "method");
    made = request("GET");
    made.target = "/a" + bad;
    expect_refused(made, "target");
    made = request("GET");
    made.headers = {{"X-Name" + bad, "value"}};
    expect_refused(made, "name");
    made.headers = {{"X-Name", "val" + bad + "ue"}};
    expect_refused(made, "value");
    made = request("GET");
    made.endpoint.host += bad;
    expect_refused(made, "host");
  }
}

TEST(RequestHead, WhatIsNoRequestIsRefused) {
  for (const char* method : {"", "GET /", "G T", "CONNECT"}) expect_refused(request(method), method);
  for (const char* target : {"", "path", "/a b", "/a#b", "/\xc3\xa4", "http://example.com/"}) {
    Request made = request("GET");
    made.target = target;
    expect_refused(made, target);
  }
  for (const char* host : {"", "a b", "[::1]", "a/b", "a:80"}) {
    Request made = request("GET");
    made.endpoint.host = host;
    expect_refused(made, host);
  }
  for (const char* name : {"", "a b", "a:", "Host", "content-length", "Connection", "Transfer-Encoding"}) {
    Request made = request("GET");
    made.headers = {{name, "x"}};
    expect_refused(made, name);
  }
}

}  // namespace
}  // namespace orderly::https
