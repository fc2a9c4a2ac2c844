// The store's feed of events, of whatever kind of object.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "domain/event.h"
#include "ports/store.h"

namespace orderly::app {

// Throws Error(kBrokenInvariant), naming the event, when it does not read.
domain::EventHead head_of(const ports::FeedEvent& event);

// The sequence of the last event before that moment, 0 without one. Found by halving, since the feed can be asked only
// what comes after a place: some forty reads for a million events, and what is added meanwhile does no harm. Where
// events stand a little out of the order of their times, as those of two processes may, one of the places that fit.
Task<std::uint64_t> last_before(ports::Store& store, Time moment);

}  // namespace orderly::app
