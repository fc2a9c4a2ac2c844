// The queues in memory, with the whole contract of ports/queue.h, and the commit's side of them. For one thread.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "ports/inspection.h"
#include "ports/queue.h"
#include "tests/fakes/virtual_clock.h"

namespace orderly::fakes {

class MemoryQueue final : public ports::Queue {
 public:
  explicit MemoryQueue(VirtualClock& clock) : clock_(clock) {}

  Task<std::vector<ports::Message>> receive(ports::QueueName queue, std::size_t max, Duration wait,
                                            std::stop_token stop = {}) override;
  Task<void> retry_later(const ports::Message& message, Duration delay, std::string reason) override;
  Task<void> bury(const ports::Message& message, std::string reason) override;
  Task<std::vector<ports::DeadLetter>> dead_letters(ports::QueueName queue, std::size_t max) override;
  Task<std::size_t> redrive(ports::QueueName queue, std::optional<std::string> message_id) override;
  Task<ports::QueueDepth> depth(ports::QueueName queue) override;

  // --- What a commit does ---
  void add(ports::OutgoingMessage message);
  bool holds(const ports::Receipt& receipt) const;
  void acknowledge(const ports::Receipt& receipt);

  // --- What tests do ---
  // Nobody receives anything while paused; what was received before goes on.
  void set_paused(bool paused);
  // How often each message is delivered before it is hidden: 2 gives it to two handlers at once.
  void set_copies(int copies) { copies_ = copies; }
  // As if a process had received everything that is due, and died.
  void deliver_to_nobody();
  // In any queue; the dead do not count.
  std::size_t messages() const;
  std::size_t dead() const;
  std::vector<ports::Inspection::StoredMessage> stored() const;

 private:
  struct Stored {
    ports::OutgoingMessage message;
    int attempts = 0;  // deliveries that failed or were lost
    Time visible_at;   // hidden before, once delivered
    bool in_flight = false;
    int copies_out = 0;  // of this delivery
    std::uint64_t order = 0;
  };
  struct Lane {
    std::map<std::string, Stored> live;  // by id
    std::vector<ports::DeadLetter> dead;
  };

  std::vector<ports::Message> take(ports::QueueName queue, std::size_t max);
  ports::Message deliver(Stored& stored);
  // When the next message falls due or comes back; nothing when there is none.
  std::optional<Time> next_change(ports::QueueName queue) const;
  void kill(ports::QueueName queue, const std::string& id, std::string reason, int attempts);

  VirtualClock& clock_;
  std::map<ports::QueueName, Lane> lanes_;
  std::uint64_t added_ = 0;
  int copies_ = 1;
  bool paused_ = false;
};

}  // namespace orderly::fakes
