#include "engines/https/answer_reader.h"

#include <gtest/gtest.h>

#include <cstring>

namespace orderly::https {
namespace {

using State = AnswerReader::State;

// What the reader makes of `text`, given in pieces of that size, and of the end of the connection after it.
State read(AnswerReader& reader, std::string_view text, std::size_t piece) {
  while (!text.empty()) {
    const auto room = reader.prepare();
    const std::size_t count = std::min({piece, text.size(), room.size()});
    std::memcpy(room.data(), text.data(), count);
    text.remove_prefix(count);
    const State state = reader.commit(count);
    if (state != State::kPartial) return state;
  }
  return reader.finish();
}

struct Row {
  std::string text;
  int status;
  std::string body;
  bool keeps_connection;
};

TEST(AnswerReader, ReadsAnswersHoweverTheyAreCutUp) {
  const Row table[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", true},
      {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, "", true},
      {"HTTP/1.1 200 \r\nContent-Length: 1\r\n\r\nx", 200, "x", true},
      {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx", 200, "x", false},
      {"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", 200, "x", false},
      {"HTTP/1.0 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\nx", 200, "x", true},
      {"HTTP/1.1 200 OK\r\n\r\nto the end", 200, "to the end", false},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n", 200,
       "abc0123456789", true},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Trailer: t\r\n\r\n", 200, "a", true},
      {"HTTP/1.1 204 No Content\r\n\r\n", 204, "", true},
      {"HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", 304, "", true},
      {"HTTP/1.1 301 Moved\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n", 301, "", true},
      {"HTTP/1.1 503 Slow Down\r\nContent-Length: 2\r\n\r\nno", 503, "no", true},
      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\nHTTP/1.1 200 OK\r\n"
       "Content-Length: 1\r\n\r\nx",
       200, "x", true},
  };
  for (const Row& row : table) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{7}, row.text.size()}) {
      AnswerReader reader(false, 100);
      ASSERT_EQ(read(reader, row.text, piece), State::kWhole) << row.text << reader.fault();
      EXPECT_EQ(reader.keeps_connection(), row.keeps_connection) << row.text;
      const Response response = reader.take();
      EXPECT_EQ(response.status, row.status) << row.text;
      EXPECT_EQ(response.body, row.body) << row.text;
    }
  }
}

TEST(AnswerReader, HeadersAreInLowerCaseAndRepeatedOnesTogether) {
  AnswerReader reader(false, 100);
  ASSERT_EQ(read(reader, "HTTP/1.1 200 OK\r\nX-Two: b\r\nETag: \"E\"\r\nx-two:  c \r\nContent-Length: 0\r\n\r\n", 1000),
            State::kWhole);
  const Response response = reader.take();
  EXPECT_EQ(response.headers, (Headers{{"x-two", "b"}, {"x-two", "c"}, {"etag", "\"E\""}, {"content-length", "0"}}));
  EXPECT_EQ(response.header("x-two"), "b");
  EXPECT_EQ(response.header("x-three"), std::nullopt);
}

TEST(AnswerReader, AnAnswerToHeadHasNoBody) {
  for (const std::string fields : {"Content-Length: 1000000\r\n", "Transfer-Encoding: chunked\r\n", ""}) {
    AnswerReader reader(true, 10);
    ASSERT_EQ(read(reader, "HTTP/1.1 200 OK\r\n" + fields + "\r\n", 1000), State::kWhole) << fields << reader.fault();
    EXPECT_TRUE(reader.keeps_connection()) << fields;
    EXPECT_EQ(reader.take().body, "");
  }
}

TEST(AnswerReader, WhatFollowsAnAnswerIsNeverTakenForTheNext) {
  AnswerReader reader(false, 100);
  ASSERT_EQ(read(reader, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 200 OK\r\n", 1000), State::kWhole);
  EXPECT_FALSE(reader.keeps_connection());
  EXPECT_EQ(reader.take().body, "x");
}

TEST(AnswerReader, ABodyOfJustTheLimitIsTakenAndOneByteMoreIsNot) {
  const std::string ten = "0123456789";
  const std::string eleven = ten + "x";
  const auto with_length = [](const std::string& body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  };
  const auto to_the_end = [](const std::string& body) { return "HTTP/1.1 200 OK\r\n\r\n" + body; };
  const auto chunked = [](const std::string& body) {
    std::string text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const char c : body) text += "1\r\n" + std::string(1, c) + "\r\n";
    return text + "0\r\n\r\n";
  };
  for (const auto& form :
       std::initializer_list<std::function<std::string(const std::string&)>>{with_length, to_the_end, chunked}) {
    AnswerReader fits(false, 10);
    EXPECT_EQ(read(fits, form(ten), 3), State::kWhole) << form(ten) << fits.fault();
    AnswerReader over(false, 10);
    EXPECT_EQ(read(over, form(eleven), 3), State::kBroken) << form(eleven);
  }
}

TEST(AnswerReader, WhatIsNoAnswerIsBroken) {
  const std::string table[] = {
      "",
      "HTTP/1.1 200 OK\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhell",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\nhello\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
      "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
      "HTTP/1.1 100 Continue\r\n\r\n",
      "HTTP/2 200 OK\r\n\r\n",
      "HTTP/1.1 20 OK\r\n\r\n",
      "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
      "SSH-2.0-OpenSSH_9.2\r\n",
      "\r\n\r\n\r\n\r\n",
  };
  for (const std::string& text : table) {
    AnswerReader reader(false, 100);
    EXPECT_EQ(read(reader, text, 1000), State::kBroken) << text;
    EXPECT_FALSE(reader.fault().empty()) << text;
    EXPECT_EQ(reader.has_begun(), !text.empty());
  }
}

TEST(AnswerReader, NothingGrowsWithoutEnd) {
  const std::string much(80'000, 'x');
  std::string interims;
  for (int i = 0; i < 1000; ++i) interims += "HTTP/1.1 103 Early Hints\r\n\r\n";
  std::string chunk_line = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + much + much;
  for (const std::string& text : {"HTTP/1.1 200 OK\r\nX: " + much + "\r\nContent-Length: 0\r\n\r\n",
                                  "HTTP/1.1 200 " + much, interims, chunk_line}) {
    AnswerReader reader(false, 100);
    EXPECT_EQ(read(reader, text, 16'384), State::kBroken) << text.substr(0, 60);
  }
  AnswerReader reader(false, 100);
  const std::string fits = "HTTP/1.1 200 OK\r\nX: " + much.substr(0, 60'000) + "\r\nContent-Length: 0\r\n\r\n";
  EXPECT_EQ(read(reader, fits, 16'384), State::kWhole) << reader.fault();
}

}  // namespace
}  // namespace orderly::https
