#include "bench/http_answer.h"

#include <gtest/gtest.h>

#include <string>

namespace orderly::bench {
namespace {

using State = ParsedAnswer::State;

TEST(ParseAnswer, ReadsStatusAndLength) {
  const std::string text = "HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 5\r\n\r\nhello";
  const ParsedAnswer answer = parse_answer(text);
  EXPECT_EQ(answer.state, State::kComplete);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body_bytes, 5u);
  EXPECT_EQ(answer.bytes(), text.size());
  EXPECT_FALSE(answer.closes);
}

TEST(ParseAnswer, EveryProperPrefixOfAnAnswerIsIncomplete) {
  const std::string text = "HTTP/1.1 409 Conflict\r\ncontent-type: a\r\ncontent-length: 12\r\n\r\n{\"status\":1}";
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_EQ(parse_answer(std::string_view(text).substr(0, size)).state, State::kIncomplete) << size;
  }
  EXPECT_EQ(parse_answer(text).state, State::kComplete);
}

TEST(ParseAnswer, WhatFollowsIsNotPartOfIt) {
  const std::string first = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab";
  const ParsedAnswer answer = parse_answer(first + "HTTP/1.1 500 X\r\n");
  EXPECT_EQ(answer.state, State::kComplete);
  EXPECT_EQ(answer.bytes(), first.size());
}

TEST(ParseAnswer, NamesOfHeadersHaveAnyCase) {
  EXPECT_EQ(parse_answer("HTTP/1.1 200 OK\r\nCONTENT-LENGTH:3\r\nConnection: close\r\n\r\nabc").body_bytes, 3u);
  EXPECT_TRUE(parse_answer("HTTP/1.1 200 OK\r\ncontent-length: 0 \r\nCONNECTION: close\r\n\r\n").closes);
}

TEST(ParseAnswer, SomeStatusesHaveNoBody) {
  EXPECT_EQ(parse_answer("HTTP/1.1 204 No Content\r\n\r\n").state, State::kComplete);
  const std::string not_modified = "HTTP/1.1 304 Not Modified\r\nContent-Length: 90\r\n\r\n";
  EXPECT_EQ(parse_answer(not_modified).bytes(), not_modified.size());
}

TEST(ParseAnswer, WhatItCannotFrameIsMalformed) {
  for (const char* text : {
           "HTTP/1.1 200 OK\r\n\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
           "HTTP/1.1 2x0 OK\r\nContent-Length: 0\r\n\r\n",
           "HTTP/1.1 020 OK\r\nContent-Length: 0\r\n\r\n",
           "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
           "SSH-2.0-OpenSSH",
       }) {
    EXPECT_EQ(parse_answer(text).state, State::kMalformed) << text;
  }
  EXPECT_EQ(parse_answer("HTTP/1.1 200 OK\r\n" + std::string(20'000, 'a')).state, State::kMalformed);
}

}  // namespace
}  // namespace orderly::bench
