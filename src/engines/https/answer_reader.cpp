#include "engines/https/answer_reader.h"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>

#include "engines/https/text_rules.h"

namespace orderly::https {
namespace {

namespace http = boost::beast::http;
using BoostError = boost::system::error_code;

constexpr std::uint32_t kHeadBytesMax = 64 * 1024;
constexpr std::size_t kReadBytes = 16 * 1024;        // a TLS record
constexpr std::size_t kPendingBytesMax = 96 * 1024;  // not yet parsed: a whole head, or a chunk's line
constexpr int kInterimsMax = 16;
constexpr int kSwitchingProtocols = 101;

}  // namespace

AnswerReader::AnswerReader(bool is_head, std::size_t body_bytes_max)
    : is_head_(is_head), body_bytes_max_(body_bytes_max) {
  begin();
}

void AnswerReader::begin() {
  parser_.emplace();
  parser_->eager(true);
  parser_->skip(is_head_);
  parser_->header_limit(kHeadBytesMax);
  parser_->body_limit(body_bytes_max_);
}

boost::asio::mutable_buffer AnswerReader::prepare() { return bytes_.prepare(kReadBytes); }

AnswerReader::State AnswerReader::commit(std::size_t bytes) {
  if (bytes > 0) has_begun_ = true;
  bytes_.commit(bytes);
  for (;;) {
    const State state = parse();
    if (state != State::kWhole || !is_interim()) return state;
    // RFC 9110 section 15.2: any number of them may come before the answer; an answer that never comes is no answer.
    if (++interims_ > kInterimsMax) return broken("too many interim answers");
    begin();
  }
}

AnswerReader::State AnswerReader::finish() {
  if (!has_begun_ || !parser_->got_some()) return broken("closed without an answer");
  BoostError error;
  parser_->put_eof(error);
  if (error) return broken("the answer was cut off");
  return end_of_message();
}

AnswerReader::State AnswerReader::parse() {
  while (bytes_.size() > 0 && !parser_->is_done()) {
    BoostError error;
    const std::size_t used = parser_->put(bytes_.data(), error);
    bytes_.consume(used);
    if (error == http::error::need_more || (!error && used == 0)) break;
    if (error) return broken(error.message());
  }
  if (parser_->is_done()) return end_of_message();
  if (bytes_.size() > kPendingBytesMax) return broken("a line is too long");
  return State::kPartial;
}

AnswerReader::State AnswerReader::end_of_message() {
  if (parser_->get().result_int() == kSwitchingProtocols) return broken("the protocol was switched");
  if (!has_known_coding()) return broken("the transfer coding is not known");
  return State::kWhole;
}

bool AnswerReader::is_interim() const { return parser_->get().result_int() / 100 == 1; }

bool AnswerReader::has_known_coding() const {
  const auto& fields = parser_->get();
  const auto codings = fields.count(http::field::transfer_encoding);
  if (codings == 0) return true;
  return codings == 1 && boost::beast::iequals(fields[http::field::transfer_encoding], "chunked") &&
         fields.count(http::field::content_length) == 0;
}

bool AnswerReader::keeps_connection() const { return parser_->keep_alive() && bytes_.size() == 0; }

Response AnswerReader::take() {
  auto& message = parser_->get();
  Response response;
  response.status = static_cast<int>(message.result_int());
  for (const auto& field : message) {
    response.headers.emplace_back(lower_case({field.name_string().data(), field.name_string().size()}), field.value());
  }
  response.body = std::move(message.body());
  return response;
}

AnswerReader::State AnswerReader::broken(std::string fault) {
  fault_ = std::move(fault);
  return State::kBroken;
}

}  // namespace orderly::https
