// The store on one machine. Reads run on the caller's thread, straight on the database; commits are encoded there and
// then wait for the committer's thread.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "engines/embedded/commit_thread.h"
#include "engines/embedded/key_value.h"
#include "ports/clock.h"
#include "ports/store.h"

namespace orderly::embedded {

// Thread-safe. What it is given must outlive it.
class EmbeddedStore : public ports::Store {
 public:
  // Feed events returned at once, whatever the caller asks for.
  static constexpr std::size_t kFeedEventsMax = 1000;

  EmbeddedStore(const KeyValue& store, CommitThread& commits, ports::Clock& clock)
      : store_(store), commits_(commits), clock_(clock) {}

  Task<std::optional<ports::Record>> get(ports::Key key) override;
  Task<std::vector<std::optional<ports::Record>>> get_many(std::vector<ports::Key> keys) override;
  // A cursor is the bytes of the last key examined behind the direction's byte. A page has at most
  // limits::kPageRowsMax records. The records that an index lists are of the same moment as the index.
  Task<ports::Page> query(ports::Query query) override;
  Task<ports::CommitResult> commit(ports::Commit commit) override;
  Task<std::vector<ports::FeedEvent>> feed(std::uint64_t after, std::size_t limit) override;

  // Removes records that have expired, at most `max`; says how many. Through the committer, which looks again. Begins
  // where it ended before, so that it never steps over what it removed; a record that had expired when it was written
  // is left to the first sweep after the next start.
  Task<std::size_t> sweep_expired(std::size_t max);

 private:
  std::vector<std::string> expired_entries(std::size_t max);

  const KeyValue& store_;
  CommitThread& commits_;
  ports::Clock& clock_;
  std::mutex sweep_mutex_;
  std::string swept_until_;
};

}  // namespace orderly::embedded
