#include "host/server/chunked_body.h"

#include <gtest/gtest.h>

#include <string>

namespace orderly::server {
namespace {

constexpr std::size_t kBytesMax = 100;

struct Outcome {
  int status = 0;  // of a fault
  bool complete = false;
  std::string body;
  std::size_t consumed = 0;
};

Outcome read(std::string_view bytes, std::size_t piece) {
  ChunkedBody chunks(kBytesMax);
  Outcome outcome;
  while (!bytes.empty() && !chunks.is_complete()) {
    std::size_t consumed = 0;
    if (const auto fault = chunks.feed(bytes.substr(0, piece), outcome.body, consumed)) {
      outcome.status = fault->status;
      return outcome;
    }
    outcome.consumed += consumed;
    bytes.remove_prefix(consumed);
  }
  outcome.complete = chunks.is_complete();
  return outcome;
}

TEST(ChunkedBody, IsReadInPiecesOfAnySize) {
  const std::string bytes = "5\r\nhello\r\n00b;name=\"v\"\r\n, big world\r\n0\r\n\r\n";
  for (std::size_t piece = 1; piece <= bytes.size() + 4; ++piece) {
    const Outcome outcome = read(bytes + "GET ", piece);
    EXPECT_TRUE(outcome.complete) << piece;
    EXPECT_EQ(outcome.body, "hello, big world") << piece;
    EXPECT_EQ(outcome.consumed, bytes.size()) << piece;
  }
}

TEST(ChunkedBody, RefusesWhatTwoServersCouldReadDifferently) {
  const std::pair<const char*, std::string> cases[] = {
      {"no size", "\r\nhello\r\n0\r\n\r\n"},
      {"a size of 9 digits", "000000005\r\nhello\r\n0\r\n\r\n"},
      {"a size with a prefix", "0x5\r\nhello\r\n0\r\n\r\n"},
      {"a negative size", "-5\r\nhello\r\n0\r\n\r\n"},
      {"a sign", "+5\r\nhello\r\n0\r\n\r\n"},
      {"a space before a size", " 5\r\nhello\r\n0\r\n\r\n"},
      {"a space after a size", "5 \r\nhello\r\n0\r\n\r\n"},
      {"no hexadecimal digit", "g\r\nhello\r\n0\r\n\r\n"},
      {"bare LF after a size", "5\nhello\r\n0\r\n\r\n"},
      {"bare CR after a size", "5\rhello\r\n0\r\n\r\n"},
      {"bare LF after the data", "5\r\nhello\n0\r\n\r\n"},
      {"more data than said", "5\r\nhello!\r\n0\r\n\r\n"},
      {"less data than said", "6\r\nhello\r\n0\r\n\r\n"},
      {"bare LF in an extension", "5;a\nhello\r\n0\r\n\r\n"},
      {"a control byte in an extension", std::string("5;a\0\r\nhello\r\n0\r\n\r\n", 18)},
      {"a long extension", "5;" + std::string(2000, 'a') + "\r\nhello\r\n0\r\n\r\n"},
      {"bare LF at the end", "0\r\n\n"},
      {"a trailer field", "0\r\nContent-Length: 5\r\n\r\n"},
  };
  for (const auto& [what, bytes] : cases) EXPECT_EQ(read(bytes, 1000).status, 400) << what;
}

TEST(ChunkedBody, RefusesTooLargeABodyBeforeItHasCome) {
  EXPECT_EQ(read("64\r\n", 10).status, 0);  // 100
  EXPECT_EQ(read("65\r\n", 10).status, 413);
  EXPECT_EQ(read("ffffffff\r\n", 10).status, 413);
  EXPECT_EQ(read("60\r\n" + std::string(96, 'a') + "\r\n5\r\n", 7).status, 413);
}

}  // namespace
}  // namespace orderly::server
