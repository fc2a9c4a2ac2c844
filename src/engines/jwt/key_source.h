// One issuer's keys, fetched from where its settings say and kept.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/time.h"
#include "engines/https/client.h"
#include "engines/jwt/key_set.h"
#include "ports/clock.h"
#include "ports/monitor.h"
#include "ports/task.h"

namespace orderly::jwt {

// Thread-safe.
class KeySource {
 public:
  // `http`, `clock` and `monitor` must outlive it. Throws Error(kInternal, "malformed-url") as https::parse_url() does,
  // and for plain http but to this machine: whoever is on the way could put in keys of their own.
  KeySource(const std::string& url, https::Http& http, ports::Clock& clock, ports::Monitor& monitor);
  KeySource(const KeySource&) = delete;
  KeySource& operator=(const KeySource&) = delete;

  // The set to look for `kid` in; it may not be there. Fetched when first needed, again once it is ten minutes old, and
  // when it has no such key, but then not within 30 seconds after the last fetch, so that made-up names cost an issuer
  // little. By one caller at a time: the others wait for it, but for those whose key is in a set less than a day old.
  //
  // While fetching fails, which is tried again after 30 seconds, the set at hand is given out until it is a day old:
  // an issuer that is down locks nobody out, and one that withdraws a key is obeyed at most ten minutes later unless it
  // cannot be reached. Throws Error(kUnavailable, "issuer-unavailable") when there is no set, and what a cancelled
  // operation throws; a fetch cancelled before there was a set is begun anew by the next caller.
  //
  // A fetch that fails raises the alarm "issuer-unavailable", at most one in ten minutes.
  Task<std::shared_ptr<const KeySet>> keys_for(std::string kid);

 private:
  // One question to the issuer, which several callers may wait for. Guarded by mutex_.
  struct Fetch {
    enum class State { kUnderWay, kOver, kAbandoned };
    State state = State::kUnderWay;
  };
  // Ends the fetch even when the coroutine that makes it is destroyed with its executor: others then take over.
  class Turn;
  struct Choice {
    std::shared_ptr<const KeySet> keys = {};  // good for the caller
    std::shared_ptr<Fetch> fetch = {};        // otherwise: to make, or to wait for
    bool is_mine = false;
  };

  Choice choose(const std::string& kid);
  Task<void> make(std::shared_ptr<Fetch> fetch);
  Task<void> wait(std::shared_ptr<Fetch> fetch);
  Task<std::shared_ptr<const KeySet>> fetch_keys();
  std::shared_ptr<const KeySet> take();  // the ones at hand
  bool are_younger_than(Duration age) const;
  bool alarm_is_due();

  const https::Url url_;
  https::Http& http_;
  ports::Clock& clock_;
  ports::Monitor& monitor_;

  std::mutex mutex_;  // never held while a coroutine waits
  std::shared_ptr<const KeySet> held_;
  Time fetched_at_;
  Time next_fetch_;               // not before
  Time next_alarm_;               // not before
  std::string failure_;           // why the last fetch failed
  std::shared_ptr<Fetch> fetch_;  // under way
};

}  // namespace orderly::jwt
