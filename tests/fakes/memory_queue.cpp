#include "tests/fakes/memory_queue.h"

#include <algorithm>

#include "base/error.h"
#include "base/limits.h"
#include "tests/fakes/small_fakes.h"

namespace orderly::fakes {

using ports::DeadLetter;
using ports::Message;
using ports::QueueName;

Task<std::vector<Message>> MemoryQueue::receive(QueueName queue, std::size_t max, Duration wait, std::stop_token stop) {
  ORDERLY_ASSERT(max > 0);
  max = std::min(max, limits::kReceiveMax);
  co_await yield_once();
  const std::stop_callback wake(stop, [this] { clock_.wake(this); });
  const Time deadline = clock_.now() + wait;
  while (true) {
    std::vector<Message> messages = take(queue, max);
    if (!messages.empty() || stop.stop_requested() || clock_.now() >= deadline) co_return messages;
    Time until = deadline;
    if (const auto next = next_change(queue); next && !paused_) until = std::min(until, std::max(*next, clock_.now()));
    co_await clock_.sleep_unless_woken(until - clock_.now(), this);
  }
}

std::vector<Message> MemoryQueue::take(QueueName queue, std::size_t max) {
  std::vector<Message> messages;
  if (paused_) return messages;
  std::vector<Stored*> ready;
  for (auto& [id, stored] : lanes_[queue].live) {
    if (stored.message.due <= clock_.now() && stored.visible_at <= clock_.now()) ready.push_back(&stored);
  }
  std::ranges::sort(ready, {}, [](const Stored* s) { return std::pair(s->message.due, s->order); });
  for (Stored* stored : ready) {
    if (messages.size() == max) break;
    messages.push_back(deliver(*stored));
    while (stored->copies_out != 0 && messages.size() < max) messages.push_back(deliver(*stored));
  }
  return messages;
}

Message MemoryQueue::deliver(Stored& stored) {
  if (stored.in_flight && stored.copies_out == 0) ++stored.attempts;  // nobody ever answered for the one before
  stored.in_flight = true;
  if (++stored.copies_out >= copies_) {
    stored.copies_out = 0;
    stored.visible_at = clock_.now() + limits::kVisibilityTimeout;
  }
  const ports::OutgoingMessage& message = stored.message;
  return {{message.queue, message.id, message.due}, message.body, stored.attempts + 1};
}

std::optional<Time> MemoryQueue::next_change(QueueName queue) const {
  const auto lane = lanes_.find(queue);
  std::optional<Time> next;
  if (lane == lanes_.end()) return next;
  for (const auto& [id, stored] : lane->second.live) {
    const Time at = std::max(stored.message.due, stored.visible_at);
    if (!next || at < *next) next = at;
  }
  return next;
}

Task<void> MemoryQueue::retry_later(const Message& message, Duration delay, std::string reason) {
  const ports::Receipt receipt = message.receipt;
  const int attempts = message.attempts;
  co_await yield_once();
  auto& live = lanes_[receipt.queue].live;
  const auto found = live.find(receipt.message_id);
  if (found == live.end()) co_return;
  if (attempts >= limits::kDeliveriesMax) {
    kill(receipt.queue, receipt.message_id, std::move(reason), attempts);
    co_return;
  }
  Stored& stored = found->second;
  stored.attempts = std::max(stored.attempts, attempts);
  stored.message.due = clock_.now() + delay;
  stored.visible_at = stored.message.due;
  stored.in_flight = false;
  clock_.wake(this);
}

Task<void> MemoryQueue::bury(const Message& message, std::string reason) {
  const ports::Receipt receipt = message.receipt;
  const int attempts = message.attempts;
  co_await yield_once();
  if (lanes_[receipt.queue].live.contains(receipt.message_id)) {
    kill(receipt.queue, receipt.message_id, std::move(reason), attempts);
  }
}

void MemoryQueue::kill(QueueName queue, const std::string& id, std::string reason, int attempts) {
  Lane& lane = lanes_[queue];
  const auto found = lane.live.find(id);
  lane.dead.push_back({queue, id, found->second.message.body, std::move(reason), attempts, clock_.now()});
  lane.live.erase(found);
}

Task<std::vector<DeadLetter>> MemoryQueue::dead_letters(QueueName queue, std::size_t max) {
  co_await yield_once();
  std::vector<DeadLetter> dead = lanes_[queue].dead;
  if (dead.size() > max) dead.resize(max);
  co_return dead;
}

Task<std::size_t> MemoryQueue::redrive(QueueName queue, std::optional<std::string> message_id) {
  co_await yield_once();
  std::vector<DeadLetter>& dead = lanes_[queue].dead;
  std::vector<DeadLetter> chosen;
  std::erase_if(dead, [&](const DeadLetter& letter) {
    const bool is_chosen = !message_id || letter.message_id == *message_id;
    if (is_chosen) chosen.push_back(letter);
    return is_chosen;
  });
  for (DeadLetter& letter : chosen) add({queue, letter.message_id, std::move(letter.body), clock_.now()});
  co_return chosen.size();
}

Task<ports::QueueDepth> MemoryQueue::depth(QueueName queue) {
  co_await yield_once();
  ports::QueueDepth depth;
  depth.dead = lanes_[queue].dead.size();
  depth.messages = lanes_[queue].live.size();
  for (const auto& [id, stored] : lanes_[queue].live) {
    const Time due = stored.message.due;
    if (due > clock_.now()) {
      ++depth.delayed;
    } else if (!depth.oldest_due || due < *depth.oldest_due) {
      depth.oldest_due = due;
    }
  }
  co_return depth;
}

void MemoryQueue::add(ports::OutgoingMessage message) {
  Lane& lane = lanes_[message.queue];
  std::string id = message.id;
  Stored stored{std::move(message), 0, Time{}, false, 0, ++added_};
  const bool is_new = lane.live.emplace(std::move(id), std::move(stored)).second;
  if (!is_new) throw Error(ErrorCode::kInternal, "bad-commit", "A message was sent twice.");
  clock_.wake(this);
}

bool MemoryQueue::holds(const ports::Receipt& receipt) const {
  const auto lane = lanes_.find(receipt.queue);
  return lane != lanes_.end() && lane->second.live.contains(receipt.message_id);
}

void MemoryQueue::acknowledge(const ports::Receipt& receipt) { lanes_[receipt.queue].live.erase(receipt.message_id); }

void MemoryQueue::set_paused(bool paused) {
  paused_ = paused;
  if (!paused) clock_.wake(this);
}

void MemoryQueue::deliver_to_nobody() {
  const bool was_paused = std::exchange(paused_, false);
  for (const QueueName queue : ports::kAllQueues) take(queue, lanes_[queue].live.size());
  paused_ = was_paused;
}

std::size_t MemoryQueue::messages() const {
  std::size_t count = 0;
  for (const auto& [queue, lane] : lanes_) count += lane.live.size();
  return count;
}

std::size_t MemoryQueue::dead() const {
  std::size_t count = 0;
  for (const auto& [queue, lane] : lanes_) count += lane.dead.size();
  return count;
}

std::vector<ports::Inspection::StoredMessage> MemoryQueue::stored() const {
  std::vector<ports::Inspection::StoredMessage> messages;
  for (const auto& [queue, lane] : lanes_) {
    for (const auto& [id, stored] : lane.live) messages.push_back({stored.message, stored.attempts, false});
    for (const DeadLetter& letter : lane.dead) {
      messages.push_back({{queue, letter.message_id, letter.body, letter.died_at}, letter.attempts, true});
    }
  }
  return messages;
}

}  // namespace orderly::fakes
