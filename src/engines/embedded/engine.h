// The embedded engine: store, queue and files of one machine, in one data folder, over RocksDB. The one header that
// host needs.
//
// One process at a time has a data folder; one committer thread, owned by the engine, makes everything that is written
// durable, many commits with one sync. Reads run on the caller's thread and see only what is durable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/limits.h"
#include "base/time.h"
#include "ports/blobs.h"
#include "ports/clock.h"
#include "ports/erasures.h"
#include "ports/inspection.h"
#include "ports/queue.h"
#include "ports/store.h"

namespace rocksdb {
class Env;
}

namespace orderly::embedded {

// One synced write, as the committer thread saw it.
struct GroupReport {
  std::size_t commits = 0;  // that it decided on, refused ones included
  std::size_t committed = 0;
  std::size_t bytes = 0;  // of the batch
};

struct EmbeddedOptions {
  std::string folder;         // made when it is not there
  std::string erasures_file;  // empty: beside the folder, with .erasures behind its name
  std::size_t cache_bytes = std::size_t{64} << 20;
  ports::Clock* clock = nullptr;  // must outlive the engine

  // The disk has failed in a way after which nothing more can be promised (a failed sync, a write error other than a
  // full disk). Called at most once, on the committer's thread; the host logs it and ends the process. From then on
  // every commit is refused.
  std::function<void(std::string)> on_fatal;
  // After each group, on the committer's thread; for metrics. Must be quick.
  std::function<void(const GroupReport&)> on_group;

  // For tests: another file system (not owned), a shorter timeout, a smaller window.
  rocksdb::Env* env = nullptr;
  Duration visibility_timeout = limits::kVisibilityTimeout;
  std::size_t queue_window_max = 50'000;  // messages of one queue kept in memory
};

// Since the engine was opened.
struct EngineStats {
  std::uint64_t commits = 0;    // that became durable
  std::uint64_t conflicts = 0;  // refused by a condition, a floor, or because their message was acknowledged before
  std::uint64_t failures = 0;   // answered with an Error
  std::uint64_t groups = 0;     // synced writes
  std::uint64_t pending = 0;    // waiting for the committer now
};

// Thread-safe.
class EmbeddedEngine {
 public:
  // Throws Error(kUnavailable, "data-folder-in-use") when another process has the folder, "data-folder-unusable" when
  // it cannot be made or read.
  static std::unique_ptr<EmbeddedEngine> open(EmbeddedOptions options);

  virtual ~EmbeddedEngine() = default;  // stops

  virtual ports::Store& store() = 0;
  virtual ports::Queue& queue() = 0;
  virtual ports::Blobs& blobs() = 0;
  virtual ports::Erasures& erasures() = 0;
  virtual ports::Inspectable& inspectable() = 0;

  // Rewrites all files, so that nothing is left in them of what was removed or replaced. Blocking, and as long as it
  // takes; reads and commits go on. Throws Error(kUnavailable).
  virtual void compact() = 0;

  // Removes at most `max` records whose time is over, and says how many it removed. Called now and then from a worker's
  // loop; it costs nothing when nothing has expired.
  virtual Task<std::size_t> sweep_expired(std::size_t max) = 0;

  virtual EngineStats stats() const = 0;

  // Ends all waits for messages with nothing, refuses new commits with Error(kUnavailable, "stopping"), makes durable
  // what was handed in before, and ends the committer's thread. Must be called before the executors are destroyed on
  // which anybody waited for a commit or a message. Reads go on. May be called again.
  virtual void stop() = 0;
};

}  // namespace orderly::embedded
