// One queue's window with those who wait for its messages.
//
// A receiver that finds nothing leaves its continuation here and is resumed exactly once: by a message that falls due
// (the committer's thread tells), by the alarm, or by stop(). Whoever takes the continuation out of the list, under the
// mutex, resumes it. The alarm is one sleeping coroutine a lane, set for the earliest moment at which any waiter has a
// reason to wake: a delayed message falls due, one in flight comes back, a wait ends. It is replaced, and the old one
// cancelled, only when an earlier moment is needed. It holds the lane weakly, so one that outlives the engine finds
// nothing.
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/strand.hpp>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "engines/embedded/continuation.h"
#include "engines/embedded/key_value.h"
#include "engines/embedded/queue_window.h"
#include "ports/clock.h"
#include "ports/queue.h"

namespace orderly::embedded {

// Thread-safe.
class QueueLane : public std::enable_shared_from_this<QueueLane> {
 public:
  struct Settings {
    ports::QueueName queue = ports::QueueName::kPayments;
    Duration visibility_timeout{};
    std::size_t window_max = 0;
  };
  // `store` must outlive the call of `stop`, after which nobody may call `take` or `depth`; `clock` the alarm.
  QueueLane(const KeyValueReader& store, ports::Clock& clock, Settings settings);

  // At most `max` that are due, each hidden from now on for the visibility timeout.
  std::vector<QueueWindow::Delivery> take(std::size_t max);

  // Resumes `continuation` when it is worth trying `take` again, at the deadline, or in wake_stopped() after `stop`.
  void wait(Time deadline, std::stop_token stop, ContinuationPtr continuation);
  void wake_stopped();

  // From the committer's thread, in the order of the commits, after they became durable.
  void added(std::string_view place, std::string_view value);
  void removed(std::string_view place);
  // After a group's last `added` or `removed`: takes out a waiter who has something to do now.
  void wake(std::vector<ContinuationPtr>& ready);

  // Of the messages that are not acknowledged, `live` in number.
  ports::QueueDepth depth(std::uint64_t live);

  // All waits end, now and later.
  void stop();
  bool is_stopping() const;

 private:
  struct Waiter {
    Time deadline;
    std::stop_token stop;
    ContinuationPtr continuation;
  };
  struct Alarm;

  // With mutex_ held.
  template <class Condition>
  void take_out(Condition condition, std::vector<ContinuationPtr>& ready);
  void fill_window();
  std::optional<Time> next_moment();
  void wake_one(Time now, std::vector<ContinuationPtr>& ready);
  void set_alarm();
  void cancel_alarm();

  void alarm_went_off(const Alarm* alarm);
  static Task<void> sound(std::weak_ptr<QueueLane> lane, ports::Clock& clock, std::shared_ptr<Alarm> alarm);

  const KeyValueReader& store_;
  ports::Clock& clock_;
  const Settings settings_;
  mutable std::mutex mutex_;
  QueueWindow window_;
  std::list<Waiter> waiters_;  // those who came first in front
  std::shared_ptr<Alarm> alarm_;
  bool is_stopping_ = false;
};

}  // namespace orderly::embedded
