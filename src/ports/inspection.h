// Everything that a store holds, for `orderly check`, exports and the judge: never on a request's path.
#pragma once

#include <functional>
#include <memory>

#include "ports/blobs.h"
#include "ports/queue.h"
#include "ports/store.h"

namespace orderly::ports {

// A consistent picture of one moment. Callbacks run on the calling thread, in key order; a callback that returns false
// ends the walk. Blocking: call it from the offload pool or a command-line tool.
class Inspection {
 public:
  virtual ~Inspection() = default;

  struct StoredRecord {
    Record record;  // expired ones that are not removed yet included
    std::vector<IndexEntry> indexes;
    bool is_counter = false;
  };
  struct StoredIndexEntry {
    IndexEntry entry;
    Key record;
  };
  struct StoredMessage {
    OutgoingMessage message;
    int attempts = 0;
    bool dead = false;
  };

  // What the engine keeps beyond the contracts of store and feed.
  struct Promises {
    bool documents_keep_their_bytes = true;  // else they come back with their members in another order
    bool feed_has_no_gaps = true;            // sequences are 1, 2, 3, …; else they only grow
  };
  virtual Promises promises() const { return {}; }

  virtual void records(const std::function<bool(const StoredRecord&)>& visit) = 0;
  virtual void index_entries(const std::function<bool(const StoredIndexEntry&)>& visit) = 0;
  virtual void messages(const std::function<bool(const StoredMessage&)>& visit) = 0;
  virtual void feed(const std::function<bool(const FeedEvent&)>& visit) = 0;
  // By key, nothing when absent; for looking up what a walk refers to.
  virtual std::optional<StoredRecord> record(const Key& key) = 0;
  // The blob of that name as stored, checksums not trusted.
  virtual std::optional<Blob> blob(const std::string& name) = 0;
};

class Inspectable {
 public:
  virtual ~Inspectable() = default;
  virtual std::unique_ptr<Inspection> inspect() = 0;
};

}  // namespace orderly::ports
