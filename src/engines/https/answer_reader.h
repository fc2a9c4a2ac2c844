// An answer taken apart as its bytes come, within limits. Knows no socket.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstddef>
#include <optional>
#include <string>

#include "engines/https/client.h"

namespace orderly::https {

class AnswerReader {
 public:
  enum class State { kPartial, kWhole, kBroken };

  // `is_head`: the answer to HEAD, which has no body whatever it says.
  AnswerReader(bool is_head, std::size_t body_bytes_max);

  // Where the next bytes go; commit() says how many came, finish() that no more will.
  boost::asio::mutable_buffer prepare();
  State commit(std::size_t bytes);
  State finish();

  // Whether any byte came.
  bool has_begun() const { return has_begun_; }
  // Of a whole answer: whether the connection may serve another request.
  bool keeps_connection() const;
  // Of a broken one.
  const std::string& fault() const { return fault_; }
  // Of a whole one; leaves nothing behind.
  Response take();

 private:
  using Parser = boost::beast::http::parser<false, boost::beast::http::string_body>;

  void begin();
  bool is_interim() const;
  // Whether the body's length is said in a way that everybody understands alike.
  bool has_known_coding() const;
  State parse();
  State end_of_message();
  State broken(std::string fault);

  const bool is_head_;
  const std::size_t body_bytes_max_;
  std::optional<Parser> parser_;
  boost::beast::flat_buffer bytes_;
  bool has_begun_ = false;
  int interims_ = 0;
  std::string fault_;
};

}  // namespace orderly::https
