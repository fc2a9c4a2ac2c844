// The engine's one thread: takes the commits that wait, makes them one group, and lets their callers go on once the
// group is durable. While one group is being synced the next one gathers, so that a sync carries as many commits as
// there are callers.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "engines/embedded/committer.h"
#include "engines/embedded/continuation.h"
#include "engines/embedded/engine.h"
#include "ports/clock.h"

namespace orderly::embedded {

// Thread-safe.
class CommitThread {
 public:
  struct Callbacks {
    // On the thread, after a group became durable and before anybody is told: what was committed, in order. Appends
    // continuations to be resumed together with the committers'.
    std::function<void(std::span<const PreparedCommit* const>, std::vector<ContinuationPtr>&)> on_durable;
    std::function<void(const GroupReport&)> on_group;
    std::function<void(std::string)> on_fatal;
  };

  // What is given must outlive this.
  CommitThread(Committer& committer, ports::Clock& clock, Callbacks callbacks);
  ~CommitThread();

  struct Answer {
    ports::CommitResult result;
    std::size_t swept = 0;  // by this commit's group
  };
  // `commit` must live until this returns. Throws Error(kUnavailable): "overloaded", "stopping", "store-full" (nothing
  // was done), "outcome-unknown" (the disk failed; the process is about to end).
  Task<Answer> run(const PreparedCommit& commit);

  // Refuses what comes from now on, finishes what came before, and joins the thread. May be called again.
  void stop();

  EngineStats stats() const;

 private:
  // Lives in the frame of the coroutine that waits for it.
  struct Submission {
    const PreparedCommit* commit = nullptr;
    ContinuationPtr continuation;
    Answer answer;
    std::optional<Error> error;
  };

  void submit(Submission& submission, ContinuationPtr continuation);
  void loop();
  std::vector<Submission*> wait_for_work();
  void run_group(std::span<Submission* const> waiting, std::size_t& taken);
  void decide(Submission& submission);
  bool make_durable(std::span<Submission* const> group);
  void answer(std::span<Submission* const> group, bool is_durable);

  Committer& committer_;
  ports::Clock& clock_;
  Callbacks callbacks_;

  std::mutex mutex_;
  std::condition_variable work_;
  std::vector<Submission*> pending_;
  std::size_t pending_bytes_ = 0;
  bool is_idle_ = false;
  bool is_stopping_ = false;

  // Of the thread alone.
  bool has_failed_ = false;

  std::atomic<std::uint64_t> commits_ = 0;
  std::atomic<std::uint64_t> conflicts_ = 0;
  std::atomic<std::uint64_t> failures_ = 0;
  std::atomic<std::uint64_t> groups_ = 0;
  std::atomic<std::uint64_t> waiting_ = 0;
  std::thread thread_;
};

}  // namespace orderly::embedded
