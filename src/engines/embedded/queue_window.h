// The part of one queue that is in memory: the messages due first, up to a bound, and those in flight.
//
// Places are the bytes of the queue family's keys behind the queue's number (due, message id), so they sort as messages
// fall due. Everything on disk below the horizon is in memory, ready or in flight; what lies at or above it is on disk
// alone and comes with a refill. So nothing walks over what was removed, and a million delayed messages cost nothing
// but their place on disk.
//
// Pure: no disk, no thread, no clock. Not thread-safe.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace orderly::embedded {

class QueueWindow {
 public:
  // Starts empty with its horizon at the front. `messages_max` is at least 2.
  explicit QueueWindow(std::size_t messages_max);

  // A message that became durable now; ignored when it is at or above the horizon, or known.
  void add(std::string_view place, int attempts, std::string_view body);
  // A message that is no longer there: acknowledged, moved, buried.
  void remove(std::string_view place);

  // Whether so little is ready that messages should be read from the horizon on, how many, and from where.
  bool needs_refill() const { return !is_complete_ && ready_.size() < refill_below_; }
  std::size_t refill_size() const { return refill_size_; }
  const std::string& horizon() const { return horizon_; }
  // One of them; then where the next refill begins, or that there is nothing more on disk.
  void refill(std::string_view place, int attempts, std::string_view body);
  void set_horizon(std::string place) { horizon_ = std::move(place); }
  void set_complete() { is_complete_ = true; }

  struct Delivery {
    std::string place;
    std::string body;
    int attempts = 0;  // this one included
  };
  // The first ready one that is due, now in flight until `hidden_until`.
  std::optional<Delivery> take(Time now, Time hidden_until);
  // Those in flight whose time is over are ready again, their delivery counted as failed.
  void release_overdue(Time now);

  // When `take` will have something, as far as is known now: perhaps a moment that has passed.
  std::optional<Time> next_moment() const;
  bool has_due(Time now) const { return !ready_.empty() && due_of(ready_.begin()->first) <= now; }

  std::size_t size() const { return ready_.size() + in_flight_.size(); }
  bool is_complete() const { return is_complete_; }
  // Of those in memory, the ones that are not due yet.
  std::size_t count_delayed(Time now) const;
  // Of all that are not acknowledged.
  std::optional<Time> oldest_due() const;

  static Time due_of(std::string_view place);

 private:
  struct Ready {
    int attempts = 0;
    std::string body;
  };
  using Overdue = std::multimap<Time, std::string>;
  struct InFlight {
    int attempts = 0;
    std::string body;
    Overdue::iterator until;
  };

  void insert(std::string_view place, int attempts, std::string_view body);
  void evict();

  std::size_t messages_max_;
  std::size_t refill_below_;
  std::size_t refill_size_;
  std::map<std::string, Ready, std::less<>> ready_;
  std::size_t ready_bytes_ = 0;
  std::map<std::string, InFlight, std::less<>> in_flight_;
  Overdue overdue_;
  std::string horizon_;
  bool is_complete_ = false;  // the horizon is behind the last message
};

}  // namespace orderly::embedded
