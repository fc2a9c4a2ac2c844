// The queue on one machine: messages are entries of the same database as the records, written in the same batch as the
// commit that sends them. Who receives is served from memory (queue_lane.h); what must be durable (a retry, a burial, a
// redrive) goes through the committer like everything else.
//
// A delivery that is lost with the process is not counted; one whose visibility timeout passes is. A message that has
// used up its deliveries that way is buried when it would be delivered once more.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "engines/embedded/commit_thread.h"
#include "engines/embedded/continuation.h"
#include "engines/embedded/key_value.h"
#include "engines/embedded/queue_lane.h"
#include "ports/queue.h"

namespace orderly::embedded {

// Thread-safe.
class EmbeddedQueue : public ports::Queue {
 public:
  EmbeddedQueue(const KeyValueReader& store, CommitThread& commits, ports::Clock& clock, const EmbeddedOptions& options,
                const QueueCounts& counts);

  Task<std::vector<ports::Message>> receive(ports::QueueName queue, std::size_t max, Duration wait,
                                            std::stop_token stop) override;
  Task<void> retry_later(const ports::Message& message, Duration delay, std::string reason) override;
  Task<void> bury(const ports::Message& message, std::string reason) override;
  Task<std::vector<ports::DeadLetter>> dead_letters(ports::QueueName queue, std::size_t max) override;
  Task<std::size_t> redrive(ports::QueueName queue, std::optional<std::string> message_id) override;
  // `delayed` counts what is on disk beyond the window as delayed or not, all or none.
  Task<ports::QueueDepth> depth(ports::QueueName queue) override;

  // On the committer's thread: what became durable, and how many messages there are since. Appends who may go on.
  void on_durable(std::span<const PreparedCommit* const> committed, const QueueCounts& counts,
                  std::vector<ContinuationPtr>& ready);

  void stop();

 private:
  QueueLane& lane(ports::QueueName queue) { return *lanes_[static_cast<std::size_t>(queue)]; }
  Task<void> move_to_dead_letters(ports::Receipt receipt, int attempts, std::string reason, std::string body);
  std::vector<std::string> dead_letter_keys(ports::QueueName queue, const std::optional<std::string>& message_id);
  Task<bool> redrive_one(ports::QueueName queue, std::string dead_key);

  const KeyValueReader& store_;
  CommitThread& commits_;
  ports::Clock& clock_;
  std::array<std::shared_ptr<QueueLane>, QueueCounts::kQueues> lanes_;  // by the number of the queue
  std::mutex counts_mutex_;
  QueueCounts counts_;
};

}  // namespace orderly::embedded
