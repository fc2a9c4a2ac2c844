#include "engines/https/call.h"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <exception>

#include "base/error.h"
#include "engines/https/answer_reader.h"
#include "engines/https/within.h"

namespace orderly::https {
namespace {

namespace asio = boost::asio;

std::string milliseconds(Duration duration) { return std::to_string(duration.count()) + " ms"; }

class Call {
 public:
  Call(std::shared_ptr<Pool> pool, Request request, std::string head, asio::any_io_executor executor,
       asio::any_io_executor strand);

  Task<Response> perform();

 private:
  enum class Outcome {
    kAnswered,
    kFailed,
    kNotTaken,  // the peer had closed the connection, or closed it without a byte of an answer
  };

  Task<void> run();
  Task<void> watch();
  Task<Outcome> exchange(Connection& connection);
  Task<Outcome> receive(Connection& connection);
  Outcome lost(const std::string& fault, const boost::system::error_code& error);
  Duration first_byte_time_left() const;
  [[noreturn]] void throw_failure(std::exception_ptr unexpected, bool is_cancelled);

  const std::shared_ptr<Pool> pool_;
  const Request request_;
  const std::string head_;
  Lease lease_;
  AnswerReader answer_;

  bool is_written_ = false;          // a byte of the request as it is sent now
  bool may_have_been_done_ = false;  // a byte of it was written, now or on an earlier connection
  std::optional<Time> written_at_;   // its last byte, while the answer's first is awaited
  std::string overdue_;              // what took too long
  std::string fault_;
  std::optional<Response> response_;
};

Call::Call(std::shared_ptr<Pool> pool, Request request, std::string head, asio::any_io_executor executor,
           asio::any_io_executor strand)
    : pool_(std::move(pool)),
      request_(std::move(request)),
      head_(std::move(head)),
      lease_(pool_, request_.endpoint, std::move(executor), std::move(strand)),
      answer_(request_.method == "HEAD", request_.body_bytes_max) {}

Task<Response> Call::perform() {
  const auto strand = co_await asio::this_coro::executor;
  const auto [order, run_error, watch_error] =
      co_await asio::experimental::make_parallel_group(asio::co_spawn(strand, run(), asio::deferred),
                                                       asio::co_spawn(strand, watch(), asio::deferred))
          .async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  if (response_) co_return std::move(*response_);
  const auto cancellation = co_await asio::this_coro::cancellation_state;
  const bool is_cancelled = cancellation.cancelled() != asio::cancellation_type::none;
  throw_failure(run_error ? run_error : watch_error, is_cancelled);
}

// Ends with an answer, or a fault, or (cancelled) an exception.
Task<void> Call::run() {
  if (!co_await lease_.wait()) co_return;
  if (const auto kept = lease_.take_kept()) {
    const Outcome outcome = co_await exchange(*kept);
    const bool is_repeated = outcome == Outcome::kNotTaken && (!is_written_ || request_.safe_to_repeat);
    if (!is_repeated) co_return;
  }
  const auto fresh = lease_.make_connection();
  if (fresh == nullptr) co_return;
  const auto opened = co_await within(pool_->clock(), request_.connect_timeout,
                                      fresh->open(request_.endpoint, request_.connect_timeout));
  fault_ = opened.value_or("no connection within " + milliseconds(request_.connect_timeout));
  if (fault_.empty()) co_await exchange(*fresh);
}

Task<Call::Outcome> Call::exchange(Connection& connection) {
  const Transfer written = co_await connection.write({asio::buffer(head_), asio::buffer(request_.body)});
  is_written_ = written.bytes > 0;
  if (is_written_) may_have_been_done_ = true;
  if (written.error && !is_written_) {
    co_return lost("closed before anything was sent: " + written.error.message(), written.error);
  }
  // A peer that takes no more of a request may have answered it already.
  written_at_ = pool_->clock().now();
  const Outcome outcome = co_await receive(connection);
  written_at_.reset();
  if (outcome != Outcome::kAnswered) co_return outcome;
  const bool keep = !written.error && answer_.keeps_connection();
  response_ = answer_.take();
  lease_.release(keep);
  co_return outcome;
}

Task<Call::Outcome> Call::receive(Connection& connection) {
  for (;;) {
    const Transfer read = co_await connection.read_some(answer_.prepare());
    if (read.bytes > 0) written_at_.reset();
    const bool is_closed = read.error == asio::error::eof;
    if (read.error && !is_closed) {
      co_return lost("no whole answer: " + read.error.message(), read.error);
    }
    const auto state = is_closed ? answer_.finish() : answer_.commit(read.bytes);
    if (state == AnswerReader::State::kWhole) co_return Outcome::kAnswered;
    if (state == AnswerReader::State::kBroken) {
      co_return lost("no whole answer: " + answer_.fault(), {});
    }
  }
}

Call::Outcome Call::lost(const std::string& fault, const boost::system::error_code& error) {
  fault_ = fault;
  const bool is_ended_here = error == asio::error::operation_aborted;
  return answer_.has_begun() || is_ended_here ? Outcome::kFailed : Outcome::kNotTaken;
}

// Ends when the call is overdue. Sleeps to the first moment at which it can be, so that a quick call costs one timer,
// set and cancelled. What was slept is counted, not the clock's time, which may jump.
Task<void> Call::watch() {
  Duration elapsed{0};
  do {
    const Duration next = std::max(std::min(request_.timeout - elapsed, first_byte_time_left()), Duration{1});
    co_await pool_->clock().sleep(next);
    elapsed += next;
    if (elapsed >= request_.timeout) {
      overdue_ = "no whole answer within " + milliseconds(request_.timeout);
    } else if (first_byte_time_left() <= Duration{0}) {
      overdue_ = "no answer within " + milliseconds(request_.first_byte_timeout);
    }
  } while (overdue_.empty());
}

// At least that long the first byte cannot be overdue.
Duration Call::first_byte_time_left() const {
  if (answer_.has_begun()) return Duration::max();
  if (!written_at_) return request_.first_byte_timeout;
  return request_.first_byte_timeout - std::max(pool_->clock().now() - *written_at_, Duration{0});
}

void Call::throw_failure(std::exception_ptr unexpected, bool is_cancelled) {
  const std::string where = (request_.endpoint.tls ? "https://" : "http://") + request_.endpoint.host_header() + ": ";
  if (pool_->is_stopped()) {
    throw Error(ErrorCode::kUnavailable, "stopping", "The server is stopping.", where + "ended by stop()");
  }
  if (overdue_.empty() && is_cancelled) throw boost::system::system_error(asio::error::operation_aborted);
  if (overdue_.empty() && fault_.empty() && unexpected) std::rethrow_exception(unexpected);
  const std::string& cause = overdue_.empty() ? fault_ : overdue_;
  if (may_have_been_done_) {
    throw Error(ErrorCode::kUnavailable, "answer-lost", "A service that this one relies on gave no answer.",
                where + cause);
  }
  throw Error(ErrorCode::kUnavailable, "peer-unreachable", "A service that this one relies on cannot be reached.",
              where + cause);
}

}  // namespace

Task<Response> call(std::shared_ptr<Pool> pool, Request request, std::string head, asio::any_io_executor executor) {
  const auto strand = co_await asio::this_coro::executor;
  Call call(std::move(pool), std::move(request), std::move(head), std::move(executor), strand);
  co_return co_await call.perform();
}

}  // namespace orderly::https
