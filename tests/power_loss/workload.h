// A run of commands against a store, and what a power cut may have left of it.
//
// Several clients work at once, so that commits share a sync: each writes records of its own with versions and index
// entries, adds to counters that all share, appends an event, sends messages to a queue of its own, acknowledges,
// repeats and buries messages it received, stores blobs, and now and then is refused.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "ports/blobs.h"
#include "ports/inspection.h"
#include "ports/queue.h"
#include "ports/store.h"

namespace orderly::power_loss {

// The ports of one engine; all must outlive the use of this.
struct System {
  ports::Store& store;
  ports::Queue& queue;
  ports::Blobs& blobs;
  ports::Inspectable& inspectable;
};

struct Command {
  enum class Kind { kCommit, kRefused, kBlob, kRetry, kBury };
  static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

  Kind kind = Kind::kCommit;
  ports::Commit commit;   // of kCommit and kRefused
  std::string blob_name;  // of kBlob
  ports::Blob blob;
  std::string message_id;  // of kRetry and kBury
  int attempts = 0;        // of kRetry: deliveries counted at least, once it is done

  // Where the journal of the disk was when the command was given and when its success was reported.
  std::uint64_t started_at = kNever;
  std::uint64_t acknowledged_at = kNever;
};

struct History {
  std::vector<Command> commands;
  std::vector<std::size_t> feed;  // the commands of the events, in the order of the feed
};

struct WorkloadSize {
  std::size_t clients = 4;
  std::size_t commands = 500;
};

// Gives the commands, waits for all of them, reads the feed. `position` is asked before and after each command.
// A command that fails ends its client's work; it stays unacknowledged. Same seed, same commands (not the same order
// between clients).
History run_workload(const System& system, std::uint64_t seed, WorkloadSize size,
                     const std::function<std::uint64_t()>& position);

// What a store holds of a history.
struct Survivors {
  std::vector<std::string> faults;  // what contradicts a power cut there, a sentence each; empty: all is well
  std::size_t commits = 0;          // present: the first so many of history.feed
  std::size_t lost = 0;             // begun before the cut, not acknowledged, absent: as it should be
  std::size_t blobs = 0;            // present
};

// Compares the store with the run, cut at `position` of the journal. What was acknowledged must be there, what was not
// begun must not, and what was on its way entirely or not at all.
Survivors check_survivors(const System& system, const History& history, std::uint64_t position);

// The run as the next cut of power must find it, after a cut at `position` and a recovery that showed `survivors`: what
// was seen to be there stays, what was not never comes. Positions are those of the recovered disk from now on.
History as_recovered(const History& history, std::uint64_t position, const System& system, const Survivors& survivors);

// One more commit on a recovered store, as the newest command of the run: it receives a message, acknowledges it and
// adds an event. Nothing, or why the store did not take it.
std::string go_on(const System& system, History& history, const std::function<std::uint64_t()>& position);

}  // namespace orderly::power_loss
