// A run of commands against a store, and what a power cut may have left of it.
//
// Several clients work at once, so that commits share a sync: each writes records of its own with versions and index
// entries, adds to counters that all share, appends an event, sends messages to a queue of its own, acknowledges,
// repeats and buries messages it received, stores blobs, and now and then is refused.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "ports/blobs.h"
#include "ports/inspection.h"
#include "ports/queue.h"
#include "ports/store.h"

namespace orderly::power_loss {

// The ports of one engine, and the executor of those who call them, which must outlive the engine: the engine's thread
// may still be leaving it when the last of them has its answer.
struct System {
  boost::asio::io_context& context;
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

// The commands of a few clients. Same seed, same commands; how those of different clients interleave may differ.
class Workload {
 public:
  // `position` is asked before and after each command.
  Workload(std::uint64_t seed, std::size_t clients, std::function<std::uint64_t()> position);
  ~Workload();

  // Gives the next commands and waits for all of them. May be called again, with a reopened store. A command that
  // throws an Error stays unacknowledged, and its client rests until the next call.
  void run(const System& system, std::size_t commands);

  // All so far; the feed is read from the store.
  History history(const System& system) const;

 private:
  class Client;

  std::function<std::uint64_t()> position_;
  std::vector<Command> commands_;
  std::vector<std::unique_ptr<Client>> clients_;
};

// What a store holds of a history after a power cut.
struct Survivors {
  std::vector<std::string> faults;  // what contradicts a power cut there, a sentence each; empty: all is well
  std::size_t commits = 0;          // present: the first so many of history.feed
  std::size_t lost = 0;             // begun before the cut, not acknowledged, absent: as it should be
  std::size_t blobs = 0;            // present
};

// Compares the store with the history, cut at `position` of the journal. What was acknowledged must be there, what was
// not begun must not, and what was on its way entirely or not at all.
Survivors check_survivors(const System& system, const History& history, std::uint64_t position);

// The history as the next cut of power must find it, after a cut at `position` and a recovery that showed `survivors`:
// what was seen to be there stays, what was not never comes. Positions are those of the recovered disk from now on.
History as_recovered(const History& history, std::uint64_t position, const System& system, const Survivors& survivors);

// Gives one more commit, as the newest command of the history: it receives a message, acknowledges it and adds an
// event. Nothing when it was committed. An Error is returned; where that says that nothing was done, the history holds
// the store to it.
std::optional<Error> commit_one_more(const System& system, History& history,
                                     const std::function<std::uint64_t()>& position);

}  // namespace orderly::power_loss
