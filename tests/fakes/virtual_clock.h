// Time that passes only when nothing else is left to do, so that a day's waiting takes no time and always the same
// course. For one thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "ports/clock.h"

namespace orderly::fakes {

class VirtualClock final : public ports::Clock {
 public:
  explicit VirtualClock(Time start) : now_(start) {}

  Time now() const override { return now_; }
  Task<void> sleep(Duration duration) override;

  // As sleep, but wake(tag) ends it early.
  Task<void> sleep_unless_woken(Duration duration, const void* tag);
  void wake(const void* tag);

  // Moves time to the next sleeper and resumes everyone whose time has come. False, and no time has passed, when nobody
  // sleeps or the next wakes after `limit`.
  bool jump_to_next(Time limit);
  // Without waking anybody; never back.
  void set(Time now);

 private:
  // A suspended coroutine, of whatever type its handler is.
  class Sleeper {
   public:
    virtual ~Sleeper() = default;
    virtual void resume() = 0;
    const void* tag = nullptr;
  };
  template <class Handler>
  class SleeperWith;
  // In order of waking; those of one moment in the order in which they fell asleep.
  using Place = std::pair<Time, std::uint64_t>;

  Time now_;
  std::uint64_t sleeps_ = 0;
  std::map<Place, std::unique_ptr<Sleeper>> sleepers_;
};

}  // namespace orderly::fakes
