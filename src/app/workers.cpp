#include "app/workers.h"

#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/concurrent_channel.hpp>
#include <boost/asio/this_coro.hpp>

#include "app/draft.h"
#include "app/fulfilment.h"
#include "app/invoices.h"
#include "app/mails.h"
#include "app/payment_worker.h"

namespace orderly::app {

namespace {

namespace asio = boost::asio;
using ports::Message;
using ports::QueueName;

constexpr Duration kReceiveWait = std::chrono::seconds(20);  // SQS's longest: each look at it is paid
constexpr Duration kQueuePause = std::chrono::seconds(1);    // after a failure of the queue
constexpr std::size_t kExpiredAtOnceMax = 100;
constexpr Duration kWholeLookInterval = std::chrono::hours(1);

// What a handler threw.
struct Failure {
  Remedy remedy = Remedy::kRetryLater;
  std::string slug;
  std::string detail;
  bool passes_by_itself = false;  // waiting is all that it takes: nobody need look
};

// Of the exception being handled; nothing when it only says that the work was done already. Call it in a catch block.
std::optional<Failure> failure_of_current_exception() {
  try {
    throw;
  } catch (const AlreadyDone&) {
    return std::nullopt;
  } catch (const Error& error) {
    const bool passes = error.code() == ErrorCode::kUnavailable || error.code() == ErrorCode::kContention;
    return Failure{remedy_for(error.code()), error.slug(), error.detail(), passes};
  } catch (const std::exception& error) {
    return Failure{Remedy::kRetryLater, "internal", error.what(), false};
  } catch (...) {
    return Failure{Remedy::kRetryLater, "internal", {}, false};
  }
}

Task<void> dispatch(App& app, Message message) {
  switch (message.receipt.queue) {
    case QueueName::kPayments: return handle_payment(app, std::move(message));
    case QueueName::kRefunds: return handle_refund(app, std::move(message));
    case QueueName::kInvoices: return issue_invoices(app, {std::move(message)});
    case QueueName::kDocuments: return handle_document(app, std::move(message));
    case QueueName::kFulfilment: return handle_fulfilment(app, std::move(message));
    case QueueName::kMails: return handle_mail(app, std::move(message));
  }
  throw_broken("a message of a queue that is not known");
}

Task<std::optional<Failure>> try_dispatch(App& app, Message message) {
  try {
    co_await dispatch(app, std::move(message));
  } catch (...) {
    co_return failure_of_current_exception();
  }
  co_return std::nullopt;
}

Task<std::optional<Failure>> try_issue(App& app, std::vector<Message> batch) {
  try {
    co_await issue_invoices(app, std::move(batch));
  } catch (...) {
    co_return failure_of_current_exception();
  }
  co_return std::nullopt;
}

void raise_alarm(App& app, const Message& message, std::string_view slug, const Failure& failure) {
  app.monitor.alarm(slug, message.receipt.message_id,
                    std::string(ports::name_of(message.receipt.queue)) + ": " + failure.slug + " " + failure.detail);
}

// Where the queue cannot take it either, the message comes again by itself after its visibility timeout.
Task<void> give_back(App& app, const Message& message, const Failure& failure) {
  const bool is_last = message.attempts >= limits::kDeliveriesMax;
  if (failure.remedy == Remedy::kBury || is_last) raise_alarm(app, message, "message-dead", failure);
  try {
    if (failure.remedy == Remedy::kBury) {
      co_await app.queue.bury(message, failure.slug);
    } else {
      co_await app.queue.retry_later(message, retry_delay(message.attempts), failure.slug);
    }
  } catch (const std::exception&) {
    co_return;
  }
}

Task<void> handle(App& app, Message message) {
  const std::optional<Failure> failure = co_await try_dispatch(app, message);
  if (failure) co_await give_back(app, message, *failure);
}

// Never throws: without the queue there is nothing to do but to wait for it.
Task<std::vector<Message>> receive(App& app, QueueName queue, std::size_t max, const std::stop_token& stop) {
  try {
    co_return co_await app.queue.receive(queue, max, kReceiveWait, stop);
  } catch (const std::exception&) {
  }
  co_await ports::sleep_unless_stopped(app.clock, kQueuePause, stop);
  co_return std::vector<Message>{};
}

// Places for messages under way: a channel that holds one element for each, and makes who wants another wait. Shared by
// the loop and its handlers, since the last of them may still be inside `leave` when the loop ends.
class Places {
 public:
  explicit Places(const asio::any_io_executor& executor) : channel_(executor, kMessagesUnderWayMax) {}

  Task<void> take() { co_await channel_.async_send({}, asio::use_awaitable); }
  bool try_take() { return channel_.try_send(boost::system::error_code{}); }
  void leave() {
    channel_.try_receive([](boost::system::error_code) {});
  }

 private:
  asio::experimental::concurrent_channel<void(boost::system::error_code)> channel_;
};

Task<void> handle_in_place(App& app, Message message, std::shared_ptr<Places> places) {
  co_await handle(app, std::move(message));
  places->leave();
}

Task<void> run_concurrently(App& app, QueueName queue, const std::stop_token& stop) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const auto places = std::make_shared<Places>(executor);
  while (!stop.stop_requested()) {
    co_await places->take();
    std::size_t taken = 1;
    while (taken < limits::kReceiveMax && places->try_take()) ++taken;
    std::vector<Message> messages = co_await receive(app, queue, taken, stop);
    for (Message& message : messages) {
      asio::co_spawn(executor, handle_in_place(app, std::move(message), places), asio::detached);
    }
    for (std::size_t unused = messages.size(); unused < taken; ++unused) places->leave();
  }
  for (std::size_t i = 0; i < kMessagesUnderWayMax; ++i) co_await places->take();
}

// Issues them in order. The first that fails stops those behind it and is tried again until it succeeds. Messages are
// held meanwhile, however often they become visible: this loop is the queue's only receiver.
Task<void> issue_in_order(App& app, std::vector<Message> messages, const std::stop_token& stop) {
  bool one_by_one = false;
  for (int tries = 1; !messages.empty() && !stop.stop_requested(); ++tries) {
    std::vector<Message> batch = messages;
    if (one_by_one) batch.resize(1);
    const std::size_t issued = batch.size();
    const std::optional<Failure> failure = co_await try_issue(app, std::move(batch));
    if (!failure) {
      messages.erase(messages.begin(), messages.begin() + static_cast<std::ptrdiff_t>(issued));
      tries = 0;
      continue;
    }
    const bool names_the_culprit = messages.size() == 1 || one_by_one;
    if (!failure->passes_by_itself && !names_the_culprit) {
      one_by_one = true;  // so that what comes before the culprit is issued, and the alarm can name it
      continue;
    }
    if (!failure->passes_by_itself) raise_alarm(app, messages.front(), "invoices-stopped", *failure);
    co_await ports::sleep_unless_stopped(app.clock, retry_delay(tries), stop);
  }
}

Task<void> run_in_order(App& app, QueueName queue, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    auto messages = co_await receive(app, queue, kInvoicesPerCommit, stop);
    co_await issue_in_order(app, std::move(messages), stop);
  }
}

}  // namespace

// Buried are the faults that no waiting mends. What should not come from a worker at all may still be passing (an order
// that changes meanwhile, a bug mended by the next release), and ends as a dead letter in any case.
Remedy remedy_for(ErrorCode code) {
  switch (code) {
    case ErrorCode::kUnavailable:
    case ErrorCode::kContention:
    case ErrorCode::kInProgress:
    case ErrorCode::kRateLimited:
    case ErrorCode::kRefused:
    case ErrorCode::kNotFound:
    case ErrorCode::kInternal: return Remedy::kRetryLater;
    case ErrorCode::kBrokenInvariant:
    case ErrorCode::kInvalidRequest:
    case ErrorCode::kUnauthenticated:
    case ErrorCode::kForbidden:
    case ErrorCode::kMethodNotAllowed:
    case ErrorCode::kKeyReused:
    case ErrorCode::kTooLarge:
    case ErrorCode::kUnsupportedMediaType: return Remedy::kBury;
  }
  return Remedy::kRetryLater;
}

Duration retry_delay(int attempts) {
  constexpr int kDoublingsMax = 6;  // 64 s, cut to 60
  const std::int64_t seconds = std::int64_t{1} << std::clamp(attempts - 1, 0, kDoublingsMax);
  return std::chrono::seconds(std::min<std::int64_t>(seconds, 60));
}

Task<void> run_worker(App& app, QueueName queue, std::stop_token stop) {
  if (queue == QueueName::kInvoices) {
    co_await run_in_order(app, queue, stop);
  } else {
    co_await run_concurrently(app, queue, stop);
  }
}

Duration sweep_interval(Duration expire_after) {
  return std::clamp<Duration>(expire_after / 30, std::chrono::seconds(1), std::chrono::minutes(1));
}

Task<void> run_sweeper(App& app, std::stop_token stop, Duration interval) {
  Time next_whole_look{0};
  while (!stop.stop_requested()) {
    const Time now = app.clock.now();
    const bool is_whole = now >= next_whole_look;
    bool is_done = true;
    try {
      const auto look = is_whole ? ExpiryLook::kAll : ExpiryLook::kRecent;
      is_done = co_await expire_orders(app, kExpiredAtOnceMax, look) < kExpiredAtOnceMax;
      if (is_whole && is_done) next_whole_look = now + kWholeLookInterval;
    } catch (const std::exception&) {  // the next round meets the same orders
    }
    if (is_done) co_await ports::sleep_unless_stopped(app.clock, interval, stop);
  }
}

}  // namespace orderly::app
