#include "engines/embedded/queue_window.h"

#include <algorithm>

#include "base/error.h"
#include "base/limits.h"
#include "engines/embedded/encoding.h"

namespace orderly::embedded {
namespace {

constexpr std::size_t kReadyBytesMax = std::size_t{16} << 20;
constexpr std::size_t kRefillSize = 512;

}  // namespace

QueueWindow::QueueWindow(std::size_t messages_max)
    : messages_max_(messages_max),
      refill_below_(std::clamp<std::size_t>(messages_max / 4, 1, limits::kReceiveMax)),
      refill_size_(std::clamp<std::size_t>(messages_max / 2, 1, kRefillSize)) {
  ORDERLY_ASSERT(messages_max >= 2);
}

Time QueueWindow::due_of(std::string_view place) { return Reader(place).moment(); }

void QueueWindow::add(std::string_view place, int attempts, std::string_view body) {
  if (!is_complete_ && place >= horizon_) return;
  insert(place, attempts, body);
  while (ready_.size() > messages_max_ || (ready_bytes_ > kReadyBytesMax && ready_.size() > 1)) evict();
}

void QueueWindow::refill(std::string_view place, int attempts, std::string_view body) { insert(place, attempts, body); }

void QueueWindow::insert(std::string_view place, int attempts, std::string_view body) {
  if (in_flight_.contains(place)) return;
  if (ready_.try_emplace(std::string(place), attempts, std::string(body)).second) ready_bytes_ += body.size();
}

// Forgets the ready message that is due last; it stays on disk, at the new horizon.
void QueueWindow::evict() {
  auto last = std::prev(ready_.end());
  ready_bytes_ -= last->second.body.size();
  if (is_complete_ || last->first < horizon_) horizon_ = last->first;
  is_complete_ = false;
  ready_.erase(last);
}

void QueueWindow::remove(std::string_view place) {
  if (const auto found = in_flight_.find(place); found != in_flight_.end()) {
    overdue_.erase(found->second.until);
    in_flight_.erase(found);
  } else if (const auto waiting = ready_.find(place); waiting != ready_.end()) {
    ready_bytes_ -= waiting->second.body.size();
    ready_.erase(waiting);
  }
}

std::optional<QueueWindow::Delivery> QueueWindow::take(Time now, Time hidden_until) {
  if (!has_due(now)) return std::nullopt;
  auto node = ready_.extract(ready_.begin());
  ready_bytes_ -= node.mapped().body.size();
  Delivery delivery{node.key(), node.mapped().body, node.mapped().attempts + 1};
  const auto until = overdue_.emplace(hidden_until, node.key());
  in_flight_.emplace(std::move(node.key()), InFlight{delivery.attempts, std::move(node.mapped().body), until});
  return delivery;
}

void QueueWindow::release_overdue(Time now) {
  while (!overdue_.empty() && overdue_.begin()->first <= now) {
    auto node = in_flight_.extract(overdue_.begin()->second);
    overdue_.erase(overdue_.begin());
    ready_bytes_ += node.mapped().body.size();
    ready_.emplace(std::move(node.key()), Ready{node.mapped().attempts, std::move(node.mapped().body)});
  }
}

std::optional<Time> QueueWindow::next_moment() const {
  std::optional<Time> next;
  if (!ready_.empty()) next = due_of(ready_.begin()->first);
  if (!overdue_.empty() && (!next || overdue_.begin()->first < *next)) next = overdue_.begin()->first;
  return next;
}

std::size_t QueueWindow::count_delayed(Time now) const {
  std::string first_later;
  append_moment(first_later, now + Duration{1});
  const auto count = [&first_later](const auto& places) {
    return static_cast<std::size_t>(std::distance(places.lower_bound(first_later), places.end()));
  };
  return count(ready_) + count(in_flight_);
}

std::optional<Time> QueueWindow::oldest_due() const {
  std::optional<Time> oldest;
  if (!ready_.empty()) oldest = due_of(ready_.begin()->first);
  if (!in_flight_.empty()) {
    const Time due = due_of(in_flight_.begin()->first);
    if (!oldest || due < *oldest) oldest = due;
  }
  return oldest;
}

}  // namespace orderly::embedded
