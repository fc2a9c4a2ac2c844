#include "engines/embedded/queue.h"

#include <algorithm>

#include "base/limits.h"
#include "engines/embedded/encoding.h"

namespace orderly::embedded {
namespace {

constexpr std::size_t kMessageIdAt = 8;  // in a place, behind its moment

ports::Receipt receipt_of(ports::QueueName queue, const std::string& place) {
  return {queue, place.substr(kMessageIdAt), QueueWindow::due_of(place)};
}

std::string message_key(const ports::Receipt& receipt) {
  std::string key;
  append_message_key(key, receipt.queue, receipt.due, receipt.message_id);
  return key;
}

}  // namespace

EmbeddedQueue::EmbeddedQueue(const KeyValueReader& store, CommitThread& commits, ports::Clock& clock,
                             const EmbeddedOptions& options, const QueueCounts& counts)
    : store_(store), commits_(commits), clock_(clock), counts_(counts) {
  for (const ports::QueueName queue : ports::kAllQueues) {
    lanes_[static_cast<std::size_t>(queue)] = std::make_shared<QueueLane>(
        store, clock, QueueLane::Settings{queue, options.visibility_timeout, options.queue_window_max});
  }
}

Task<std::vector<ports::Message>> EmbeddedQueue::receive(ports::QueueName queue, std::size_t max, Duration wait,
                                                         std::stop_token stop) {
  QueueLane& from = lane(queue);
  const std::stop_callback wake(stop, [&from] { from.wake_stopped(); });
  const Time deadline = clock_.now() + wait;
  max = std::min(max, limits::kReceiveMax);
  std::vector<ports::Message> messages;
  while (!from.is_stopping()) {
    for (QueueWindow::Delivery& delivery : from.take(max)) {
      ports::Receipt receipt = receipt_of(queue, delivery.place);
      if (delivery.attempts > limits::kDeliveriesMax) {
        co_await move_to_dead_letters(std::move(receipt), delivery.attempts - 1, "visibility-timeout",
                                      std::move(delivery.body));
      } else {
        messages.push_back({std::move(receipt), std::move(delivery.body), delivery.attempts});
      }
    }
    if (!messages.empty() || stop.stop_requested() || clock_.now() >= deadline) break;
    co_await suspend([&](ContinuationPtr continuation) { from.wait(deadline, stop, std::move(continuation)); });
  }
  co_return messages;
}

Task<void> EmbeddedQueue::retry_later(const ports::Message& message, Duration delay, std::string reason) {
  if (message.attempts >= limits::kDeliveriesMax) {
    co_await move_to_dead_letters(message.receipt, message.attempts, std::move(reason), message.body);
    co_return;
  }
  // Later than before in any case, so that an old receipt does not fit the new place.
  const Time earliest = message.receipt.due + Duration{1};
  ports::Receipt next = message.receipt;
  next.due = std::max(clock_.now() + std::max(delay, Duration::zero()), earliest);

  const std::string old_key = message_key(message.receipt);
  const std::string new_key = message_key(next);
  std::string value;
  append_message_value(value, message.attempts, message.body);
  PreparedCommit change(old_key.size() + new_key.size() + value.size());
  change.take(Family::kQueue, old_key);
  change.put(Family::kQueue, new_key, value);
  co_await commits_.run(change);  // kAcknowledged: nothing is left to do
}

Task<void> EmbeddedQueue::bury(const ports::Message& message, std::string reason) {
  co_await move_to_dead_letters(message.receipt, message.attempts, std::move(reason), message.body);
}

Task<void> EmbeddedQueue::move_to_dead_letters(ports::Receipt receipt, int attempts, std::string reason,
                                               std::string body) {
  const std::string key = message_key(receipt);
  std::string dead_key;
  append_message_key(dead_key, receipt.queue, clock_.now(), receipt.message_id);
  std::string value;
  append_dead_letter_value(value, attempts, reason, body);
  PreparedCommit change(key.size() + dead_key.size() + value.size());
  change.take(Family::kQueue, key);
  change.put(Family::kDeadLetters, dead_key, value);
  co_await commits_.run(change);
}

Task<std::vector<ports::DeadLetter>> EmbeddedQueue::dead_letters(ports::QueueName queue, std::size_t max) {
  std::vector<ports::DeadLetter> letters;
  const auto walk = store_.walk(Family::kDeadLetters, queue_prefix(queue), queue_prefix_end(queue), Order::kAscending);
  for (; walk->valid() && letters.size() < max; walk->next()) {
    const MessageKey key = parse_message_key(walk->key());
    const DeadLetterValue value = parse_dead_letter_value(walk->value());
    letters.push_back({queue, std::string(key.message_id), std::string(value.body), std::string(value.reason),
                       value.attempts, key.moment});
  }
  co_return letters;
}

std::vector<std::string> EmbeddedQueue::dead_letter_keys(ports::QueueName queue,
                                                         const std::optional<std::string>& message_id) {
  std::vector<std::string> keys;
  const auto walk = store_.walk(Family::kDeadLetters, queue_prefix(queue), queue_prefix_end(queue), Order::kAscending);
  for (; walk->valid(); walk->next()) {
    if (!message_id || parse_message_key(walk->key()).message_id == *message_id) keys.emplace_back(walk->key());
  }
  return keys;
}

Task<std::size_t> EmbeddedQueue::redrive(ports::QueueName queue, std::optional<std::string> message_id) {
  std::size_t count = 0;
  for (std::string& key : dead_letter_keys(queue, message_id)) {
    if (co_await redrive_one(queue, std::move(key))) ++count;
  }
  co_return count;
}

Task<bool> EmbeddedQueue::redrive_one(ports::QueueName queue, std::string dead_key) {
  std::string dead_value;
  if (!store_.get(Family::kDeadLetters, dead_key, dead_value)) co_return false;
  const std::string key = message_key({queue, std::string(parse_message_key(dead_key).message_id), clock_.now()});
  std::string value;
  append_message_value(value, 0, parse_dead_letter_value(dead_value).body);
  PreparedCommit change(dead_key.size() + key.size() + value.size());
  change.take(Family::kDeadLetters, dead_key);
  change.put(Family::kQueue, key, value);
  const CommitThread::Answer answer = co_await commits_.run(change);
  co_return answer.result.committed();
}

Task<ports::QueueDepth> EmbeddedQueue::depth(ports::QueueName queue) {
  const std::size_t number = static_cast<std::size_t>(queue);
  std::uint64_t live = 0;
  std::uint64_t dead = 0;
  {
    const std::lock_guard lock(counts_mutex_);
    live = counts_.live[number];
    dead = counts_.dead[number];
  }
  ports::QueueDepth depth = lane(queue).depth(live);
  depth.dead = dead;
  co_return depth;
}

void EmbeddedQueue::on_durable(std::span<const PreparedCommit* const> committed, const QueueCounts& counts,
                               std::vector<ContinuationPtr>& ready) {
  {
    const std::lock_guard lock(counts_mutex_);
    counts_ = counts;
  }
  std::array<bool, QueueCounts::kQueues> has_more{};
  for (const PreparedCommit* commit : committed) {
    for (const RawWrite& write : commit->raw_writes()) {
      if (write.family != Family::kQueue) continue;
      const auto number = static_cast<unsigned char>(write.key.front());
      const std::string_view place = write.key.substr(1);
      if (write.kind == RawWrite::Kind::kTake) {
        lanes_[number]->removed(place);
      } else {
        lanes_[number]->added(place, write.value);
        has_more[number] = true;
      }
    }
  }
  for (std::size_t number = 0; number < lanes_.size(); ++number) {
    if (has_more[number]) lanes_[number]->wake(ready);
  }
}

void EmbeddedQueue::stop() {
  for (const std::shared_ptr<QueueLane>& each : lanes_) {
    if (each != nullptr) each->stop();
  }
}

}  // namespace orderly::embedded
