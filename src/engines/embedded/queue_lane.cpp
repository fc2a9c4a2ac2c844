#include "engines/embedded/queue_lane.h"

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "base/error.h"
#include "engines/embedded/encoding.h"

namespace orderly::embedded {

namespace asio = boost::asio;

// The signal and `is_over` are touched on the strand alone, where the coroutine runs too.
struct QueueLane::Alarm {
  Alarm(Time moment, const asio::any_io_executor& executor) : at(moment), strand(asio::make_strand(executor)) {}

  const Time at;
  asio::strand<asio::any_io_executor> strand;
  asio::cancellation_signal signal;
  bool is_over = false;
};

QueueLane::QueueLane(const KeyValueReader& store, ports::Clock& clock, Settings settings)
    : store_(store), clock_(clock), settings_(settings), window_(settings.window_max) {}

// Under the mutex from the moment of the walk to the new horizon: a message that the walk does not see becomes durable
// after it, so that `added` comes after it too and finds the new horizon.
void QueueLane::fill_window() {
  while (window_.needs_refill()) {
    const std::string prefix = queue_prefix(settings_.queue);
    const auto walk =
        store_.walk(Family::kQueue, prefix + window_.horizon(), queue_prefix_end(settings_.queue), Order::kAscending);
    std::string last;
    for (std::size_t count = 0; count < window_.refill_size() && walk->valid(); ++count, walk->next()) {
      const MessageValue message = parse_message_value(walk->value());
      last = walk->key().substr(prefix.size());
      window_.refill(last, message.attempts, message.body);
    }
    if (walk->valid()) {
      window_.set_horizon(last + kSeparator);
    } else {
      window_.set_complete();
    }
  }
}

std::optional<Time> QueueLane::next_moment() {
  try {
    if (!is_stopping_) fill_window();
  } catch (const Error&) {
    // The disk cannot be read; the receiver that tries next is told.
  }
  return window_.next_moment();
}

std::vector<QueueWindow::Delivery> QueueLane::take(std::size_t max) {
  const Time now = clock_.now();
  std::vector<QueueWindow::Delivery> deliveries;
  std::vector<ContinuationPtr> next;
  {
    const std::lock_guard lock(mutex_);
    window_.release_overdue(now);
    while (deliveries.size() < max) {
      fill_window();
      std::optional<QueueWindow::Delivery> delivery = window_.take(now, now + settings_.visibility_timeout);
      if (!delivery) break;
      deliveries.push_back(std::move(*delivery));
    }
    if (!deliveries.empty()) wake_one(now, next);  // there may be more than this receiver takes
  }
  resume_all(std::move(next));
  return deliveries;
}

void QueueLane::wait(Time deadline, std::stop_token stop, ContinuationPtr continuation) {
  std::vector<ContinuationPtr> ready;
  {
    const std::lock_guard lock(mutex_);
    const Time now = clock_.now();
    const std::optional<Time> next = next_moment();
    if (is_stopping_ || stop.stop_requested() || deadline <= now || (next && *next <= now)) {
      ready.push_back(std::move(continuation));
    } else {
      waiters_.push_back({deadline, std::move(stop), std::move(continuation)});
      set_alarm();
    }
  }
  resume_all(std::move(ready));
}

void QueueLane::wake_stopped() {
  std::vector<ContinuationPtr> ready;
  {
    const std::lock_guard lock(mutex_);
    take_out([](const Waiter& waiter) { return waiter.stop.stop_requested(); }, ready);
  }
  resume_all(std::move(ready));
}

template <class Condition>
void QueueLane::take_out(Condition condition, std::vector<ContinuationPtr>& ready) {
  std::erase_if(waiters_, [&](Waiter& waiter) {
    if (!condition(waiter)) return false;
    ready.push_back(std::move(waiter.continuation));
    return true;
  });
}

void QueueLane::added(std::string_view place, std::string_view value) {
  const MessageValue message = parse_message_value(value);
  const std::lock_guard lock(mutex_);
  window_.add(place, message.attempts, message.body);
}

void QueueLane::removed(std::string_view place) {
  const std::lock_guard lock(mutex_);
  window_.remove(place);
}

void QueueLane::wake(std::vector<ContinuationPtr>& ready) {
  const Time now = clock_.now();
  const std::lock_guard lock(mutex_);
  wake_one(now, ready);
  set_alarm();
}

// One is enough: the receiver who takes messages and leaves some wakes the next one.
void QueueLane::wake_one(Time now, std::vector<ContinuationPtr>& ready) {
  if (waiters_.empty()) return;
  const std::optional<Time> next = next_moment();
  if (!next || *next > now) return;
  ready.push_back(std::move(waiters_.front().continuation));
  waiters_.pop_front();
}

void QueueLane::set_alarm() {
  if (waiters_.empty()) return;
  Time at = std::ranges::min_element(waiters_, {}, &Waiter::deadline)->deadline;
  if (const std::optional<Time> next = next_moment(); next && *next < at) at = *next;
  if (alarm_ != nullptr && alarm_->at <= at) return;
  cancel_alarm();
  alarm_ = std::make_shared<Alarm>(at, waiters_.front().continuation->executor());
  asio::co_spawn(alarm_->strand, sound(weak_from_this(), clock_, alarm_),
                 asio::bind_cancellation_slot(alarm_->signal.slot(),
                                              [alarm = alarm_](const std::exception_ptr&) { alarm->is_over = true; }));
}

void QueueLane::cancel_alarm() {
  if (alarm_ == nullptr) return;
  asio::post(alarm_->strand, [alarm = alarm_] {
    if (!alarm->is_over) alarm->signal.emit(asio::cancellation_type::terminal);
  });
  alarm_ = nullptr;
}

Task<void> QueueLane::sound(std::weak_ptr<QueueLane> lane, ports::Clock& clock, std::shared_ptr<Alarm> alarm) {
  // Whoever set the alarm holds the mutex, and co_spawn may begin on its thread.
  co_await asio::post(alarm->strand, asio::use_awaitable);
  const Duration left = alarm->at - clock.now();
  if (left > Duration::zero()) co_await clock.sleep(left);
  if (const auto alive = lane.lock()) alive->alarm_went_off(alarm.get());
}

void QueueLane::alarm_went_off(const Alarm* alarm) {
  std::vector<ContinuationPtr> ready;
  {
    const std::lock_guard lock(mutex_);
    if (alarm_.get() != alarm) return;  // another one has taken its place
    alarm_ = nullptr;
    const Time now = clock_.now();
    take_out([&](const Waiter& waiter) { return waiter.deadline <= now; }, ready);
    if (ready.empty()) wake_one(now, ready);
    set_alarm();
  }
  resume_all(std::move(ready));
}

ports::QueueDepth QueueLane::depth(std::uint64_t live) {
  const Time now = clock_.now();
  const std::lock_guard lock(mutex_);
  fill_window();
  ports::QueueDepth depth;
  depth.messages = live;
  depth.delayed = window_.count_delayed(now);
  if (!window_.is_complete() && QueueWindow::due_of(window_.horizon()) > now && live > window_.size()) {
    depth.delayed += live - window_.size();
  }
  const std::optional<Time> oldest = window_.oldest_due();
  if (oldest && *oldest <= now) depth.oldest_due = oldest;
  return depth;
}

void QueueLane::stop() {
  std::vector<ContinuationPtr> ready;
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
    for (Waiter& waiter : waiters_) ready.push_back(std::move(waiter.continuation));
    waiters_.clear();
    cancel_alarm();
  }
  resume_all(std::move(ready));
}

bool QueueLane::is_stopping() const {
  const std::lock_guard lock(mutex_);
  return is_stopping_;
}

}  // namespace orderly::embedded
