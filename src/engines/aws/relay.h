// From events to queues and the feed: the messages that an event carries are sent, then the event is listed. What reads
// the table's stream is stream_reader.h; a Lambda function on the stream would do as well.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "engines/aws/feed_pages.h"
#include "engines/aws/sender.h"

namespace orderly::aws {

struct RelayedEvent {
  ports::Key key;
  std::string committed;   // _fs: when, and its number in its commit
  bool is_listed = true;   // an event; false: an ~OUT record, which only carries messages
  bool is_broken = false;  // its messages cannot be read, and are lost
  std::vector<ports::OutgoingMessage> messages;
};

// An item of the table as relayed; nothing for all that is neither an event nor an ~OUT record. Never throws.
std::optional<RelayedEvent> parse_relayed(const Item& image);

struct RelayBatch {
  std::vector<RelayedEvent> events;
  // Of the stream: how far it has been read with these events. Empty where they come from elsewhere.
  Checkpoints shards;
  Time reached;
  std::set<std::string> gone;
};

// Streams may show the events of one commit in any order: those of one partition are put in that of their commit.
void restore_commit_order(std::vector<RelayedEvent>& events);

// Thread-safe.
class Relay {
 public:
  Relay(FeedPages& pages, Sender& sender, RelayCounters& counters)
      : pages_(pages), sender_(sender), counters_(counters) {}

  // Returns when all messages are sent and all events listed; how many events and ~OUT records were new. Those relayed
  // before are left out. Safe to repeat after an Error(kUnavailable): some messages may then be sent twice, no event is
  // listed twice.
  Task<std::size_t> relay_batch(RelayBatch batch);

 private:
  FeedPages& pages_;
  Sender& sender_;
  RelayCounters& counters_;
};

}  // namespace orderly::aws
